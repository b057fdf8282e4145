#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The test kernel refuses to register dma-bufs, or to map them, with one errno
# after the other, or takes its time: the words, the exit status, what is left,
# and what is in the figures.

. "${0%/*}/../lib.sh"

needs_test_kernel
in_machine --cpus 1 --iommu strict --drives 3,256M --memory 3G
. /t/lib-faults.sh
boot=
third=/dev/nvme2n1

unused() {
	wait_for 10 nothing_registered && wait_for 10 no_dmabuf_left
	result $? "$1: nothing is left registered" \
		/sys/kernel/debug/dma_buf/bufinfo
}

# ---- registering ----

elsewhere='dmabuf_path=staged or dmabuf_path=host$'
with_path direct heap:system

# attach ERRNO REGEX
attach() {
	inject attach_error="$1"
	bad "registering fails with $1" "^dmabuf: $drive: $2" --rw=randrw
	bad "registering fails with $1, threads, no warm-up" \
		"^dmabuf: $drive: $2" --rw=randrw --thread=1 --dmabuf_warmup=0
}
refused='the kernel refused the dma-buf from heap:system \(64 KiB\) for this drive'
attach 19 "$refused: No such device; .*$elsewhere"
attach 16 "$refused: Device or resource busy; .*$elsewhere"
attach 1 "$refused: Operation not permitted; .*$elsewhere"
attach 5 "$refused: Input/output error; .*$elsewhere"
attach 12 'out of memory registering dma-bufs from heap:system; lower iodepth, bs, numjobs or the number of files$'
attach 23 'cannot register dma-bufs: Too many open files in system; raise the limit with ulimit -n$'
attach 95 "the kernel does not support dma-bufs for this drive: Operation not supported; use $elsewhere"
attach 22 "$refused: Invalid argument; .*dmabuf_chunk.*$elsewhere"
unused "after refusals"
inject attach_error=16
fio job --rw=randrw --numjobs=3 --size=1M
[ "$status" = 3 ] && [ "$(lines | wc -l)" = 3 ] &&
	[ "$(lines | grep -c 'Device or resource busy')" = 3 ]
result $? "three jobs, three lines" "$err" "$out"

# Of three drives the second one.
for source in heap:system udmabuf; do
	with_path direct $source
	target=$drive:$second:$third
	for options_more in --dmabuf_chunk=1g --dmabuf_chunk=16k; do
		inject attach_error=16 attach_error_on=nvme1n1
		bad "the second of three drives, $options_more" \
			"^dmabuf: $second: .*: Device or resource busy; " \
			--rw=randrw --size=6M $options_more
		unused "the second of three drives"
		inject attach_error=95 attach_error_on=nvme2n1
		bad "the third of three drives, $options_more" \
			"^dmabuf: $third: the kernel does not support dma-bufs for this drive" \
			--rw=randrw --size=6M $options_more
		unused "the third of three drives"
	done
	target=$drive
	inject attach_error=16 attach_error_on=nvme1n1
	good "another drive than that works" --rw=randrw --verify=crc32c
done
inject
good "three drives, without the error" --rw=randrw --verify=crc32c \
	--size=6M --filename=$drive:$second:$third

# ---- size ----

with_path direct heap:system
inject size_limit_mb=1
common="$options --size=8M --bs=64k --iodepth=32"
bad "a dma-buf over the kernel's limit" \
	"^dmabuf: $drive: the kernel refused the dma-buf from heap:system \(2 MiB\) for this drive: Invalid argument; .*dmabuf_chunk" \
	--rw=randrw
line=', 4 buffers of 2 MiB in all, 4 registrations ' good \
	"and dmabuf_chunk, which is the remedy" --rw=randrw \
	--verify=crc32c --dmabuf_chunk=512k
inject
common="$options --size=8M --bs=1M --iodepth=1028 --zero_buffers=1"
bad "over 1 GiB" "^dmabuf: $drive: a dma-buf of 1028 MiB is larger than this kernel accepts; lower dmabuf_chunk to 1g, or hand over smaller dma-bufs\$" \
	--rw=randread --dmabuf_chunk=2g
line=', 2 buffers of 1028 MiB in all, 2 registrations ' good \
	"the same in two dma-bufs" --rw=randread
unused "limits of size"

# ---- mapping ----

for source in heap:system udmabuf; do
	with_path direct $source
	for error in 14:EFAULT:Bad.address 22:EINVAL:Invalid.argument; do
		words=${error##*:} error=${error%:*}
		name=${error#*:} error=${error%:*}
		inject map_error=$error
		bad "mapping fails with $name" \
			"^dmabuf: $drive: the dma-buf from $source cannot be mapped for this drive: $words \(every segment must be a multiple of 4 KiB\); try another dmabuf_source\$" \
			--rw=randrw
		fio job --rw=randrw --dmabuf_warmup=0
		[ "$status" = 1 ] && [ "$(lines | wc -l)" = 1 ] &&
			said "first map inside the figures .*, 0 reads of 0 bytes, 0 writes of 0 bytes, .*errors: [0-9]+ $name," &&
			cat "$out" "$err" | grep -q "error=$words"
		result $? "mapping fails with $name, no warm-up: I/O fails" \
			"$err" "$out"
	done
	unused "mappings that fail"
done
inject map_error=5
bad "mapping fails with EIO" "the first read into memory from udmabuf failed: Input/output error; see the kernel log\$" --rw=randrw
inject
good "and works again" --rw=randrw --verify=crc32c

# ---- a mapping takes its time ----

# milliseconds FILE-OF-FIO: the largest lat of either direction
longest() {
	sed -n 's/^ *lat (\([mun]\)sec): min= *[^,]*, max= *\([0-9.]*\)\(k*\),.*/\1 \2 \3/p' \
		"$out" | awk '{ n = $2 * ($3 == "k" ? 1000 : 1)
		n /= $1 == "m" ? 1 : $1 == "u" ? 1000 : 1000000
		if (n > most) most = n } END { print int(most) }'
}

with_path direct heap:system
inject map_delay_ms=700
good "a map of 700 ms" --rw=randread --size=1M
map=$(lines | sed -n 's/^.*, first map \([0-9]*\)\.[0-9]* ms,.*/\1/p')
[ "${map:-0}" -ge 700 ] && [ "${map:-0}" -lt 1400 ]
result $? "its time is in the line: ${map:-none} ms" "$out"
[ "$(longest)" -gt 0 ] && [ "$(longest)" -lt 350 ]
result $? "and in no I/O: the longest took $(longest) ms" "$out"
happened maps 1
inject map_delay_ms=700
line='first map inside the figures \(dmabuf_warmup=0\)' \
	good "a map of 700 ms, no warm-up" --rw=randread --size=1M \
	--dmabuf_warmup=0
[ "$(longest)" -ge 700 ] && [ "$(longest)" -lt 1400 ]
result $? "it is in the figures: the longest took $(longest) ms" "$out"
line=', first maps [0-9.]+ ms \(longest [7-9][0-9][0-9]\.' good \
	"three drives: the sum and the longest" --rw=randread --size=3M \
	--filename=$drive:$second:$third
map=$(lines | sed -n 's/^.*, first maps \([0-9]*\)\..*/\1/p')
[ "${map:-0}" -ge 2100 ]
result $? "the sum is theirs: ${map:-none} ms" "$out"
inject
unused "in the end"
finish
