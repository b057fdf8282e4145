#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel with the series: what path direct refuses there, in one line with
# the reason and the remedy: other devices than NVMe, files, buffered I/O,
# limits; and what it can do with hipri and SQPOLL.

. "${0%/*}/../lib.sh"

needs_feature
in_machine --cpus 1 --drives 1,64M \
	--append "nvme.poll_queues=1 hugepages=16"
. /t/lib-io.sh
boot=

elsewhere='dmabuf_path=staged or dmabuf_path=host'
with_path direct heap:system
label=
size=--size=1M

if [ -b /dev/nullb0 ]; then
	bad "null_blk" "^dmabuf: /dev/nullb0: not an NVMe drive.*$elsewhere" \
		--filename=/dev/nullb0 --rw=read
else
	skip "null_blk" "this kernel has no /dev/nullb0"
fi
head -c 4194304 /dev/zero >/tmp/image
if losetup /dev/loop0 /tmp/image 2>/dev/null; then
	bad "loop" "^dmabuf: /dev/loop0: not an NVMe drive.*$elsewhere" \
		--filename=/dev/loop0 --rw=read
	losetup -d /dev/loop0
else
	skip "loop" "this kernel has no loop device"
fi
bad "a regular file" '^dmabuf: /tmp/image: not a block device.*staged or host' \
	--filename=/tmp/image --rw=read
bad "direct=0" '^dmabuf: /dev/nvme0n1: opened without O_DIRECT.*set direct=1' \
	--direct=0 --rw=read
bad "two files, one of them not NVMe" '^dmabuf: /tmp/image: not a block' \
	--filename=$drive:/tmp/image --rw=read --size=2M
nothing_left

# ---- limits ----

limited() {
	desc=$1 regex=$2 how=$3
	shift 3
	# shellcheck disable=SC2086 # several words
	sh -c "$how"'; exec "$@"' sh "$FIO" --name=job --ioengine="$ENGINE" \
		--filename="$target" $common "$@" >"$out" 2>"$err"
	status=$?
	is_refused "$regex"
	result $? "$desc" "$err" "$out"
}
for allowed in 16 20 24; do
	limited "ulimit -n $allowed" 'ulimit -n' "ulimit -n $allowed" \
		--dmabuf_chunk=16k --iodepth=128 --rw=read
done
bad "more memory than there is" ' needed, .* available; lower' --bs=32M \
	--iodepth=512 --rw=read --size=64M
sysctl -q -w kernel.io_uring_disabled=2
bad "io_uring disabled" '^dmabuf: io_uring: .*kernel.io_uring_disabled' \
	--rw=read
sysctl -q -w kernel.io_uring_disabled=0
nothing_left

# ---- what goes on path direct as well ----

good "sqthread_poll" --rw=randrw --verify=crc32c --sqthread_poll=1 --size=1M
good "force_async" --rw=randrw --verify=crc32c --force_async=1
good "udmabuf:2M" --rw=randrw --verify=crc32c --dmabuf_source=udmabuf:2M \
	--bs=64k
fio job --rw=randread --hipri=1
if [ "$status" = 0 ]; then
	jobs_reported 1
	result $? "hipri" "$err" "$out"
	good "hipri, verified" --rw=randwrite --verify=crc32c --hipri=1
else
	# version 5 of the series and later
	is_refused "^dmabuf: $drive: .*polled ring; remove hipri"
	result $? "hipri is refused in the right words" "$err" "$out"
fi
nothing_left

finish
