#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel with huge pages reserved and polled queues: every
# source on huge pages, and hipri, with verified data.

. "${0%/*}/../lib.sh"

in_machine --cpus 1 --iommu strict --drives 2,256M --memory 4G --append \
	"hugepagesz=1G hugepages=1 hugepagesz=2M hugepages=40 nvme.poll_queues=1"
. /t/lib-io.sh
boot=

free_pages() {
	cat /sys/kernel/mm/hugepages/hugepages-"$1"kB/free_hugepages
}
whole=$(free_pages 2048)

label="pages of 2 MiB: "
[ "$whole" = 40 ]
result $? "are reserved"
for pair in host,memory:2M pinned,udmabuf:2M staged,udmabuf:2M; do
	with_path "${pair%,*}" "${pair#*,}"
	batch
	line=$(measured '1 buffer of 2 MiB in all') \
		good "one page" --rw=randrw --verify=crc32c --size=1M
	line=$(measured '1 buffer of 32 MiB in all') \
		good "16 pages" --rw=randrw --verify=crc32c --bs=256k \
		--size=32M --iodepth=128 --verify_interval=64k
	line=$(measured '8 buffers of 16 MiB in all') \
		good "8 buffers of one page" --rw=randwrite --verify=crc32c \
		--bs=256k --size=16M --iodepth=64 --dmabuf_chunk=2M \
		--verify_interval=64k
	good "two drives" --rw=randrw --verify=crc32c --size=2M \
		--filename=$drive:$second
	end_batch
	[ "$(free_pages 2048)" = "$whole" ]
	result $? "the pages are free again"
done

label="pages of 1 GiB: "
if [ "$(free_pages 1048576)" = 1 ]; then
	for pair in host,memory:1G pinned,udmabuf:1G staged,udmabuf:1G; do
		with_path "${pair%,*}" "${pair#*,}"
		line=$(measured '1 buffer of 1 GiB in all') \
			good "verify" --rw=randrw --verify=crc32c --size=1M
		[ "$(free_pages 1048576)" = 1 ]
		result $? "the page is free again"
	done
else
	skip "verify" "this machine's CPU has no pages of 1 GiB"
fi

# ---- polled completions: no interrupt, so the data shows that they work ----

for pair in host,memory staged,heap:system pinned,udmabuf; do
	with_path "${pair%,*}" "${pair#*,}"
	batch
	good "hipri" --rw=randrw --verify=crc32c --hipri=1 --size=1M
	good "hipri at depth 1" --rw=randrw --verify=crc32c --hipri=1 \
		--size=512k --iodepth=1
	good "hipri, getevents that does not wait" --rw=randread --hipri=1 \
		--size=1M --iodepth_batch_complete_min=0
	good "hipri with fsync" --rw=randwrite --hipri=1 --size=512k \
		--fsync=4 --end_fsync=1
	good "hipri and sqthread_poll" --rw=randread --hipri=1 --size=1M \
		--sqthread_poll=1
	end_batch
done

finish
