#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The CPU touches a dma-buf only inside DMA_BUF_IOCTL_SYNC, whatever fio does
# and whatever fails. t/fake-heap/ is a heap on this host whose memory cannot be
# reached outside; path staged leaves all of it to the CPU. Each unit has a
# dma-buf of its own, so that one does not hide behind another.

. "${0%/*}/../lib.sh"

fake=$build/t/fake-heap/.libs/fake-heap.so
[ -f "$fake" ] || bail "$fake: not built; run make"
record=$scratch/record
common="--dmabuf_path=staged --filename=$scratch/data --size=1M --direct=1
	--iodepth=4 --rw=randwrite --dmabuf_chunk=4k"

# with [ASSIGNMENT...]: fio has the heap
with() {
	preload="LD_PRELOAD=$fake FAKE_HEAP_LOG=$record $*"
	: >"$record"
}

# faultless: there were dma-bufs, and nothing was wrong
faultless() {
	grep -q '^first: ' "$record" && ! grep -v '^first: ' "$record"
}

with
good "refill_buffers" --refill_buffers=1
good "refill_buffers, verified" --refill_buffers=1 --verify=crc32c \
	--verify_state_save=0
good "verify_offset" --verify=crc32c --verify_offset=64 --verify_state_save=0
good "read and written" --rw=randrw --refill_buffers=1 --fsync=8
check "the CPU stays inside" faultless

# ---- the kernel refuses a bracket: the job fails, and touches nothing ----

# The first 8 calls are of fio's first fill, before the job; 4 more open the
# units that will be refilled.
for how in "--refill_buffers=1" "--rw=randrw --verify=crc32c"; do
	nth=8
	while [ $nth -le 24 ]; do
		with "FAKE_HEAP_FAIL=$nth"
		# shellcheck disable=SC2086 # several words
		fio job --continue_on_error=all $how
		[ "$status" = 1 ] && faultless >>"$err" && [ "$(lines |
			grep -c ': DMA_BUF_IOCTL_SYNC failed: Input/output error; ')" = 1 ] &&
			! said ', no errors'
		result $? "call $nth fails ${how%%=*}" "$err" "$out"
		nth=$((nth + 3))
	done
done

# ---- I/Os that fail, beside others ----

python3 -c 'open("data", "wb").write(b"x" * (1 << 20))'
with
(
	# Writes beyond 512 KiB end with EFBIG.
	trap '' XFSZ
	ulimit -f 1024
	fio job --refill_buffers=1 --continue_on_error=write \
		--ignore_error=,EFBIG
	[ "$status" = 0 ] && said ', errors: 128 EFBIG'
)
result $? "half of all writes fail" "$err" "$out"
check "the CPU stays inside" faultless

# ---- a replay that replaces the memory ----

{
	echo "fio version 2 iolog"
	echo "$scratch/data add"
	echo "$scratch/data open"
	seq 0 2999 | awk -v file="$scratch/data" '{
		print file, "write", $1 % 100 * 4096, 4096 * (1 + int($1 / 800))
	}'
	echo "$scratch/data close"
} >log.txt
with
good "a replay in chunks" --read_iolog="$scratch/log.txt" \
	--read_iolog_chunked=1 --refill_buffers=1 --dmabuf_chunk=16k \
	--dmabuf_report="$scratch/report.json"
check "the memory was replaced" sh -c \
	'grep -E "^  \"registrations\": ([5-9]|[0-9]{2,})," report.json'
check "the CPU stays inside" faultless

# ---- the jobs of the tests of path host, in one run of fio ----

# Those tests run here with a lib.sh that only notes their jobs, at $scratch/t.
# A dma-buf for each unit where the block size is one number of pages. Left out:
# what the tests do between two runs of fio, and replays.
mkdir -p t/host
cat >t/lib.sh <<'END'
scratch=../..
for nothing in good_result result check refute bad known holds skip wait_for; do
	eval "$nothing() { :; }"
done
said() { :; }
jobs_reported() { :; }
lines() { :; }
no_process_left() { :; }
python3() { :; }
dd() { :; }
out=/dev/null err=/dev/null FIO=true ENGINE= LIMIT=1 status=0
good() {
	fio "$@"
}
fio() {
	shift
	case " $common $*" in
	*iolog*|*\ --name=*|*--readonly*|*state_load*|*dmabuf_source*|*dmabuf_sync*) return ;;
	esac
	chunk=4K
	{
		echo "[${test##*/}-$((number += 1))]"
		echo stonewall
		for option in $common "$@"; do
			case $option in
			--dmabuf_path=*) echo "dmabuf_path=staged" ;;
			--runtime=*) echo "runtime=300ms" ;;
			--output*|--status*|--eta*|--dmabuf_report*) ;;
			*) echo "${option#--}" ;;
			esac
			case $option in
			--bs=512|--bs=1k|--bs=*,*|--bs=*[0-9]|--bs[rs]*|--blocksize*|--iomem*|--dmabuf_chunk*)
				chunk= ;;
			--bs=*) chunk=${option#--bs=} ;;
			esac
		done
		[ -z "$chunk" ] || echo "dmabuf_chunk=$chunk"
	} >>../../all.fio
}
finish() { :; }
END
printf '[global]\nioengine=%s\n' "$ENGINE" >all.fio
for test in 030-verify 031-sizes 033-sync 034-jobs 037-options 039-time; do
	cp "$top/t/host/$test.sh" t/host
	(
		cd t/host && test=$test sh "./$test.sh"
	) >"$test.out" 2>&1
done
sed -i "s,\.\./\.\./,$scratch/," all.fio
jobs=$(grep -c '^\[[0-9]' all.fio)
with
# shellcheck disable=SC2086 # some assignments
timeout -k 5 $((LIMIT * 10)) env $preload "$FIO" all.fio >"$out" 2>"$err"
first=$(grep -c '^first: ' "$record")
[ "$jobs" -gt 150 ] && [ "$first" -ge "$jobs" ]
result $? "$jobs jobs ran: $first processes had dma-bufs" "$err"
check "all jobs: the CPU stays inside" faultless

finish
