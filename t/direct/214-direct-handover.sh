#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Path direct with dma-bufs that another process owns and hands over: data is
# right, also when the owner dies, and nothing is left attached.

. "${0%/*}/../lib.sh"

needs_feature
boots="--iommu,strict"
in_machine --cpus 1 --drives 2,256M
. /t/lib-io.sh
socket=/tmp/give
mode=$label

give() {
	dmabuf-give "$@" $socket 2>giver.log &
	giver=$!
	wait_for 5 test -S $socket
}

for owner in heap:system udmabuf; do
	give -n 8 -s 1024 -m $owner
	with_path direct fd:$socket
	label="${mode}given from $owner: "
	batch
	line=$(measured '1 buffer of 64 KiB in all, 1 registration in .*, first map [0-9.]+ ms, .*no errors') \
		good "verify" --rw=randrw --verify=crc32c
	line=' 8 registrations .*nvme0n1 .*nvme1n1 ' \
		good "several buffers, two drives" --rw=randrw --bs=64k \
		--verify=crc32c --dmabuf_chunk=256k \
		--filename=$drive:$second
	reports=3 good "three processes" --numjobs=3 --size=1M --rw=randrw \
		--offset_increment=1M --verify=crc32c
	end_batch

	# The registration holds the memory, whoever else lets go of it.
	# shellcheck disable=SC2086 # several words
	"$FIO" --name=job --ioengine="$ENGINE" $common --filename="$target" \
		--rw=randrw --verify=crc32c --time_based=1 --runtime=4 \
		>"$out" 2>"$err" &
	job=$!
	attached() {
		[ "$(attachments)" -gt 0 ]
	}
	wait_for 10 attached
	result $? "the drive is attached" /sys/kernel/debug/dma_buf/bufinfo
	kill -9 "$giver"
	wait "$giver" 2>/dev/null
	wait "$job"
	[ $? = 0 ] && jobs_reported 1
	result $? "a giver that dies: the job ends well" "$err" "$out"
	wait_for 10 no_dmabuf_left
	result $? "nothing is left attached" /sys/kernel/debug/dma_buf/bufinfo
	rm -f $socket
done

finish
