#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Block sizes, depths, batches, files and offsets on path host. Whatever is
# set, the engine counts the I/Os and bytes that fio counts.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --filename=$scratch/data --size=8M --direct=1
	--dmabuf_report=$scratch/report.json"

# counted DESC IOS ARGS...: the job is good, the engine counted as many I/Os
# and bytes as fio did, and there were IOS of them ("any" says nothing).
counted() {
	desc=$1 ios=$2
	shift 2
	rm -f report.json
	fio job --output-format=json,normal "$@"
	[ "$status" = 0 ] && jobs_reported 1 && [ ! -s "$err" ] &&
		same_counts >>"$err"
	result $? "$desc" "$err" "$out"
}

same_counts() {
	reads=$(number reads)
	writes=$(number writes)
	report_is reads "$(of_fio 1 total_ios)" &&
		report_is writes "$(of_fio 2 total_ios)" &&
		report_is read_bytes "$(of_fio 1 io_bytes)" &&
		report_is write_bytes "$(of_fio 2 io_bytes)" &&
		report_is eagain_reissues 0 || return 1
	[ "$ios" = any ] || [ $((reads + writes)) = "$ios" ] || {
		echo "expected $ios I/Os, not $((reads + writes))"
		return 1
	}
}

number() {
	sed -n "s/^  \"$1\": \([0-9]*\),\$/\1/p" report.json
}

# of_fio N KEY: the Nth such member of fio's JSON; 1 is of reads, 2 of writes
of_fio() {
	grep "\"$2\" : " "$out" | sed -n "$1s/^.* : \([0-9]*\),\$/\1/p"
}

# ---- block sizes ----

for bs in 512 1k 4k 12k 64k 128k 1M 4M; do
	good "bs=$bs, verified" --rw=randwrite --bs=$bs --iodepth=4 \
		--verify=crc32c --verify_state_save=0
done
counted "bs=512" 16384 --rw=read --bs=512 --iodepth=32
counted "bs=4M" 2 --rw=read --bs=4M
counted "bs=4k" 2048 --rw=randwrite --bs=4k --iodepth=8
counted "bssplit" any --rw=randread \
	--bssplit=4k/50:64k/50 --iodepth=8
counted "bsrange" any --rw=rw \
	--bsrange=4k-64k --iodepth=8
counted "the last block is a short one" any --rw=read --bs=4k \
	--size=17k
counted "blocksize_unaligned, buffered" any --rw=randread \
	--bsrange=1000-30000 --bs_unaligned=1 --direct=0 --iodepth=4

# ---- depths and batches ----

for depth in 1 2 3 16 63 128 500 1024; do
	counted "iodepth=$depth" 2048 --rw=randread \
		--iodepth=$depth
done
counted "iodepth=1024, bs=64k" 128 --rw=randread \
	--iodepth=1024 --bs=64k
counted "iodepth_batch" 2048 --rw=randread --iodepth=32 \
	--iodepth_batch=8
counted "iodepth_batch_complete_min=0" 2048 --rw=randread \
	--iodepth=32 --iodepth_batch_complete_min=0
counted "iodepth_batch_complete_min=8" 2048 --rw=randread \
	--iodepth=32 --iodepth_batch_complete_min=8 \
	--iodepth_batch_complete_max=16
counted "all batches and iodepth_low" 2048 --rw=randread \
	--iodepth=64 --iodepth_batch=16 --iodepth_low=16 \
	--iodepth_batch_complete_max=64
counted "batch of one" 2048 --rw=randread --iodepth=64 \
	--iodepth_batch=1 --iodepth_batch_complete_max=1
counted "thinktime" 64 --rw=randread --io_size=256k \
	--thinktime=1000 --thinktime_blocks=8 --iodepth=8

# ---- where ----

counted "offset" 1024 --rw=read --offset=4M --size=4M
counted "io_size" 256 --rw=randread --io_size=1M
counted "number_ios" 100 --rw=randread --number_ios=100
counted "rw=read:skip" 1024 --rw=read:4k --io_size=4M
counted "rw=randread:8" 2048 --rw=randread:8
counted "zonemode=strided" 512 --rw=read --zonemode=strided \
	--zonesize=64k --zonerange=256k --zoneskip=192k --io_size=2M
good "zonemode=strided, verified" --rw=write --zonemode=strided \
	--zonesize=64k --zonerange=256k --zoneskip=192k --io_size=2M \
	--verify=crc32c --verify_state_save=0 --iodepth=8
counted "percentage_random" 2048 --rw=randread \
	--percentage_random=30 --iodepth=4

# ---- files ----

common="--dmabuf_path=host --direct=1 --dmabuf_report=$scratch/report.json"
counted "filename=a:b" 2048 --rw=randwrite --iodepth=16 \
	--filename="$scratch/a:$scratch/b" --size=8M
check "both were written" sh -c '
	test "$(stat -c %s a)" = 4194304 && test "$(stat -c %s b)" = 4194304'
for mode in random roundrobin sequential zipf; do
	counted "nrfiles=7, $mode" 1792 --rw=randread \
		--nrfiles=7 --size=7M --directory="$scratch" --iodepth=16 \
		--file_service_type=$mode
done
for how in "" --thread=1 --file_service_type=roundrobin:3 \
	   --file_service_type=sequential --create_serialize=0; do
	counted "openfiles=2 of nrfiles=7 $how" 1792 --rw=randwrite \
		--nrfiles=7 --openfiles=2 --size=7M --directory="$scratch" \
		--iodepth=16 $how
done
good "openfiles=2 of nrfiles=7, verified" --rw=randrw --nrfiles=7 \
	--openfiles=2 --size=7M --directory="$scratch" --iodepth=16 \
	--verify=crc32c --verify_state_save=0 --verify_async=2 --fsync=8
for loop in --loops=3 "--time_based=1 --runtime=1" --io_size=16M; do
	# shellcheck disable=SC2086 # several words
	good "unlink_each_loop with $loop" --rw=randwrite --iodepth=4 \
		--unlink_each_loop=1 $loop --filename="$scratch/unlinked" \
		--size=4M
done
counted "nrfiles=100" 6400 --rw=read --nrfiles=100 \
	--filesize=256k --size=25600k --directory="$scratch" --iodepth=16
counted "filename_format" 512 --rw=write --size=2M \
	--directory="$scratch" --filename_format='f.$jobnum.$filenum' --nrfiles=2
check "the files have those names" test -f f.0.0 -a -f f.0.1
counted "create_serialize=0" 256 --rw=write --size=1M \
	--filename="$scratch/new" --create_serialize=0
counted "create_serialize=0, reading" 256 --rw=read --size=1M \
	--filename="$scratch/new2" --create_serialize=0
counted "create_on_open" 256 --rw=write --size=1M \
	--filename="$scratch/new3" --create_on_open=1
counted "fallocate=none, overwrite=1" 256 --rw=randwrite --size=1M \
	--filename="$scratch/new4" --fallocate=none --overwrite=1
counted "file_append" 256 --rw=write --size=1M \
	--filename="$scratch/new4" --file_append=1
counted "unlink" 256 --rw=write --size=1M \
	--filename="$scratch/gone" --unlink=1
check "the file is gone" test ! -e gone
counted "readonly" 256 --rw=read --size=1M \
	--filename="$scratch/new" --readonly
counted "prioclass" 256 --rw=read --size=1M \
	--filename="$scratch/new" --prioclass=2 --prio=7
counted "size=0 of an existing file" 256 --rw=read \
	--filename="$scratch/new"

# 100 files at once on purpose: the engine keeps them open and gives them back
check "no process is left" no_process_left
finish
