#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel for all hardware, whose DRM drivers are modules:
# path staged through dumb buffers of vgem and of virtio-gpu, which has a
# display here; verified data, nothing left behind.

. "${0%/*}/../lib.sh"

kernel=debian:7/full
in_machine --cpus 1 --gpu \
	--drives 2,256M --iommu lazy
. /t/lib-io.sh
. /t/lib-check.sh
boot=

for node in /dev/dri/card0 /dev/dri/card1; do
	with_path staged drm:$node
	batch
	line=$(measured '1 buffer of 64 KiB in all') \
		good "verify" --rw=randrw --verify=crc32c --size=2M
	line=$(measured '4 buffers of 1 MiB in all') \
		good "several buffers, two drives" --rw=randrw --bs=64k \
		--verify=crc32c --dmabuf_chunk=256k --filename=$drive:$second
	reports=3 good "three processes" --numjobs=3 --size=1M --rw=randrw \
		--offset_increment=1M --verify=crc32c
	end_batch
done
nothing_left

with_path staged drm
line='path staged.*source drm:/dev/dri/card0 [(]vgem, dumb buffers[)], ' \
	good "the first that gives memory, by name" --rw=randrw --verify=crc32c
bad "VRAM" '^dmabuf: /dev/dri/renderD128: no vram on this device' \
	--dmabuf_source=drm:vram --rw=read
bad "a kernel without the feature" \
	'^dmabuf: kernel .*cannot register dma-bufs' --dmabuf_path=direct \
	--rw=read
nothing_left

label="dmabuf-check: "
run --require drm
exits 0 "drm by itself is tried"
says '^  drm:/dev/dri/card0 +ok +dma-buf, .*, vgem, '
run --require sources --source drm:/dev/dri/card1 --device $drive
exits 0 "a display"
says '^  drm:/dev/dri/card1 +ok +dma-buf, .*, virtio_gpu, ' \
	'^peers /dev/nvme0n1 and 0000:' '^  topology +through the host bridge$'
nothing_left

finish
