#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel, path staged with the sources cuda and hip: real
# dma-bufs, handed out by t/fake-gpu/ in place of the vendors' libraries,
# whose memory is reached by its copies alone. Data is verified, in processes
# and in threads, and nothing is left.

. "${0%/*}/../lib.sh"

fake=$build/t/fake-gpu/.libs/fake-gpu.so
in_machine --cpus 1 --iommu strict --drives 2,64M \
	--file "$fake:/lib/gpu/libcuda.so.1" \
	--file "$fake:/lib/gpu/libamdhip64.so"
. /t/lib-io.sh
boot=
export LD_LIBRARY_PATH=/lib/gpu

# A driver cannot be used on after a fork: a run has threads or processes.
for vendor in cuda hip; do
	with_path staged $vendor:0
	name="path staged, source $vendor:0 .Fake GPU 0, 0000:81:00.0., "
	for thread in 0 1; do
		kind=$([ $thread = 0 ] && echo processes || echo threads)
		batch
		common="$common --thread=$thread"
		line="$name.*no CPU mapping.*nvme0n1 IOMMU domain DMA\$" \
			good "$kind: verify" --rw=randrw --verify=crc32c
		line="${name}4 buffers of 8 MiB in all" \
			good "$kind: several buffers, mixed sizes" \
			--bssplit=4k/50:512k/50 --dmabuf_chunk=2M \
			--rw=randwrite --verify=crc32c --verify_interval=4k
		reports=3 good "$kind: three of them" --numjobs=3 --size=1M \
			--offset_increment=1M --rw=randrw --verify=crc32c
		good "$kind: two drives" --filename=$drive:$second \
			--rw=randrw --bs=16k --verify=crc32c
		end_batch
	done
	nothing_left
done

# What fio writes another program reads, and the other way round.
with_path staged cuda:0
io_bytes

# The driver says nothing of the limit on open files.
(
	ulimit -n 20
	fio job --bs=512k --iodepth=64 --size=32M --dmabuf_chunk=2M \
		--rw=randread
	echo "$status" >status
)
status=$(cat status)
is_refused 'dmabuf_source=cuda:0: Too many open files: .*ulimit -n'
result $? "out of file descriptors" "$err" "$out"
nothing_left

finish
