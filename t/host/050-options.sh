#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Options that make no sense, alone or together: one line that names the
# object, the reason and the remedy, an error status, and nothing left.
# Ranges and unknown values are refused by fio itself, in its words.

. "${0%/*}/../lib.sh"

python3 -c 'open("data", "wb").write(b"x" * (1 << 20))'
files=$(ls | tr '\n' ' ')
common="--filename=$scratch/data --size=1M --direct=1 --rw=read
	--dmabuf_path=host"

# ---- path and source ----

bad "pinned with a heap" \
	'dmabuf_path=pinned: .*dmabuf_source=heap.*use dmabuf_source=udmabuf' \
	--dmabuf_path=pinned --dmabuf_source=heap
bad "pinned with memory" 'dmabuf_path=pinned: .*dmabuf_source=memory.*use ' \
	--dmabuf_path=pinned --dmabuf_source=memory
bad "staged with memory" 'dmabuf_path=staged: .*dmabuf_source=memory.*use ' \
	--dmabuf_path=staged --dmabuf_source=memory
bad "direct with memory" 'dmabuf_path=direct: .*dmabuf_source=memory.*use ' \
	--dmabuf_path=direct --dmabuf_source=memory:2M
bad "host with a heap" 'dmabuf_path=host: .*dmabuf_source=heap.*use ' \
	--dmabuf_source=heap:system
bad "host with udmabuf" 'dmabuf_path=host: .*dmabuf_source=udmabuf.*use ' \
	--dmabuf_source=udmabuf
bad "unknown kind" 'dmabuf_source=gpu: no such kind.*heap.*udmabuf.*memory' \
	--dmabuf_source=gpu
bad "kind that only begins right" 'dmabuf_source=mem: no such kind' \
	--dmabuf_source=mem
bad "unknown page size" 'dmabuf_source=memory:3M: no such page size.*memory:2M' \
	--dmabuf_source=memory:3M
bad "unknown page size of udmabuf" 'dmabuf_source=udmabuf:4M: no such page' \
	--dmabuf_path=staged --dmabuf_source=udmabuf:4M
bad "nothing after the colon" 'dmabuf_source=memory:: nothing after the' \
	--dmabuf_source=memory:
bad "a heap with a path" 'dmabuf_source=heap:../x: a heap is named' \
	--dmabuf_path=staged --dmabuf_source=heap:../x
bad "a source of 200 characters" 'dmabuf_source=heap:a+\.\.\.: too long' \
	--dmabuf_path=staged \
	--dmabuf_source=heap:"$(printf 'a%.0s' $(seq 200))"
for option in --dmabuf_place=spread --dmabuf_size=1m; do
	bad "$option on path host" 'dmabuf_path=host: .*no dma-buf to place' \
		--dmabuf_path=host $option
done
bad_option "unknown place" 'failed parsing dmabuf_place=middle' \
	--dmabuf_path=staged --dmabuf_place=middle
bad_option "unknown path" 'failed parsing dmabuf_path=fast' \
	--dmabuf_path=fast
bad_option "unknown sync" 'failed parsing dmabuf_sync=maybe' \
	--dmabuf_sync=maybe

# ---- out of range ----

for range in dmabuf_chunk=1 dmabuf_chunk=4095 dmabuf_warmup=7 \
	     cmdprio_percentage=200 cmdprio_class=9 \
	     cmdprio=99 hipri=x; do
	bad_option "$range" "failed parsing $range" --$range
done
bad "sqthread_poll_cpu=9999" 'io_uring: .*sqthread_poll_cpu' \
	--sqthread_poll=1 --sqthread_poll_cpu=9999
fio job --cmdprio_bssplit=4k/50 --cmdprio_percentage=50
[ "$status" = 1 ] && [ "$(lines | wc -l)" = 1 ] &&
	said 'cmdprio_percentage, cmdprio_bssplit: fio rejects these values'
result $? "cmdprio_bssplit and cmdprio_percentage" "$err" "$out"
bad "dmabuf_chunk smaller than bs" 'bs: .*lower bs, or raise dmabuf_chunk' \
	--dmabuf_chunk=4k --bs=64k --iodepth=2
bad "dmabuf_chunk with a bs that is no multiple of pages" \
	'dmabuf_chunk: .*2560 bytes.*multiple of 4 KiB' \
	--dmabuf_chunk=4k --bs=2560 --iodepth=32

# ---- what does not go with registered buffers ----

bad "uncached=1" 'uncached=1: .*remove' --uncached=1
bad "nowait=1" 'nowait=1: .*remove' --nowait=1
bad "hipri with direct=0" 'hipri: .*set direct=1' --hipri=1 --direct=0
bad "openfiles on path direct" \
	'openfiles=: smaller than nrfiles, but dmabuf_path=direct .*remove' \
	--nrfiles=4 --openfiles=2 --filename="a:b:c:d" --dmabuf_path=direct
# fio has laid them out before it asked the engine.
rm -f a b c d
# fio's io_uring engine has these, in some of its versions.
for option in apptag=1 apptag_mask=1 cdb_len=16 cmd_type=nvme deac=1 \
	      md_per_io_size=8 pi_act=0 pi_chk=GUARD read_mode=read readfua=1 \
	      verify_bytchk=1 verify_mode=compare write_mode=uncor writefua=1
do
	bad_option "$option" "^Option <${option%=*}>: Refused: this engine reads and writes blocks " \
		"--$option"
done
for option in mem=malloc mem=mmap mem=shm iomem=mmap \
	      mem=mmaphuge mem="mmapshared:$scratch/file"; do
	bad "$option" '(mem|iomem).*remove' --$option
done
# Here fio is faster than the engine.
fio job --io_submit_mode=offload
[ "$status" = 1 ] && cat "$out" "$err" |
	grep -q 'dmabuf: .*offloaded submit'
result $? "io_submit_mode=offload" "$err" "$out"

# ---- report ----

fio job --dmabuf_report=/nowhere/report.json
[ "$status" = 1 ] && [ "$(lines | wc -l)" = 2 ] && said \
	'^dmabuf: dmabuf_report=/nowhere/report.json: cannot create.*No such file'
result $? "a report in a directory that is not there" "$err" "$out"
fio job --dmabuf_report="$scratch"
[ "$status" = 1 ] && said "dmabuf_report=$scratch: cannot"
result $? "a report that is a directory" "$err" "$out"
fio job --dmabuf_report="/$(printf 'b%.0s' $(seq 5000))"
[ "$status" = 1 ] && said 'dmabuf_report=/b+\.\.\.: the name is too long'
result $? "a report with a name of 5000 characters" "$err" "$out"
if [ -w /dev/full ]; then
	fio job --dmabuf_report=/dev/full
	[ "$status" = 1 ] && said 'dmabuf_report=.*: cannot write: No space'
	result $? "a report on a full disk" "$err" "$out"
else
	skip "a report on a full disk" "no /dev/full"
fi
ln -s victim report.tmp
good "a report beside a link with a name like it" \
	--dmabuf_report="$scratch/report"
[ -s report ] && [ ! -e victim ]
result $? "the link is not followed"
rm report report.tmp

# ---- several jobs with the same mistake: one line from each ----

fio job --numjobs=3 --dmabuf_source=gpu
[ "$status" = 3 ] && [ "$(lines | wc -l)" = 3 ]
result $? "three jobs, three lines" "$err" "$out"
fio job --numjobs=3 --thread=1 --dmabuf_source=gpu
[ "$status" = 3 ] && [ "$(lines | wc -l)" = 3 ]
result $? "three threads, three lines" "$err" "$out"

# JSON stays readable: the message is before it and the error in it.
fio job --dmabuf_source=gpu --output-format=json
[ "$status" = 1 ] && grep -q '"error" : 22' "$out"
result $? "the error is in fio's JSON" "$err" "$out"

check "no file is left" test "$(ls | tr '\n' ' ')" = "$files"
check "no process is left" no_process_left
finish
