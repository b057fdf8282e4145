# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Shared by the tests that inject faults into path direct: the switches and
# counters of the test kernel, and what must hold for a job that met a fault.
# Sourced in the machine.

. /t/lib-lost.sh

switches=/sys/module/dmabuf_test/parameters

counter() {
	cat "$switches/$1"
}

# switch NAME=VALUE...: sets these and leaves the others unchanged
switch() {
	for setting in "$@"; do
		printf '%s' "${setting#*=}" >"$switches/${setting%%=*}" ||
			bail "$setting: the test kernel rejects it"
	done
}

# inject NAME=VALUE...: sets these faults and no others; "rise" counts from here
inject() {
	# A bare newline clears it: an empty write would not reach the kernel.
	echo >$switches/attach_error_on
	switch attach_error=0 map_error=0 map_delay_ms=0 size_limit_mb=1024 \
		eagain_every=0 eagain_burst=1 short_every=0 invalidate_every=0
	switch "$@"
	for counted in requests eagains shorts invalidations maps; do
		eval "$counted=$(counter $counted)"
	done
}

# rise COUNTER: how much it grew since inject
rise() {
	eval "echo \$(($(counter "$1") - \$$1))"
}

# happened COUNTER AT_LEAST: the kernel injected the fault that often
happened() {
	now=$(rise "$1")
	[ "$now" -ge "$2" ]
	result $? "the kernel injected the fault: $1 rose by $now"
}

# sum FIELD: the sum, over all lines, of the numbers before these words
sum() {
	lines | sed -n "s/^.*, \([0-9]*\) $1.*\$/\1/p" | awk '{ n += $1 }
		END { print n + 0 }'
}

# agrees COUNTER FIELD: the lines count what the kernel counts, except for the
# warm-up reads
agrees() {
	told=$(sum "$2")
	now=$(rise "$1")
	[ "$told" -gt 0 ] && [ "$told" -le "$now" ] &&
		[ $((now - told)) -le "${warmups:-50}" ]
	result $? "the lines agree with the kernel: $told of $now" "$out"
}

nothing_registered() {
	[ "$(counter registered)" = 0 ]
}

# wrong_data: fio reports data that differs from what was written
wrong_data() {
	cat "$out" "$err" | grep -Eq '^verify: bad |verify failed at file'
}

# honest: the job verified everything, or it failed with exit status 1 and
# errors in its line; never by a signal, the time limit or wrong data
honest() {
	wrong_data && return 1
	if [ "$status" = 0 ]; then
		lines | grep -q ', no errors'
		return
	fi
	[ "$status" = 1 ] && said ', errors: [0-9]+ E'
}

# nothing_stays DESC: no dma-buf is attached. Version 3 of the series leaks the
# dma-buf of a request that it sends to the drive twice.
nothing_stays() {
	if wait_for 10 no_dmabuf_left; then
		pass "$1: nothing is left attached"
	elif [ -n "$v3" ]; then
		known "$1: nothing is left attached" \
			"version 3 of the series leaks the dma-buf of a request that is sent twice"
	else
		fail "$1: nothing is left attached" \
			/sys/kernel/debug/dma_buf/bufinfo
	fi
}
