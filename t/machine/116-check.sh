#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# dmabuf-check on Debian's newest kernel, in all four modes of the IOMMU: heap
# and udmabuf work, the interface fails, the facts about the drive are those of
# the machine, and --write refuses drives that are not empty.

. "${0%/*}/../lib.sh"

boots="--iommu,off --iommu,lazy --iommu,strict --iommu,pt"
in_machine --cpus 1 --drives 2,64M
. /t/lib-io.sh
. /t/lib-check.sh
mode=${label%: }

case $mode in
*off) domain=none mode="no IOMMU" ;;
*lazy) domain=DMA-FQ mode=lazy ;;
*strict) domain=DMA mode=strict ;;
*pt) domain=identity mode=pass-through ;;
esac

sum() {
	md5sum <$drive
}

before=$(sum)
run --device $drive
exits 1 "no interface: exit status 1"
release=$(uname -r | sed 's/[+.]/./g')
says '^  io_uring +ok ' \
	"^  interface +no +kernel $release: cannot register dma-bufs with io_uring, so .*; .*no released kernel has" \
	'^  heap:system +ok +dma-buf, mapped by the CPU, written and read back, buffers up to 1 GiB, 4 KiB pages$' \
	'^  udmabuf +ok +dma-buf, .*buffers up to [0-9]+ [MG]iB, 4 KiB pages$' \
	"^  iommu domain +$domain \\($mode\\)\$" \
	'^  kind +nvme$' '^  model +QEMU NVMe Ctrl, firmware [0-9.]+$' \
	'^  pci +0000:[0-9a-f]{2}:[0-9a-f]{2}\.0$' \
	'^  logical block +512 bytes$' '^  scatter lists +ok ' \
	'^  heap:system +unknown +not tried: io_uring cannot register dma-bufs$' \
	'^  drm +no +/dev/dri: no GPU or display driver is loaded; ' \
	'^  cuda:0 +no +dmabuf_source=cuda:0: cannot load libcuda' \
	'^  hip:0 +no +dmabuf_source=hip:0: cannot load libamdhip64' \
	'^  fio +ok ' '^  plugin +ok ' '^  by name +ok ' \
	'^verdict: no: interface, drives failed$'

run --require io_uring,sources,heap,udmabuf,fio,plugin -q
[ "$status" = 0 ] && [ ! -s "$out" ] && [ ! -s "$err" ]
result $? "-q: status 0 and no output when everything required works" \
	"$err" "$out"

run --json --device $drive --peer 00:00.0
member iommu_domain "\"$domain\""
member iommu_mode "\"$mode\""
member max_request_kib "$(cat /sys/block/nvme0n1/queue/max_sectors_kb)"
member max_hw_request_kib \
	"$(cat /sys/block/nvme0n1/queue/max_hw_sectors_kb)"
member logical_block_bytes 512
member disk '"nvme0n1"'
member relation '"through the host bridge"'
member data '"not tried: .*"'
[ "$before" = "$(sum)" ]
result $? "the drive is unchanged"

if [ $domain = none ]; then
	# refuses REGEX: --write fails with this reason and changes nothing
	refuses() {
		before=$(sum)
		run --write --device "$target" --require drives
		[ "$status" = 1 ]
		result $? "--write is refused: $1" "$out"
		says "^  writable +no +$target: not written to: $1"
		[ "$before" = "$(sum)" ]
		result $? "the drive is unchanged after: $1"
	}
	target=$drive
	run --write --device $drive
	says '^  writable +ok '
	for at in 0 512 1048575 66060288 67108863; do
		printf x | dd of=$drive bs=1 seek=$at conv=notrunc,fsync \
			2>/dev/null
		refuses "not empty, byte $at is not zero; use an empty drive, or add --force"
		printf '\0' | dd of=$drive bs=1 seek=$at \
			conv=notrunc,fsync 2>/dev/null
	done
	partition $drive
	refuses 'not empty, nvme0n1p1 is on it; '
	target=${drive}p1
	refuses 'a partition; use a whole drive'
	# Swap holds the drive like a mounted file system.
	mkswap ${drive}p1 >/dev/null
	swapon ${drive}p1
	result $? "a partition is in use as swap"
	target=$drive
	refuses 'in use \(mounted'
	swapoff ${drive}p1
fi
nothing_left

finish
