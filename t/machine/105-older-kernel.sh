#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Linux 6.12: what the newest kernel can do has to work there as well, and
# what it cannot has to be said in the same words.

. "${0%/*}/../lib.sh"

kernel=debian:6.12
in_machine --iommu lazy --drives 2,256M
. /t/lib-io.sh
boot=
limit=/sys/module/udmabuf/parameters/size_limit_mb

check "it is 6.12" sh -c 'uname -r | grep ^6[.]12[.]'
for pair in host,memory staged,heap:system pinned,udmabuf; do
	with_path "${pair%,*}" "${pair#*,}"
	batch
	line=$(measured 'nvme0n1 IOMMU domain DMA-FQ') \
		good "verify" --rw=randrw --verify=crc32c
	good "mixed sizes, several buffers" --rw=randrw --verify=crc32c \
		--bssplit=512/10:4k/40:64k/50 --dmabuf_chunk=256k
	good "bs=4M" --rw=randwrite --bs=4M --size=16M --iodepth=4 \
		--verify=crc32c --verify_interval=64k
	good "iodepth=1024" --rw=randread --iodepth=1024 --size=8M
	good "two drives, processes" --rw=randrw --verify=crc32c --size=2M \
		--filename=$drive:$second
	good "sqthread_poll" --rw=randrw --verify=crc32c --sqthread_poll=1 \
		--size=1M
	good "fsync" --rw=randwrite --fsync=4 --verify=crc32c --size=1M
	end_batch
done
io_bytes

with_path staged udmabuf
[ "$(cat $limit)" = 64 ]
result $? "udmabuf takes 64 MiB by default"
good "more than that makes several" --bs=1M --iodepth=100 --rw=read --size=32M
said ', 2 buffers of 100 MiB in all'
result $? "2 buffers" "$out"
bad "one that is larger is refused" \
	"^dmabuf: dmabuf_source=udmabuf: .*100 MiB.*$limit is 64; write a larger value" \
	--dmabuf_chunk=128m --bs=1M --iodepth=100 --rw=read

with_path direct heap:system
release=$(uname -r | sed 's/[+.]/./g')
bad "refused" "^dmabuf: kernel $release: cannot register dma-bufs with io_uring, so dmabuf_path=direct cannot work; use dmabuf_path=staged or host, or a kernel with the series .*\$" \
	--rw=read
nothing_left

finish
