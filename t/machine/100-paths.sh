#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel, real dma-heap, udmabuf and NVMe driver, in all four
# modes of the IOMMU: host, staged and pinned with verified data, the domain's
# type in the line, and direct refused in the right words.

. "${0%/*}/../lib.sh"

boots="--iommu,off,--cpus,1 --iommu,lazy,--cpus,1 --iommu,strict --iommu,pt,--cpus,1"
in_machine
. /t/lib-io.sh
mode=${label%: }

case $mode in
*off) domain=none ;;
*lazy) domain=DMA-FQ ;;
*strict) domain=DMA ;;
*pt) domain=identity ;;
esac
pairs="host,memory staged,heap:system staged,udmabuf pinned,udmabuf"

# every_path: runs the jobs of one_job for each pair, each at its own place
# on the drive, in one run of fio
every_path() {
	at=0
	batch
	for pair in $pairs; do
		with_path "${pair%,*}" "${pair#*,}"
		common="$common --offset=${at}M"
		at=$((at + 2))
		one_job
	done
	end_batch
}

one_job() {
	line=$(measured "nvme0n1 IOMMU domain $domain\$") \
		good "verify" --size=2M --rw=randrw --verify=crc32c
	good "mixed sizes, several buffers" --size=2M --rw=randwrite --verify=crc32c \
		--bssplit=4k/50:64k/50 --dmabuf_chunk=256k
}
every_path

# What fio writes another program reads, and the other way round.
dd if=/dev/zero of=$drive bs=1M count=8 conv=fsync 2>/dev/null
one_job() {
	good "write a pattern" --size=1M --rw=randwrite --bs=16k --buffer_pattern=0xa7
}
every_path
{
	for pair in $pairs; do
		filled 1048576 247
		head -c 1048576 /dev/zero
	done
} >want
dd if=$drive bs=1M count=8 2>/dev/null | cmp - want >"$scratch/log" 2>&1
result $? "dd reads the patterns and nothing else" "$scratch/log"
rm -f want
filled 8388608 66 | dd of=$drive bs=1M conv=fsync 2>/dev/null
one_job() {
	good "read what dd wrote" --size=2M --rw=randread --bssplit=4k/50:64k/50 \
		--verify=pattern --verify_pattern=0x36
}
every_path

with_path direct heap:system
release=$(uname -r | sed 's/[+.]/./g')
refusal="^dmabuf: kernel $release: cannot register dma-bufs with io_uring, so dmabuf_path=direct cannot work; use dmabuf_path=staged or host, or a kernel with the series .*, which no released kernel has\$"
bad "refused" "$refusal" --rw=randread
if [ $domain = DMA ]; then
	for how in --dmabuf_source=udmabuf --thread=1 --rw=randwrite \
		   --sqthread_poll=1 --dmabuf_warmup=0; do
		bad "refused $how" "$refusal" --rw=randread $how
	done
	fio job --rw=randread --numjobs=3
	[ "$status" = 3 ] && [ "$(lines | wc -l)" = 3 ]
	result $? "three jobs, three lines" "$err" "$out"
fi
nothing_left

finish
