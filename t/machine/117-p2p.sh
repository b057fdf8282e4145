#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Peer to peer in the machine, on Debian's newest kernel: a drive reads and
# writes the memory of another drive through the host bridge, with verified
# data in each mode of the IOMMU. With --p2p=switch the kernel does not trust
# the host bridge, and the drives do not reach each other.

. "${0%/*}/../lib.sh"

boots="--p2p,--iommu,strict --p2p,--iommu,lazy --p2p,--iommu,pt
	--p2p=switch,--iommu,strict"
in_machine --drives 2,64M \
	--qemu '-global nvme.cmb_size_mb=16'
. /t/lib-io.sh
. /t/lib-check.sh
label=

peer=$drive
[ "$P2P_DRIVE" != $drive ] || peer=$second
source=p2pmem:$(of_drive "$peer")
common="--dmabuf_path=host --dmabuf_source=$source --direct=1 --size=1M
	--iodepth=16 --verify_state_save=0 --verify_fatal=1"

run --device "$P2P_DRIVE" --source "vfio:$P2P_DEVICE"
case $P2P_DEVICE in
0000:00:*)
	says '^  topology +through the host bridge$'
	good "path staged" --filename="$P2P_DRIVE" --rw=randrw \
		--verify=crc32c --dmabuf_path=staged \
		--dmabuf_source="vfio:$P2P_DEVICE"
	good "the memory of the other drive" --filename="$P2P_DRIVE" \
		--rw=randrw --verify=crc32c
	;;
*)
	says '^  topology +below the same switch$'
	bad "the memory of a drive elsewhere" \
		"^dmabuf: $P2P_DRIVE: the drive cannot use the memory of dmabuf_source=$source: " \
		--filename="$P2P_DRIVE" --rw=read
	;;
esac
check "vfio has the device's group to itself" \
	sh -c ": <>/dev/vfio/$(basename "$(readlink \
	"/sys/bus/pci/devices/$P2P_DEVICE/iommu_group")")"

finish
