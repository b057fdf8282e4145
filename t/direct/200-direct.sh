#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Path direct with a heap and with udmabuf in all four modes of the IOMMU: the
# mode is in the line, data is right, and the drive is attached to the dma-buf
# as long as a job runs and no longer.

. "${0%/*}/../lib.sh"

needs_feature
boots="--iommu,off,--cpus,1 --iommu,lazy,--cpus,1 --iommu,strict --iommu,pt,--cpus,1"
in_machine --drives 2,256M
. /t/lib-io.sh
mode=${label%: }

case $mode in
*off) domain=none ;;
*lazy) domain=DMA-FQ ;;
*strict) domain=DMA ;;
*pt) domain=identity ;;
esac

for source in heap:system udmabuf; do
	with_path direct $source
	batch
	line=$(measured "1 buffer of 64 KiB in all, 1 registration in .*, first map [0-9.]+ ms, .*no errors, nvme0n1 IOMMU domain $domain\$") \
		good "verify" --rw=randrw --verify=crc32c --size=2M
	line=' 8 registrations .*nvme0n1 .*nvme1n1 ' \
		good "several buffers, two drives" --rw=randrw --bs=64k \
		--verify=crc32c --dmabuf_chunk=256k \
		--filename=$drive:$second
	reports=3 good "three processes" --numjobs=3 --size=1M --rw=randrw \
		--offset_increment=1M --verify=crc32c
	end_batch
done

# The drive shows in bufinfo while it is in use, and no longer afterwards.
with_path direct heap:system
# shellcheck disable=SC2086 # several words
"$FIO" --name=job --ioengine="$ENGINE" $common \
	--filename="$target" --rw=randread --time_based=1 \
	--runtime=3 >"$out" 2>"$err" &
pid=$!
attached() {
	[ "$(attachments)" -gt 0 ]
}
wait_for 8 attached
result $? "the drive is attached to the dma-buf" /sys/kernel/debug/dma_buf/bufinfo
wait "$pid"
result $? "the job is good" "$err" "$out"
wait_for 10 no_dmabuf_left
result $? "nothing is left attached" /sys/kernel/debug/dma_buf/bufinfo

# Requests that the block layer splits. Version 3 of the series loses a
# reference there: the data is right, but the kernel keeps the dma-buf.
good "blocks of 4 MiB" --rw=randwrite --bs=4M --size=16M --iodepth=4 \
	--verify=crc32c --verify_interval=64k
if wait_for 10 no_dmabuf_left; then
	pass "nothing is left attached after split requests"
elif said 'interface family B \(v3 or v4\)'; then
	known "nothing is left attached after split requests" \
		"version 3 of the series keeps the dma-buf of a split request"
else
	fail "nothing is left attached after split requests" \
		/sys/kernel/debug/dma_buf/bufinfo
fi

finish
