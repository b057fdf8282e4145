#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# fsync, fdatasync, sync_file_range and the closing ones on path host, alone
# and mixed with I/O in flight.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --filename=$scratch/data --size=2M --direct=1
	--rw=randwrite --output-format=json,normal"

# syncs DESC TEST ARGS...: good, and fio's count of fsyncs passes the test
syncs() {
	desc=$1 wanted=$2
	shift 2
	fio job "$@"
	[ "$status" = 0 ] && jobs_reported 1 && [ ! -s "$err" ] &&
		seen=$(sed -n '/"sync" : {/,/}/s/^.*"total_ios" : \([0-9]*\),/\1/p' \
			"$out") &&
		echo "fio counted $seen" >>"$err" &&
		eval "[ $seen $wanted ]"
	result $? "$desc" "$err" "$out"
}

syncs "no sync" "-eq 0"
syncs "fsync=8" "-eq 63" --fsync=8
# At a depth fio asks for more of them, of every asynchronous engine.
syncs "fsync=8 at depth 32" "-ge 32" --fsync=8 --iodepth=32
# fio does not count these.
good "fdatasync=4" --fdatasync=4
good "fdatasync=4 at depth 32" --fdatasync=4 --iodepth=32 --iodepth_batch=8
for flags in wait_before write wait_after; do
	good "sync_file_range=$flags:16" --sync_file_range=$flags:16 \
		--iodepth=8 --direct=0
done
good "sync_file_range, all flags" --iodepth=8 --direct=0 \
	--sync_file_range=wait_before,write:8,wait_after:4
good "end_fsync" --end_fsync=1
good "fsync_on_close" --fsync_on_close=1
good "sync=1" --sync=1 --size=256k
good "sync=dsync" --sync=dsync --size=256k --iodepth=4
good "fsync with force_async" --fsync=4 --force_async=1 --iodepth=8
good "fsync with sqthread_poll" --fsync=4 --sqthread_poll=1 --iodepth=8
good "fsync of several files" --fsync=4 --iodepth=8 --filename="$scratch/a:$scratch/b:$scratch/c"
good "fsync and verify" --fsync=8 --verify=crc32c --verify_state_save=0 \
	--iodepth=16
good "write_barrier" --write_barrier=8 --iodepth=16

finish
