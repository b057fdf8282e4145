#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dmabuf_place and dmabuf_size: data is right wherever in the memory the slices
# lie, on path direct and on those that copy or go past the dma-buf, with large
# pieces (heap) and small ones (udmabuf, huge pages), in one dma-buf and in
# several. And what is refused.

. "${0%/*}/../lib.sh"

needs_feature
boots="--iommu,strict"
in_machine --cpus 1 --drives 2,64M --append "hugepages=16"
. /t/lib-io.sh
boot=${label%: }

for pair in direct,heap:system direct,udmabuf direct,udmabuf:2M \
		staged,heap:system pinned,udmabuf; do
	with_path "${pair%,*}" "${pair#*,}"
	batch
	for place in packed spread tail random; do
		said=
		[ $place = packed ] || said="slices placed: $place, "
		line="1 buffer of 16 MiB in all, $said" \
			good "$place" --dmabuf_place=$place --dmabuf_size=16m \
			--rw=randrw --bs=16k --verify=crc32c
	done
	# 32 units in four dma-bufs, which the last one shares with nobody
	line=", 4 buffers of 14 MiB in all, slices placed: spread, " \
		good "spread over several" --dmabuf_place=spread \
		--dmabuf_size=14m --dmabuf_chunk=4m --iodepth=32 \
		--rw=randrw --bssplit=4k/50:64k/50 --verify=crc32c
	good "no room to spare" --dmabuf_place=random --dmabuf_size=2m \
		--bs=128k --rw=randwrite --verify=crc32c --verify_interval=4k
	reports=2 good "two jobs on two drives" --dmabuf_place=random \
		--dmabuf_size=4m --numjobs=2 --offset_increment=2M \
		--size=1M --filename=$drive:$second --rw=randrw \
		--verify=crc32c --thread=1
	end_batch
done

with_path direct heap:system
fio job --rw=randwrite --write_iolog=/tmp/iolog --bs=8k
good "a replay in chunks" --dmabuf_place=spread --dmabuf_size=4m \
	--read_iolog=/tmp/iolog --read_iolog_chunked=1 --replay_no_stall=1

bad "without a size" '^dmabuf: dmabuf_place=spread: .*; set it to more than iodepth' \
	--dmabuf_place=spread --rw=read
bad "a size that is too small" '^dmabuf: dmabuf_size=16384: .*needs 64 KiB; ' \
	--dmabuf_place=tail --dmabuf_size=16k --rw=read
bad "a size that is no multiple of the page" \
	'^dmabuf: dmabuf_size=1000000: .*page size of 4 KiB; round' \
	--dmabuf_size=1000000 --rw=read
bad "nor of the huge page" \
	'^dmabuf: dmabuf_size=1048576: .*page size of 2 MiB; round' \
	--dmabuf_source=udmabuf:2M --dmabuf_size=1m --rw=read
bad "units smaller than a page" \
	'^dmabuf: dmabuf_place=random: I/O units of 512 bytes .*packed$' \
	--dmabuf_place=random --dmabuf_size=1m --bs=512 --rw=read
bad "iomem_align" '^dmabuf: dmabuf_place=tail: I/O units .*iomem_align' \
	--dmabuf_place=tail --dmabuf_size=1m --iomem_align=512 --rw=read
bad "chunks smaller than a unit" \
	'^dmabuf: dmabuf_size=1048576: .*no room for 16 units of 64 KiB; ' \
	--dmabuf_place=spread --dmabuf_size=1m --bs=64k --dmabuf_chunk=32k \
	--rw=read
with_path pinned udmabuf:2M
bad "huge pages mapped in pieces" \
	'^dmabuf: dmabuf_place=spread: I/O units .* page of 2097152 bytes' \
	--dmabuf_place=spread --dmabuf_size=4m --rw=read
with_path direct heap:system
nothing_left

finish
