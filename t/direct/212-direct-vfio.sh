#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Path direct between a drive and the memory of a device. Through the host
# bridge data arrives in every mode of the IOMMU. Through a switch, and with an
# IOMMU that translates, it does not, though each I/O ends without error: a job
# that verifies has to fail, and so has one that begins with the warm-up.

. "${0%/*}/../lib.sh"

needs_feature
if [ "${DMABUF_IN_MACHINE:-0}" = 0 ] &&
	{ [ "$kernel" = test ] || is_test_kernel "$kernel"; }; then
	DMABUF_NO_SKIP=0
	skip_all "needs a kernel with the series, and the export of vfio devices (6.19): t/check --kernel FILE"
fi
# DMAR faults are what a translating IOMMU may have to say.
boots="--p2p,--iommu,pt --p2p,--iommu,strict --p2p,--iommu,lazy
	--p2p=switch,--iommu,pt
	--p2p=switch,--iommu,strict,--allow-kernel-warnings"
in_machine --drives 1,256M
. /t/lib-io.sh
. /t/lib-check.sh
mode=${label%: }
case $mode in
*pt) domain=identity ;;
*strict) domain=DMA ;;
*lazy) domain=DMA-FQ ;;
esac
case $P2P_DEVICE in
0000:00:*) relation="through the host bridge" ;;
*) relation="below the same switch" mode="$mode, switch" ;;
esac
source=vfio:$P2P_DEVICE
drive=$P2P_DRIVE
with_path direct "$source"
label="$mode: "

fio job --rw=randread --size=64k --dmabuf_path=staged
if said 'this kernel cannot export'; then
	skip "all of it" "the kernel cannot export the memory of vfio devices"
	finish
fi

# The beginning of the drive, in which all that is written lies
begins() {
	dd if="$drive" bs=1M count=4 2>/dev/null | md5sum
}

# pair ARGS...: dmabuf-check with the drive and the device; the drive is left
# as it was
pair() {
	begins >before
	run --device "$drive" --source "vfio:$P2P_DEVICE" "$@"
	begins | cmp - before >"$scratch/log" 2>&1
	result $? "the drive is as it was: $*" "$scratch/log"
}
window="vfio:$P2P_DEVICE,bar=2"
head -c 2097152 /dev/urandom >data

source="$source,bar=2 \\(1af4:1110 BAR 2 of 64 MiB\\)"
case $mode in
*strict,\ switch)
	lost="$drive: the drive reported success, but the data did not arrive in the dma-buf from $window, so peer-to-peer DMA does not work here"
	refused='cannot be mapped for this drive|the kernel refused the dma-buf from .* for this drive'
	# Requests that go nowhere may also never be answered.
	refused="$refused|timed out after [0-9]+ s"
	label="$mode: dmabuf-check: "
	pair
	exits 1 "what does not arrive does not work"
	says "^  $window +no +($lost|.*($refused))" '^  data +failed$' \
		"^  topology +$relation\$" '^verdict: no: drives failed$'
	dd if=data of="$drive" bs=1M conv=fsync 2>/dev/null
	pair
	exits 1 "nor with data on the drive"
	pair --write --force --json
	exits 1 "nor with --write"
	member read_verified false
	member write_verified false
	label="$mode: "
	filled 2097152 66 | dd of="$drive" bs=1M conv=fsync 2>/dev/null
	bad "the warm-up sees it" 'the data did not arrive in the dma-buf from|cannot be mapped for this drive|the kernel refused the dma-buf from .* for this drive|the first read into memory' \
		--rw=randread
	fio job --rw=read --verify=pattern --verify_pattern=0x36 \
		--dmabuf_warmup=0
	[ "$status" != 0 ] && [ "$status" -lt 124 ]
	result $? "a job that verifies fails" "$err" "$out"
	;;
*)
	compared='through the dma-buf and verified, registered in'
	label="$mode: dmabuf-check: "
	pair
	exits 0 "a block was read and compared"
	says "^  $window +ok +read only: one block read $compared" \
		"^  topology +$relation\$" '^  data +read only, verified$' \
		'^verdict: ok: io_uring, interface, sources, drives passed$'
	pair --write
	exits 0 "written and read back"
	says "^  $window +ok +read and written $compared" \
		'^  data +written and read, verified$'
	dd if=data of="$drive" bs=1M conv=fsync 2>/dev/null
	pair --write --force --json
	exits 0 "a drive with data"
	member read_verified true
	member write_verified true
	label="$mode: "
	batch
	line=$(measured '1 buffer of 64 KiB in all, 1 registration in .*, no errors, nvme0n1 IOMMU domain '"$domain\$") \
		good "verify" --rw=randrw --verify=crc32c
	line=' 4 registrations ' good "several buffers" --rw=randrw \
		--bs=64k --verify=crc32c --dmabuf_chunk=256k
	good "all of the BAR" --rw=randwrite --bs=128k --size=64M \
		--iodepth=512 --verify=crc32c --verify_interval=64k
	good "a window" --rw=randrw --verify=crc32c --bs=64k \
		--dmabuf_source="vfio:$P2P_DEVICE,offset=63m,size=1m"
	good "without the warm-up" --rw=randrw --verify=crc32c \
		--dmabuf_warmup=0
	end_batch
	io_bytes
	;;
esac
wait_for 10 no_dmabuf_left
result $? "no dma-buf is left" /sys/kernel/debug/dma_buf/bufinfo

finish
