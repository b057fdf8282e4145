#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dmabuf-check --verify on the test kernel: both directions, with requests that
# the kernel completes in parts or not at once, and with some that succeed and
# do something else. The drive is as it was after all of it, also when it is
# interrupted.

. "${0%/*}/../lib.sh"

needs_test_kernel
CHECK=$build/dmabuf-check
in_machine --cpus 1 --file "$CHECK:/bin/dmabuf-check" --iommu strict --drives 1,64M \
	--file "$build/t/.libs/lossy-uring.so:/lib/lossy-uring.so"
. /t/lib-faults.sh
. /t/lib-check.sh
boot=
label=

head -c 67108864 /dev/urandom >/tmp/was
dd if=/tmp/was of=$drive bs=1M conv=fsync 2>/dev/null

right='[1-9][0-9]* +0  none$'
inject family_a=N
run --device $drive --source heap --source udmabuf --verify --seconds 2
exits 0 "--verify"
says "^  heap:system +/dev/nvme0n1 +read +$right" \
	"^  udmabuf +/dev/nvme0n1 +read +$right" \
	'^verdict: ok: io_uring, interface, sources, drives, verify passed$'
happened requests 100
inject eagain_every=7 short_every=5
run --device $drive --source heap --verify --seconds 2 --write --force
exits 0 "--verify --write, with parts of requests and EAGAIN"
says "^  heap:system +/dev/nvme0n1 +read +$right" \
	"^  heap:system +/dev/nvme0n1 +write +$right"
happened shorts 20
happened eagains 10
inject family_a=N
run --device $drive --source heap --verify --seconds 1 --write --force --json
[ "$(grep -c '^ *"wrong": 0,$' "$out")" = 2 ] &&
	[ "$(grep -c '^ *"in_flight": 16,$' "$out")" = 2 ]
result $? "the JSON has both directions" "$out"
cmp $drive /tmp/was
result $? "every byte is unchanged"

# finds KIND DIRECTION NAME: one transfer in 9 is of that KIND, and about that
# many are found, most of them under that NAME: what another slice held two
# transfers ago is foreign
finds() {
	export LOSSY="$1 9" LD_PRELOAD=/lib/lossy-uring.so
	run --device $drive --source heap --verify --seconds 2 --write --force
	unset LD_PRELOAD
	exits 1 "$1: --verify fails"
	grep -E "^  heap:system +/dev/nvme0n1 +$2 " "$out" >row
	awk '{ few = $4 / 9 * 0.9 - 2; exit !($4 >= 100 && $5 >= few &&
		$5 <= $4 / 9 && named >= $5 * 0.75) }' \
		named="$(sed -n "s/^.* $3 \([0-9]*\).*$/\1/p" row)" row
	result $? "$1: $2s are $3: $(cat row)" "$out"
	says '^verdict: no: drives, verify failed$'
}
finds lost read untouched
finds lost write untouched
finds stale read stale
finds misplaced read shifted
echo 1 >/proc/sys/vm/drop_caches
cmp $drive /tmp/was
result $? "every byte is unchanged"

# verify_and_kill SIGNAL WHO: while it verifies writes
verify_and_kill() {
	dmabuf-check --device $drive --write --force --source heap --verify \
		--seconds 10 >"$out" 2>"$err" &
	pid=$!
	sleep 12
	wait_for 60 overwritten
	result $? "--verify, SIG$1 to the $2: the blocks are overwritten"
	victim=$pid
	[ "$2" = program ] || victim=$(grep -l "^PPid:[[:space:]]*$pid\$" \
		/proc/[0-9]*/status | cut -d / -f 3)
	kill -"$1" "$victim"
	wait $pid 2>/dev/null
	status=$?
	echo 1 >/proc/sys/vm/drop_caches
	cmp $drive /tmp/was
	result $? "every byte is unchanged after SIG$1 to the $2"
}

verify_and_kill TERM program
[ $status = 143 ]
result $? "SIGTERM ends --verify: $status" "$err" "$out"
verify_and_kill KILL attempt
exits 1 "a killed attempt fails"
says '^  heap:system +no +/dev/nvme0n1: verifying writes with heap:system crashed \(Killed\); '

wait_for 10 no_dmabuf_left
result $? "nothing is left attached" /sys/kernel/debug/dma_buf/bufinfo

finish
