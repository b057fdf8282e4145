#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The test kernel, whose switches make it answer what a kernel may answer but
# hardly ever does: EAGAIN, short transfers, mappings that are taken back, are
# refused or are slow, and interface family A. For each: the words, the exit
# status, verified data, and the kernel's counter as proof that it happened.

. "${0%/*}/../lib.sh"

needs_test_kernel
in_machine --cpus 1 --iommu strict --drives 3,256M --memory 3G
. /t/lib-faults.sh
boot=
third=/dev/nvme2n1

# ---- family A ----

with_path direct heap:system
inject family_a=Y eagain_every=7 short_every=5 invalidate_every=10
good "family A with all faults" --rw=randrw --verify=crc32c --bs=32k \
	--iodepth=32
happened eagains 1
happened shorts 1
happened invalidations 1
inject family_a=N
good "family B again" --rw=randrw --verify=crc32c
said 'interface family B \(v5 or later\)'
result $? "the line says so" "$out"

# ---- EAGAIN ----

for source in heap:system udmabuf; do
	with_path direct $source
	inject eagain_every=7
	batch
	good "every 7th is EAGAIN" --rw=randrw --verify=crc32c --iodepth=32
	good "every 7th is EAGAIN, mixed sizes" --rw=randwrite \
		--verify=sha256 --bssplit=4k/50:64k/50 --dmabuf_chunk=256k
	good "every 7th is EAGAIN, depth 1" --rw=randrw --verify=crc32c \
		--iodepth=1 --size=1M
	end_batch
	happened eagains 100
	agrees eagains 'reissued after EAGAIN'
	inject eagain_every=50 eagain_burst=20
	good "20 of 50 are EAGAIN" --rw=randrw --verify=crc32c --iodepth=32
	happened eagains 100
	agrees eagains 'reissued after EAGAIN'
done

with_path direct heap:system
inject eagain_every=1
bad "nothing but EAGAIN" "^dmabuf: $drive: the kernel answered the first read into memory from heap:system with nothing but EAGAIN for 10 s; see" \
	--rw=randread
happened eagains 100
fio job --rw=randrw --verify=crc32c --dmabuf_warmup=0
[ "$status" = 1 ] && honest && said ', errors: [0-9]+ ETIME,' &&
	said '^dmabuf: job: an I/O failed after the kernel had answered it with EAGAIN for 10 s; see the kernel log$' &&
	[ "$(lines | grep -vcE "$summary")" = 1 ]
result $? "nothing but EAGAIN, no warm-up: ETIME, said and counted" "$err" "$out"

# ---- short transfers ----

for source in heap:system udmabuf; do
	for every in 5 3; do
		with_path direct $source
		inject short_every=$every
		batch
		for rw in randwrite randrw; do
			good "1 of $every is short, $rw" --rw=$rw --bs=64k \
				--verify=crc32c --iodepth=32 --size=8M
			good "1 of $every is short, $rw, mixed sizes" \
				--rw=$rw --verify=md5 --size=8M \
				--bssplit=512/10:4k/30:12k/20:256k/30:1M/10
		done
		good "1 of $every is short, bs=1M" --rw=randrw --bs=1M \
			--size=16M --iodepth=4 --verify=crc32c \
			--verify_interval=64k
		line=' 128 reads of 8 MiB, 0 writes' \
			good "1 of $every is short, the sum of reads" \
			--rw=randread --bs=64k --size=8M
		line=' 0 reads of 0 bytes, 128 writes of 8 MiB' \
			good "1 of $every is short, the sum of writes" \
			--rw=randwrite --bs=64k --size=8M
		end_batch
		happened shorts 100
		agrees shorts 'short transfers continued'
	done
	io_bytes
done

# ---- mappings that are taken back ----

for source in heap:system udmabuf; do
	with_path direct $source
	inject invalidate_every=10
	batch
	good "every 10th takes the mapping back" --rw=randrw --iodepth=32 \
		--verify=crc32c
	good "every 10th takes the mapping back, bs=256k" --rw=randrw \
		--bs=256k --size=32M --iodepth=32 --verify=crc32c \
		--verify_interval=64k
	reports=3 good "every 10th takes the mapping back, three processes" \
		--numjobs=3 --size=1M --rw=randrw --offset_increment=1M \
		--iodepth=32 --verify=crc32c
	good "every 10th takes the mapping back, three drives" --rw=randrw \
		--iodepth=32 --verify=crc32c --bs=64k --dmabuf_chunk=256k \
		--size=24M --filename=$drive:$second:$third
	end_batch
	happened invalidations 100
	happened maps 100

	inject invalidate_every=10 eagain_every=7 eagain_burst=2 short_every=5
	batch
	good "all at once" --rw=randrw --verify=crc32c --bs=64k --iodepth=32
	good "all at once, mixed sizes" --rw=randwrite --verify=sha256 \
		--bssplit=512/10:4k/30:12k/20:256k/30:1M/10 --size=16M \
		--iodepth=32
	good "all at once, SQPOLL" --rw=randrw --verify=crc32c --bs=64k \
		--iodepth=32 --sqthread_poll=1 --size=2M
	good "all at once, force_async" --rw=randrw --verify=crc32c --bs=64k \
		--iodepth=32 --force_async=2
	end_batch
	for name in eagains shorts invalidations; do
		happened $name 50
	done
	agrees eagains 'reissued after EAGAIN'
	agrees shorts 'short transfers continued'
done

# Everything is taken back at moments that no request chooses.
inject
with_path direct heap:system
common="$options --size=32M --iodepth=32 --bs=64k"
start --rw=randrw --verify=crc32c --verify_backlog=64 --time_based=1 \
	--runtime=8
runs() {
	[ "$(rise requests)" -gt 100 ]
}
wait_for 30 runs
for moment in 1 2 3 4 5 6; do
	switch invalidate=1
	sleep 0.5
done
ends 60
[ "$status" = 0 ] && jobs_reported 1
result $? "all mappings are taken back, six times" "$err" "$out"
happened maps 4
inject
nothing_stays "in the end"
finish
