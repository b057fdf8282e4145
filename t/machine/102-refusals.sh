#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel: what the kernel, its limits and the devices refuse.
# One line that names the object, the reason and the remedy, an error status,
# and nothing left behind.

. "${0%/*}/../lib.sh"

in_machine --cpus 1 --drives 2,64M --append "hugepages=8"
. /t/lib-io.sh
boot=
limit=/sys/module/udmabuf/parameters/size_limit_mb

# ---- heaps ----

with_path staged heap
label="heap: "
bad "unknown" '^dmabuf: /dev/dma_heap/nosuch: no heap named nosuch; available: (.*, )?system' \
	--dmabuf_source=heap:nosuch --rw=read
# busybox has su, which wants to know the user
echo 'nobody:x:65534:65534::/tmp:/bin/sh' >>/etc/passwd
as_nobody() {
	# shellcheck disable=SC2086,SC2116 # several words on one line
	su nobody -s /bin/sh -c "exec $FIO --name=job --ioengine=$ENGINE \
		--filename=$target $(echo $common) $*" >"$out" 2>"$err"
	status=$?
}
chmod 600 /dev/dma_heap/system
chmod 666 $drive
as_nobody --rw=read
is_refused '^dmabuf: /dev/dma_heap/system: Permission denied; .*udev'
result $? "no permission" "$err" "$out"
chmod 600 /dev/udmabuf
as_nobody --rw=read --dmabuf_source=udmabuf
is_refused '^dmabuf: /dev/udmabuf: Permission denied; .*udev'
result $? "no permission for udmabuf" "$err" "$out"
chmod 666 /dev/udmabuf /dev/dma_heap/system
as_nobody --rw=read
[ "$status" = 0 ] && jobs_reported 1
result $? "with permission it works without root" "$err" "$out"

mv /dev/dma_heap /dev/dma_heap.away
bad "no /dev/dma_heap" '^dmabuf: /dev/dma_heap: .*CONFIG_DMABUF_HEAPS.*udmabuf' \
	--rw=read
mkdir /dev/dma_heap
bad "an empty /dev/dma_heap" '^dmabuf: /dev/dma_heap/system: no heap named system; available: none' \
	--rw=read
rmdir /dev/dma_heap
mv /dev/dma_heap.away /dev/dma_heap
mv /dev/udmabuf /dev/udmabuf.away
label="udmabuf: "
bad "no /dev/udmabuf" '^dmabuf: /dev/udmabuf: .*udmabuf module' \
	--rw=read --dmabuf_source=udmabuf
mv /dev/udmabuf.away /dev/udmabuf

# ---- udmabuf over its limit ----

echo 64 >$limit
bad "dmabuf_chunk over the limit" \
	"^dmabuf: dmabuf_source=udmabuf: .*128 MiB.*$limit is 64; write a larger value" \
	--dmabuf_source=udmabuf --dmabuf_chunk=128m --bs=1M --iodepth=128 \
	--rw=read
good "more than the limit in all makes several" --dmabuf_source=udmabuf \
	--bs=1M --iodepth=100 --rw=read --size=32M
said ', 2 buffers of 100 MiB in all'
result $? "2 buffers" "$out"
echo 128 >$limit
good "with a larger limit it is one" --dmabuf_source=udmabuf \
	--bs=1M --iodepth=100 --rw=read --size=32M
said ', 1 buffer of 100 MiB in all'
result $? "1 buffer" "$out"
echo 1 >$limit
bad "one huge page is over the limit" \
	"^dmabuf: dmabuf_source=udmabuf:2M: .*$limit is 1; write" \
	--dmabuf_source=udmabuf:2M --rw=read
echo 64 >$limit
bad "not enough huge pages" \
	'^dmabuf: dmabuf_source=udmabuf:2M: .*16 huge pages of 2 MiB needed, 8 free; reserve.*nr_hugepages' \
	--dmabuf_source=udmabuf:2M --bs=1M --iodepth=32 --rw=read
bad "not enough huge pages of path host" \
	'^dmabuf: dmabuf_source=memory:2M: .*16 huge pages of 2 MiB needed, 8 free; reserve.*nr_hugepages' \
	--dmabuf_path=host --dmabuf_source=memory:2M --bs=1M --iodepth=32 \
	--rw=read
bad "no huge pages of 1 GiB" \
	'^dmabuf: dmabuf_source=memory:1G: (.*huge pages? of 1 GiB needed, 0 free|this machine has no huge pages)' \
	--dmabuf_path=host --dmabuf_source=memory:1G --rw=read
bad "no huge pages of 1 GiB for udmabuf" \
	'^dmabuf: dmabuf_source=udmabuf:1G: (.*1 GiB.* over the limit|.*huge page)' \
	--dmabuf_source=udmabuf:1G --rw=read
check "all huge pages are free again" \
	grep -qx 8 /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages
nothing_left

# ---- io_uring ----

label="io_uring: "
for value in 1 2; do
	sysctl -q -w kernel.io_uring_disabled=$value
	if [ $value = 1 ]; then
		as_nobody --dmabuf_path=host --dmabuf_source=memory --rw=read
	else
		fio job --dmabuf_path=host --dmabuf_source=memory --rw=read
	fi
	is_refused '^dmabuf: io_uring: .*set the sysctl kernel.io_uring_disabled to 0'
	result $? "disabled by sysctl, $value" "$err" "$out"
done
bad "disabled by sysctl, path direct" \
	'^dmabuf: io_uring: .*set the sysctl kernel.io_uring_disabled' \
	--dmabuf_path=direct --rw=read
sysctl -q -w kernel.io_uring_disabled=0

for pair in host,memory staged,heap pinned,udmabuf; do
	bad "hipri on a drive without poll queues, ${pair%,*}" \
		'^dmabuf: job: hipri needs a drive with poll queues; load nvme with poll_queues=N' \
		--dmabuf_path="${pair%,*}" --dmabuf_source="${pair#*,}" \
		--rw=randread --hipri=1
done

# ---- limits ----

label="limits: "
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
	limited "ulimit -n $allowed, staged" 'ulimit -n' "ulimit -n $allowed" \
		--dmabuf_chunk=16k --iodepth=128 --rw=read
	limited "ulimit -n $allowed, pinned" 'ulimit -n' "ulimit -n $allowed" \
		--dmabuf_path=pinned --dmabuf_source=udmabuf \
		--dmabuf_chunk=16k --iodepth=128 --rw=read
done
for pair in staged,heap staged,udmabuf pinned,udmabuf host,memory; do
	bad "more memory than there is, ${pair%,*} ${pair#*,}" \
		' needed, .* available; lower' --dmabuf_path="${pair%,*}" \
		--dmabuf_source="${pair#*,}" --bs=32M --iodepth=512 --rw=read \
		--size=64M
done
nothing_left

# ---- a full disk ----

label="report: "
mkdir small
mount -t tmpfs -o size=8k tmpfs small
cat /dev/zero >small/fill 2>/dev/null
fio job --dmabuf_path=host --dmabuf_source=memory --rw=read \
	--dmabuf_report="$scratch/small/report"
[ "$status" = 1 ] && said 'dmabuf_report=.*/small/report: cannot write: No space left on device; free some space'
result $? "on a full disk" "$err" "$out"
check "no half of it is left" test "$(ls small)" = fill
umount small

# ---- targets ----

label="direct: "
with_path direct heap
label="direct: "
bad "on a kernel without the feature" \
	'^dmabuf: kernel .*cannot register dma-bufs' --rw=read
bad "on a regular file" \
	'^dmabuf: .*/file: not a block device.*|^dmabuf: kernel ' \
	--filename=/tmp/file --size=64k --rw=read
bad "with direct=0" '^dmabuf: /dev/nvme0n1: .*set direct=1|^dmabuf: kernel ' \
	--direct=0 --rw=read
# fio sees this before the engine does.
bad_option "a target that is not there" 'you need to specify size' \
	--filename=/dev/nvme9n1 --size=0 --rw=read
nothing_left

label=
finish
