# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Jobs that every path must run on a real drive. The tests in the machine use
# them for all four paths. Call with_path first; the jobs overwrite the first
# two drives. Runs under busybox.

drive=/dev/nvme0n1
second=/dev/nvme1n1
family=

# with_path PATH SOURCE: sets both for the jobs that follow
with_path() {
	path=$1 source=$2
	label="${boot:+$boot: }$1 $2: "
	options="--dmabuf_path=$1 --dmabuf_source=$2 --direct=1
		--verify_state_save=0 --verify_fatal=1"
	common="$options --size=2M --iodepth=16"
	target=$drive
}

# measured TEXT: a regular expression for the line of a job, with $family in it
measured() {
	echo "path $path[ ,].*$family.*source $source( [(][^)]*[)])?, .*$1"
}

# attachments: the number of drives attached to dma-bufs
attachments() {
	grep -c 'nvme\|0000:' /sys/kernel/debug/dma_buf/bufinfo
}

no_dmabuf_left() {
	tail -n 1 /sys/kernel/debug/dma_buf/bufinfo |
		grep -q '^Total 0 objects'
}

nothing_left() {
	check "no dma-buf is left" no_dmabuf_left
}

le32() {
	printf "\\$(printf %o $(($1 & 255)))\\$(printf %o $(($1 >> 8 & 255)))"
	printf "\\$(printf %o $(($1 >> 16 & 255)))\\$(printf %o $(($1 >> 24)))"
}

# partition DRIVE: makes two partitions of 16 MiB, the second at an odd sector
partition() {
	{
		for start in 2048 70001; do
			printf '\0\0\0\0\203\0\0\0'
			le32 $start
			le32 32768
		done
		head -c 32 /dev/zero
		printf '\125\252'
	} | dd of="$1" bs=1 seek=446 conv=notrunc 2>/dev/null
	reread "$1"
	wait_for 5 test -b "$1p2"
}

# reread DRIVE: rereads its partition table. The ring of a job may still hold a
# partition open for a moment after its process has ended.
reread() {
	sync
	wait_for 10 blockdev --rereadpt "$1" 2>/dev/null
}

# multipath_head: the head of a namespace with two paths, if there is one
multipath_head() {
	for disk in /sys/block/nvme*n*; do
		case $(readlink -f "$disk") in
		*/nvme-subsystem/*) echo "/dev/${disk##*/}" ;;
		esac
	done | tail -n 1
}

# of_drive DRIVE: the PCI address of its controller
of_drive() {
	basename "$(readlink -f "/sys/block/${1#/dev/}/device/device")"
}

# filled BYTES OCTAL: prints one byte value that many times
filled() {
	head -c "$1" /dev/zero | tr '\0' "\\$2"
}

# ---- verify: fio writes and reads back, over the same path ----

io_verify() {
	batch
	for kind in md5 crc32c sha256 xxhash meta; do
		line=$(measured 'no errors') \
			good "verify=$kind" --rw=randwrite --bs=8k --verify=$kind
	done
	good "rw=randrw" --rw=randrw --verify=crc32c
	good "verify_async" --rw=randrw --verify=crc32c --verify_async=2
	good "verify_backlog" --rw=randwrite --verify=crc32c \
		--verify_backlog=32 --verify_backlog_batch=8
	good "verify_interval" --rw=randwrite --bs=64k --verify=crc32c \
		--verify_interval=4k
	good "verify=pattern" --rw=randwrite --verify=pattern \
		--verify_pattern='0xabcd%o"xyz"-21'
	# Concurrent writes to one block have no order, on any path.
	good "norandommap" --rw=randwrite --verify=crc32c --norandommap=1 \
		--serialize_overlap=1
	good "refill_buffers" --rw=randwrite --verify=crc32c \
		--refill_buffers=1
	good "do_verify=0" --rw=randwrite --bs=32k --verify=crc32c \
		--do_verify=0
	good "verify_only" --rw=randwrite --bs=32k --verify=crc32c \
		--verify_only=1
	good "verify by reading" --rw=read --bs=32k --verify=crc32c
	end_batch
	printf X | dd of=$drive bs=1 seek=1234567 conv=notrunc 2>/dev/null
	sync
	fio job --rw=read --bs=32k --verify=crc32c
	[ "$status" = 1 ] && cat "$out" "$err" |
		grep -q 'verify failed at file .* offset 1212416'
	result $? "a changed byte fails the job" "$err" "$out"
}

# ---- block sizes, depths, batches ----

io_shapes() {
	batch
	good "bs=512" --rw=randrw --bs=512 --size=512k --verify=crc32c
	good "bs=4M" --rw=randwrite --bs=4M --size=16M --iodepth=4 \
		--verify=crc32c --verify_interval=64k
	good "bs=1M at depth 32" --rw=randrw --bs=1M --size=32M --iodepth=32 \
		--verify=crc32c --verify_interval=64k
	good "bsrange" --rw=randwrite --bsrange=512-64k --verify=crc32c
	good "bssplit" --rw=randrw --bssplit=4k/50:12k/20:128k/30 \
		--verify=crc32c
	good "different bs for reads and writes" --rw=randrw --bs=4k,16k \
		--verify=crc32c
	good "iomem_align" --rw=randwrite --verify=crc32c --iomem_align=64k
	good "offset" --rw=randwrite --verify=crc32c --offset=555m
	good "iodepth=1" --rw=randwrite --verify=crc32c --iodepth=1 --size=1M
	good "iodepth=1024" --rw=randwrite --verify=crc32c --iodepth=1024 \
		--size=8M
	good "iodepth=1024, bs=64k" --rw=randread --iodepth=1024 --bs=64k \
		--size=128M
	good "batches" --rw=randrw --verify=crc32c --iodepth=64 \
		--iodepth_batch=16 --iodepth_low=16 \
		--iodepth_batch_complete_max=64
	good "getevents that does not wait" --rw=randrw --verify=crc32c \
		--iodepth_batch_complete_min=0
	good "force_async" --rw=randrw --verify=crc32c --force_async=2
	good "sqthread_poll" --rw=randrw --verify=crc32c --sqthread_poll=1 \
		--size=1M
	end_batch
}

# ---- several buffers ----

io_chunks() {
	batch
	line=', 4 buffers of 1 MiB in all, ' good "four buffers" --rw=randrw \
		--verify=crc32c --bs=64k --dmabuf_chunk=256k
	line=', 16 buffers of 64 KiB in all, 16 registrations' good \
		"a buffer for each I/O" --rw=randrw --verify=crc32c \
		--dmabuf_chunk=4k
	line=', 4 buffers of 4 MiB in all' good "chunks and mixed sizes" \
		--rw=randrw --verify=crc32c --bssplit=4k/50:64k/50 \
		--size=4M --iodepth=64 --dmabuf_chunk=1m
	good "chunks that are not a multiple of bs" --rw=randrw --verify=crc32c \
		--bs=12k --dmabuf_chunk=40k
	end_batch
}

# ---- two drives, partitions ----

io_targets() {
	common="$options --size=8M --iodepth=16"
	batch
	line='nvme0n1 IOMMU domain .*nvme1n1 IOMMU domain ' good \
		"two drives in one job" --filename=$drive:$second --rw=randrw \
		--verify=crc32c
	good "two drives and several buffers" --filename=$drive:$second \
		--rw=randrw --verify=crc32c --bs=64k --dmabuf_chunk=256k
	end_batch
	reports=2 good "a job for each drive" --filename=$drive \
		--rw=randrw --verify=crc32c --name=job2 --ioengine=dmabuf \
		$common --filename=$second --rw=randrw --verify=crc32c
	partition $second
	result $? "the second drive can be partitioned"
	batch
	for part in p1 p2; do
		good "a partition, $part" --filename=$second$part \
			--rw=randrw --verify=crc32c
	done
	good "the last block of a partition" --filename=${second}p2 \
		--offset=16380k --size=4k --rw=write --verify=crc32c
	good "a partition with a pattern" --filename=${second}p2 --rw=randwrite \
		--size=1M --bs=16k --buffer_pattern=0x5a
	end_batch
	filled 1048576 132 >want
	dd if=$second bs=512 skip=70001 count=2048 2>/dev/null | cmp -s - want
	result $? "the pattern is in its place on the whole drive"
	rm want
	dd if=/dev/zero of=$second bs=512 count=1 conv=notrunc 2>/dev/null
	reread $second
	result $? "the partitions can be removed"
	with_path "$path" "$source"
}

# ---- jobs ----

io_jobs() {
	batch
	reports=4 good "four processes" --numjobs=4 --size=1M \
		--offset_increment=1M --rw=randrw --verify=crc32c
	reports=4 good "four threads" --numjobs=4 --size=1M --thread=1 \
		--offset_increment=1M --rw=randrw --verify=crc32c
	reports=4 good "four, grouped" --numjobs=4 --group_reporting=1 \
		--rw=randread
	good "loops" --loops=3 --rw=randwrite --verify=crc32c --size=1M
	good "time_based" --time_based=1 --runtime=1 --rw=randrw \
		--verify=crc32c --size=1M
	good "rate_iops" --rate_iops=400 --io_size=1M --rw=randread
	good "zonemode=strided" --rw=write --zonemode=strided --zonesize=64k \
		--zonerange=256k --zoneskip=192k --io_size=1M --verify=crc32c
	end_batch
}

# ---- trim and sync ----

io_others() {
	filled 1048576 377 >ones
	dd if=ones of=$drive bs=1M conv=fsync 2>/dev/null
	batch
	good "trim of a range" --rw=trim --bs=64k --offset=256k --size=512k
	end_batch
	dd if=$drive bs=1M count=1 2>/dev/null >now
	{
		head -c 262144 ones
		head -c 524288 /dev/zero
		head -c 262144 ones
	} | cmp - now >"$scratch/log" 2>&1
	result $? "trim changes nothing outside its range" "$scratch/log"
	rm -f ones now
	batch
	good "randtrim" --rw=randtrim --bs=64k
	good "trimwrite" --rw=trimwrite --bs=16k
	good "randtrimwrite" --rw=randtrimwrite --bs=16k
	# trim_percentage fails an assertion of fio 3.33, with any engine.
	good "trimwrite with verify" --rw=trimwrite --verify=crc32c --size=2M
	good "randtrimwrite with verify" --rw=randtrimwrite --verify=crc32c \
		--size=2M
	good "fsync" --rw=randwrite --fsync=4 --verify=crc32c --size=1M
	good "fdatasync" --rw=randwrite --fdatasync=4 --verify=crc32c --size=1M
	end_batch
}

io_replay() {
	good "write_iolog" --rw=randrw --bssplit=4k/50:16k/50 \
		--write_iolog=/tmp/iolog
	batch
	good "read_iolog" --read_iolog=/tmp/iolog --replay_no_stall=1
	good "read_iolog_chunked" --read_iolog=/tmp/iolog \
		--read_iolog_chunked=1 --replay_no_stall=1
	end_batch
	rm -f /tmp/iolog
}

# ---- the bytes as another program reads them ----

io_bytes() {
	filled 1048576 247 >want
	dd if=/dev/zero of=$drive bs=1M count=3 conv=fsync 2>/dev/null
	batch
	good "a pattern at an offset" --offset=1M --size=1M --rw=randwrite \
		--bssplit=4k/50:64k/50 --buffer_pattern=0xa7
	end_batch
	dd if=$drive bs=1M skip=1 count=1 2>/dev/null | cmp - want \
		>"$scratch/log" 2>&1
	result $? "dd reads the pattern" "$scratch/log"
	dd if=$drive bs=1M count=1 2>/dev/null | cmp - /dev/zero 2>&1 |
		grep -q EOF
	result $? "nothing before the pattern has changed"
	dd if=$drive bs=1M skip=2 count=1 2>/dev/null | cmp - /dev/zero 2>&1 |
		grep -q EOF
	result $? "nothing after the pattern has changed"
	filled 1048576 66 | dd of=$drive bs=1M conv=fsync 2>/dev/null
	good "reading what dd wrote" --size=1M --rw=randread --verify=pattern \
		--verify_pattern=0x36
	rm -f want
}

io_everything() {
	io_verify
	io_shapes
	io_chunks
	io_targets
	io_jobs
	io_others
	io_replay
	io_bytes
}
