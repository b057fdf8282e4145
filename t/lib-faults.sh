# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of path direct under faults share: the switches and counters
# of the test kernel, and what has to be true of a job that met a fault.
# Sourced in the machine.

. /t/lib-lost.sh

switches=/sys/module/dmabuf_test/parameters

counter() {
	cat "$switches/$1"
}

# switch NAME=VALUE...: the others stay as they are
switch() {
	for setting in "$@"; do
		printf '%s' "${setting#*=}" >"$switches/${setting%%=*}" ||
			bail "$setting: the kernel does not take it"
	done
}

# inject NAME=VALUE...: these faults and no other; counters count from here
inject() {
	# An empty write would not reach the kernel: a newline is taken off.
	echo >$switches/attach_error_on
	switch attach_error=0 map_error=0 map_delay_ms=0 size_limit_mb=1024 \
		eagain_every=0 eagain_burst=1 short_every=0 invalidate_every=0
	switch "$@"
	for each in requests eagains shorts invalidations maps; do
		eval "$each=$(counter $each)"
	done
}

# rise COUNTER: by how much it grew since inject
rise() {
	eval "echo \$(($(counter "$1") - \$$1))"
}

# happened COUNTER AT_LEAST
happened() {
	now=$(rise "$1")
	[ "$now" -ge "$2" ]
	result $? "the kernel did so: $1 rose by $now"
}

# sum FIELD: of all lines, the number before these words
sum() {
	lines | sed -n "s/^.*, \([0-9]*\) $1.*\$/\1/p" | awk '{ n += $1 }
		END { print n + 0 }'
}

# agrees COUNTER FIELD: the lines have what the kernel did, but for what met
# the warm-up reads, which are not counted
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

# wrong_data: what fio says where data is not what was written
wrong_data() {
	cat "$out" "$err" | grep -Eq '^verify: bad |verify failed at file'
}

# honest: verified to the end without an error, or failed with an exit status
# and errors in the line; never by a signal, the clock, or with wrong data
honest() {
	wrong_data && return 1
	if [ "$status" = 0 ]; then
		lines | grep -q ', no errors'
		return
	fi
	[ "$status" = 1 ] && said ', errors: [0-9]+ E'
}

# nothing_stays DESC: nothing is attached any more. Version 3 of the series
# keeps the dma-buf of requests that it gives to the drive a second time.
nothing_stays() {
	if wait_for 10 no_dmabuf_left; then
		pass "$1: nothing is left attached"
	elif [ -n "$v3" ]; then
		known "$1: nothing is left attached" \
			"version 3 of the series keeps the dma-buf of a request that is sent twice"
	else
		fail "$1: nothing is left attached" \
			/sys/kernel/debug/dma_buf/bufinfo
	fi
}
