# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Jobs that do not reach their end: killed at random moments, interrupted, or
# with their drive removed. Sourced in the machine; each call of lost_paths uses
# up one drive, starting with the last.

. /t/lib-io.sh
victim=$(ls -d /dev/nvme*n1 | wc -l)

available() {
	sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# settled MIB: MemAvailable is back to its old value, less at most MIB
settled() {
	[ "$(available)" -gt $((before - $1 * 1024)) ]
}

no_fio_left() {
	[ -z "$(pidof fio)" ]
}

all_killed() {
	no_fio_left && return
	# shellcheck disable=SC2046 # several numbers
	kill -9 $(pidof fio) 2>/dev/null
	return 1
}

# steady: notes the available memory once the machine is idle
steady() {
	wait_for 10 no_fio_left
	wait_for 10 no_dmabuf_left
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 1
	before=$(available)
}

all_is_back() {
	wait_for 20 no_fio_left
	result $? "$1: no process is left"
	wait_for 10 no_dmabuf_left
	result $? "$1: no dma-buf is left" /sys/kernel/debug/dma_buf/bufinfo
	wait_for 10 settled 48
	result $? "$1: its memory is freed ($before, $(available) KiB)"
}

# start ARGS...: fio in the background, without ignoring SIGINT
start() {
	# Create them before the process that writes to them.
	: >"$out" >"$err"
	# shellcheck disable=SC2086 # several words
	setsid "$FIO" --name=job --ioengine="$ENGINE" \
		--filename="$target" $common "$@" \
		>"$out" 2>"$err" &
	pid=$!
}

# transfers DISK: the reads and writes that it has completed
transfers() {
	awk '{ print $1 + $5 }' "/sys/block/$1/stat"
}

# at_work DISK: waits until the job is past its set-up and does I/O there
at_work() {
	begun_with=$(transfers "$1")
	more() {
		[ "$(transfers "$1")" -gt $((begun_with + 200)) ]
	}
	wait_for 40 more "$1"
}

ended() {
	! kill -0 "$pid" 2>/dev/null || grep -qs '^State:.Z' "/proc/$pid/status"
}

# ends SECONDS: waits for the job; leaves the exit status in $status
ends() {
	if wait_for "$1" ended; then
		wait "$pid" 2>/dev/null
		status=$?
	else
		# shellcheck disable=SC2046 # several numbers
		kill -9 "$pid" $(pidof fio)
		status="still running after $1 s"
	fi
	echo "exit status $status" >>"$err"
}

lost_paths() {
	with_path "$1" "$2"
	common="$options --size=128M --iodepth=512 --bs=64k
		--time_based=1 --runtime=60"
	steady

	# SIGKILL to all processes, at moments from set-up to full speed
	for moment in 0.3 0.8 1.1 1.6 2.7; do
		start --rw=randrw --numjobs=2
		sleep $moment
		kill -9 "$pid"
		# One that was just born has no parent any more.
		wait_for 20 all_killed
		wait "$pid" 2>/dev/null
	done
	all_is_back "SIGKILL"

	start --rw=randrw
	at_work "${target#/dev/}"
	sleep 1
	kill -TERM "$pid"
	ends 20
	[ "$status" = 0 ] || [ "$status" = 128 ]
	result $? "SIGTERM: the job ends by itself" "$err"
	lines | grep -q ': path ' && grep -q 'Run status group 0' "$out"
	result $? "SIGTERM: fio prints its summary and the engine its line" \
		"$err" "$out"
	all_is_back "SIGTERM"

	# The drive is removed.
	victim=$((victim - 1))
	target=/dev/nvme${victim}n1
	common="$options --size=128M --iodepth=16 --bs=64k --time_based=1
		--runtime=60"
	start --rw=randread
	at_work "nvme${victim}n1"
	sleep 1
	echo 1 >"/sys/block/nvme${victim}n1/device/device/remove"
	ends 45
	[ "$status" = 1 ]
	result $? "the drive is removed: fio exits with an error status" "$err" "$out"
	grep -Eq 'error=(Input/output error|No such device)' "$err" "$out"
	result $? "the drive is removed: fio names the error" "$err" "$out"
	said ', errors: [0-9]+ (EIO|ENODEV)'
	result $? "the drive is removed: the line counts errors" "$err" "$out"
	all_is_back "the drive is removed"
}
