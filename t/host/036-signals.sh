#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A signal in the middle of a run: fio prints its summary and the engine its
# line, nothing hangs and nothing is left behind.

. "${0%/*}/../lib.sh"

base="--dmabuf_path=host --filename=$scratch/data --size=16M --direct=1
	--time_based=1 --runtime=60"

# has_ring: the job has set up its ring, which may take long on a busy machine
has_ring() {
	for process in $pid $(cat "/proc/$pid/task/$pid/children"); do
		# shellcheck disable=SC2012 # links
		ls -l "/proc/$process/fd" | grep -q 'io_uring' && return
	done 2>/dev/null
	return 1
}

# shellcheck disable=SC2086 # several words
interrupted() {
	signal=$1 jobs=$2
	what="SIG$signal: $3"
	shift 3
	# The shell makes a command in the background ignore SIGINT.
	env --default-signal=INT "$FIO" --name=job \
		--ioengine="$ENGINE" $base "$@" >"$out" 2>"$err" &
	pid=$!
	wait_for 30 has_ring
	sleep 1
	kill -$signal $pid
	if wait_for 15 sh -c '! kill -0 "$1" 2>/dev/null || grep -q "^State:.Z" \
		"/proc/$1/status"' sh $pid; then
		wait $pid
		status=$?
	else
		kill -9 $pid
		status="still running after 15 s"
	fi
	[ "$status" = 128 ] || [ "$status" = 0 ]
	result $? "$what: fio ends by itself" "$err" "$out"
	[ "$(lines | grep -c ': path ')" = "$jobs" ] &&
		grep -q 'Run status group 0' "$out" &&
		[ "$(grep -cE '^ +(read|write): IOPS=' "$out")" -ge 1 ]
	result $? "$what: fio prints its summary and the engine its line" "$err" "$out"
	wait_for 5 no_process_left
	check "$what: no process is left" no_process_left
	check "$what: no file is left" test "$(ls | tr '\n' ' ')" = "$files"
}

python3 -c 'open("data", "wb").write(b"x" * (16 << 20))'
: >log
files=$(ls | tr '\n' ' ')
for signal in INT TERM; do
	interrupted $signal 1 "random reads" --rw=randread --iodepth=32
	interrupted $signal 1 "a thread" --rw=randwrite --iodepth=8 --thread=1
	interrupted $signal 4 "four processes" --rw=randrw --iodepth=8 \
		--numjobs=4
	interrupted $signal 1 "slow, rate_iops=4" --rw=randread --rate_iops=4
	interrupted $signal 1 "verify" --rw=randwrite --verify=crc32c \
		--iodepth=64 --verify_state_save=0
	interrupted $signal 1 "getevents that does not wait" --rw=randread \
		--iodepth=32 --iodepth_batch_complete_min=0
done

# The report is written as well.
base="$base --dmabuf_report=$scratch/report.json"
: >report.json
files=$(ls | tr '\n' ' ')
interrupted INT 1 "with a report" --rw=randread --iodepth=32
check "the report is complete JSON" python3 -m json.tool report.json

# SIGKILL to the job, not to fio: fio reports it and ends.
# shellcheck disable=SC2086
"$FIO" --name=job --ioengine="$ENGINE" $base --rw=randread --iodepth=32 \
	>"$out" 2>"$err" &
pid=$!
wait_for 30 has_ring
sleep 1
child=$(cat "/proc/$pid/task/$pid/children")
# shellcheck disable=SC2086 # one number and a blank
kill -9 $child
wait_for 15 sh -c '! kill -0 "$1" 2>/dev/null' sh $pid
wait $pid
status=$?
[ $status != 0 ] && grep -q "got signal=9" "$err"
result $? "SIGKILL to the job: fio ends with an error" "$err" "$out"
check "SIGKILL: no process is left" no_process_left
finish
