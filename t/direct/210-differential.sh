#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel with the series: thousands of random calls against it and against
# a model of the interface, compared after every step; in family A as well
# where the test kernel can speak it. A difference names its seed and step,
# and "differential -v -s SEED" shows the way there. The last seed is a new
# one each time.

. "${0%/*}/../lib.sh"

needs_feature

machine() {
	one_boot --drives 3,16M \
		--file "$build/t/differential/differential:/t/differential" \
		--append "nvme.poll_queues=1 $1"
}

if [ "${DMABUF_IN_MACHINE:-0}" = 0 ]; then
	[ -x "$build/t/differential/differential" ] ||
		bail "t/differential/differential: not built; run make"
	boot_limit=120
	machine ""
	if [ "$kernel" = test ] || is_test_kernel "$kernel"; then
		label="family A: "
		machine dmabuf_test.family_a=1
	fi
	finish
fi

# The model and the kernel agree on everything there is to see, and every
# kind of call and of error was among it.
seeds="-n 2000 -s 1 -s 2 -s 0"
[ -z "$label" ] || seeds="-n 3000 -s 3"
# shellcheck disable=SC2086 # several words
/t/differential $seeds /dev/nvme0n1 /dev/nvme1n1 /dev/nvme2n1 \
	>"$scratch/log" 2>&1
status=$?
diagnose <"$scratch/log"
result $status "the kernel does what the model does"
finish
