#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# All of fio's ways to verify, on a file through path host: what the engine
# reports as read has to be what was written. The last checks make sure that
# a wrong byte is found.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --filename=$scratch/data --size=4M --direct=1
	--iodepth=16 --verify_fatal=1 --verify_state_save=0"

for kind in md5 crc16 crc32 crc32c crc32c-intel crc64 crc7 sha256 sha512 sha1 \
	    sha3-224 sha3-256 sha3-384 sha3-512 xxhash meta; do
	good "verify=$kind" --rw=randwrite --bs=8k --verify=$kind
done
good "verify=null" --rw=randwrite --verify=null

for rw in write randwrite rw randrw readwrite; do
	good "rw=$rw" --rw=$rw --verify=crc32c
done

good "verify_async" --rw=randrw --verify=crc32c --verify_async=2
good "verify_async, many depths" --rw=randwrite --verify=md5 \
	--verify_async=4 --iodepth=256
good "verify_backlog" --rw=randwrite --verify=crc32c --verify_backlog=32
good "verify_backlog_batch" --rw=randwrite --verify=crc32c \
	--verify_backlog=64 --verify_backlog_batch=8
good "verify_backlog and verify_async" --rw=randrw --verify=crc32c \
	--verify_backlog=16 --verify_async=2
good "verify_interval" --rw=randwrite --bs=64k --verify=crc32c \
	--verify_interval=4k
good "verify_interval of one sector" --rw=randwrite --bs=16k --verify=sha1 \
	--verify_interval=512
good "verify_offset" --rw=randwrite --bs=8k --verify=crc32c --verify_offset=64
good "experimental_verify" --rw=randrw --verify=crc32c --experimental_verify=1
good "verify_dump" --rw=randwrite --verify=crc32c --verify_dump=1

good "bsrange" --rw=randwrite --bsrange=512-64k --bs_unaligned=0 --ba=512 \
	--verify=crc32c
good "bsrange, sequential" --rw=write --bsrange=4k-256k --verify=crc32c
good "bssplit" --rw=randwrite --bssplit=4k/30:16k/20:64k/50 --verify=crc32c
good "bssplit, mixed" --rw=randrw --bssplit=4k/50:12k/50,4k/10:128k/90 \
	--verify=crc32c
good "bs of reads and writes differ" --rw=randrw --bs=4k,16k --verify=crc32c
good "offset" --rw=randwrite --offset=1m --size=3m --verify=crc32c
good "iomem_align" --rw=randwrite --verify=crc32c --iomem_align=64k

good "verify=pattern" --rw=randwrite --verify=pattern \
	--verify_pattern=0xdeadbeef
good "verify=pattern with the offset" --rw=randwrite --verify=pattern \
	--verify_pattern='0xabcd%o"xyz"-21'
good "verify_pattern with headers" --rw=randwrite --bs=16k --verify=crc32c \
	--verify_pattern=0x5a --verify_interval=4k

good "norandommap" --rw=randwrite --verify=crc32c --norandommap=1 \
	--randrepeat=0
good "norandommap, overlapping" --rw=randwrite --verify=crc32c \
	--norandommap=1 --serialize_overlap=1 --bs=8k --ba=4k
good "random_generator=lfsr" --rw=randwrite --verify=crc32c \
	--random_generator=lfsr
# Blocks come up again. Without norandommap fio 3.41 and newer mistake what is
# on the disk, whatever the engine.
good "random_distribution=zipf" --rw=randwrite --verify=crc32c \
	--random_distribution=zipf:1.2 --norandommap=1
good "loops" --rw=randwrite --verify=crc32c --loops=3
good "time_based" --rw=randwrite --verify=crc32c --time_based=1 --runtime=1
good "refill_buffers" --rw=randwrite --verify=crc32c --refill_buffers=1
good "scramble_buffers=0" --rw=randwrite --verify=crc32c --scramble_buffers=0
good "buffer_compress_percentage" --rw=randwrite --verify=crc32c --bs=16k \
	--buffer_compress_percentage=50 --refill_buffers=1
good "dedupe_percentage" --rw=randwrite --verify=crc32c --bs=8k \
	--dedupe_percentage=50
reports=4 good "processes" --rw=randwrite --verify=crc32c --numjobs=4 \
	--size=1M --offset_increment=1M
reports=4 good "threads" --rw=randwrite --verify=crc32c --numjobs=4 \
	--size=1M --offset_increment=1M --thread=1
good "direct=0" --rw=randwrite --verify=crc32c --direct=0

good "do_verify=0" --rw=randwrite --verify=crc32c --do_verify=0
good "verify_only of that" --rw=randwrite --verify=crc32c --verify_only=1
good "verify by reading" --rw=read --verify=crc32c
good "verify by random reading" --rw=randread --verify=crc32c

# A job stopped in the middle, whose state file tells what is on the disk
good "verify_state_save" --rw=randwrite --verify=crc32c --do_verify=0 \
	--number_ios=300 --verify_state_save=1
check "there is a state file" sh -c 'ls ./*-verify.state'
good "verify_state_load" --rw=randread --verify=crc32c --verify_state_load=1 \
	--verify_state_save=1
rm -f ./*.state

# ---- a wrong byte is found ----

good "data to spoil" --rw=write --bs=64k --verify=crc32c --verify_interval=4k
printf 'X' | dd of=data bs=1 seek=1234567 conv=notrunc 2>/dev/null
for how in --rw=read "--rw=randwrite --verify_only=1" \
	   "--rw=read --verify_async=2"; do
	# shellcheck disable=SC2086 # several words
	fio job $how --bs=64k --verify=crc32c --verify_interval=4k
	[ "$status" = 1 ] && cat "$out" "$err" | grep -q 'verify failed at file .*offset 1232896'
	result $? "a wrong byte fails the job: $how" "$err" "$out"
done

common="--dmabuf_path=host --directory=$scratch --size=4M --direct=1
	--iodepth=16 --verify_fatal=1 --verify_state_save=0"
good "several files" --rw=randwrite --verify=crc32c --nrfiles=5
good "several files, read again" --rw=randread --verify=crc32c --nrfiles=5

check "no process is left" no_process_left
finish
