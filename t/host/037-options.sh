#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The options taken over from fio's io_uring engine, and our own, on path
# host: each with verified data, each with a sign that it was in effect.

. "${0%/*}/../lib.sh"

common="--dmabuf_path=host --filename=$scratch/data --size=4M --direct=1
	--iodepth=16 --rw=randwrite --verify=crc32c --verify_state_save=0"

good "fixedbufs, registerfiles, nonvectored" --fixedbufs=1 --registerfiles=1 \
	--nonvectored=1
good "the same, off" --fixedbufs=0 --registerfiles=0 --nonvectored=0
good "uncached=0, nowait=0, hipri=0" --uncached=0 --nowait=0 --hipri=0
for every in 1 2 7; do
	good "force_async=$every" --force_async=$every
done
good "sqthread_poll" --sqthread_poll=1
good "sqthread_poll at depth 1" --sqthread_poll=1 --iodepth=1
good "sqthread_poll, one by one" --sqthread_poll=1 --iodepth_batch=1 \
	--iodepth_batch_complete_max=1
good "sqthread_poll, getevents that does not wait" --sqthread_poll=1 \
	--iodepth_batch_complete_min=0
good "sqthread_poll_cpu" --sqthread_poll=1 --sqthread_poll_cpu=0
reports=2 good "sqthread_poll of two jobs" --sqthread_poll=1 --numjobs=2 \
	--offset_increment=2M --size=2M
good "dmabuf_source=memory" --dmabuf_source=memory
good "dmabuf_chunk" --dmabuf_chunk=16k
check "it makes several buffers" said ', 4 buffers of 64 KiB in all, 4 reg'
good "dmabuf_chunk, bs=64k, depth 100" --dmabuf_chunk=1m --bs=64k \
	--iodepth=100
check "it makes several buffers" said ', 7 buffers of 6400 KiB in all'
good "dmabuf_chunk and mixed sizes" --dmabuf_chunk=128k --iodepth=64 \
	--bssplit=4k/50:32k/50
check "it makes several buffers" said ', 16 buffers of 2 MiB in all'
good "dmabuf_chunk not a multiple of bs" --dmabuf_chunk=40k --bs=12k
check "no buffer is larger, no unit is cut" said ', 6 buffers of 192 KiB'
good "dmabuf_chunk with iomem_align" --dmabuf_chunk=64k --iomem_align=8k
for sync in auto always never; do
	good "dmabuf_sync=$sync: path host has nothing to sync" \
		--dmabuf_sync=$sync
	refute "no sync calls are reported" said 'sync calls'
done
good "dmabuf_warmup=0" --dmabuf_warmup=0

# ---- priorities: fio reports the I/Os with priority on their own ----

common="--dmabuf_path=host --filename=$scratch/data --size=4M --direct=1
	--iodepth=16 --rw=randread"

# has_prio DESC ARGS...: good, and fio's line on priorities is there
has_prio() {
	desc=$1
	shift
	fio job "$@"
	[ "$status" = 0 ] && jobs_reported 1 &&
		grep -Eq '(high|low) prio|prio [0-9]+/[0-9]+' "$out"
	result $? "$desc" "$err" "$out"
}

good "no cmdprio" --cmdprio_percentage=0
refute "then fio does not speak of priorities" grep -E \
	'(high|low) prio|prio [0-9]+/[0-9]+' "$out"
if [ "$(id -u)" = 0 ]; then
	has_prio "cmdprio_percentage" --cmdprio_percentage=30
	has_prio "cmdprio_class, of the real-time class" \
		--cmdprio_percentage=50 --cmdprio_class=1 --cmdprio=3
else
	skip "cmdprio_percentage" "the real-time class needs root"
	skip "cmdprio_class, of the real-time class" \
		"the real-time class needs root"
fi
has_prio "cmdprio_class, of best effort" --cmdprio_percentage=50 \
	--cmdprio_class=2 --cmdprio=7
has_prio "cmdprio_bssplit" --cmdprio_bssplit=4k/20:64k/80 \
	--bssplit=4k/50:64k/50 --cmdprio_class=2 --cmdprio=1
has_prio "cmdprio for reads and writes" --rw=randrw \
	--cmdprio_percentage=20,70 --cmdprio_class=2,2 --cmdprio=1,7
good "prio and prioclass" --prio=3 --prioclass=2

finish
