#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Path direct with the sources cuda and hip, as t/machine/112-gpu-libraries.sh: real dma-bufs from
# t/fake-gpu/ in place of the vendors' libraries, whose memory the drive
# reaches and the CPU does not. What fio sees is a copy.

. "${0%/*}/../lib.sh"

needs_feature
fake=$build/t/fake-gpu/.libs/fake-gpu.so
boots="--iommu,strict"
in_machine --cpus 1 --drives 2,64M \
	--file "$fake:/lib/gpu/libcuda.so.1" \
	--file "$fake:/lib/gpu/libamdhip64.so"
. /t/lib-io.sh
boot=${label%: }
export LD_LIBRARY_PATH=/lib/gpu

for vendor in cuda hip; do
	with_path direct $vendor:0
	name="path direct .*, source $vendor:0 .Fake GPU 0, 0000:81:00.0., "
	for thread in 0 1; do
		kind=$([ $thread = 0 ] && echo processes || echo threads)
		batch
		common="$common --thread=$thread"
		line="$name.*no CPU mapping.*nvme0n1 IOMMU domain" \
			good "$kind: verify" --rw=randrw --verify=crc32c
		line="${name}4 buffers of 8 MiB in all, 8 registrations .*nvme0n1 .*nvme1n1 " \
			good "$kind: several buffers, two drives" \
			--bssplit=4k/50:512k/50 --dmabuf_chunk=2M \
			--filename=$drive:$second \
			--rw=randwrite --verify=crc32c --verify_interval=4k
		reports=3 good "$kind: three of them" --numjobs=3 --size=1M \
			--offset_increment=1M --rw=randrw --verify=crc32c
		end_batch
	done
done

# What fio writes another program reads, and the other way round.
with_path direct cuda:0
io_bytes
wait_for 10 no_dmabuf_left
result $? "nothing is left attached" /sys/kernel/debug/dma_buf/bufinfo

finish
