#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A drive with a controller memory buffer, on Debian's newest kernel: what its
# memory can be used for. If io_uring registers it, path host with verified
# data; as long as it does not, the line that says so, and that what the line
# advises works. And drives without such memory.

. "${0%/*}/lib.sh"

in_machine --file "$build/dmabuf-check:/bin/dmabuf-check" --drives 2,256M \
	--qemu '-global nvme.cmb_size_mb=64'
. /t/lib-io.sh
. /t/lib-check.sh
boot=

# Of each drive its own, or the request would be one between two devices
of_drive() {
	basename "$(readlink -f "/sys/block/${1#/dev/}/device/device")"
}
device=$(of_drive $drive)
pool=/sys/bus/pci/devices/$device/p2pmem
[ "$(cat "$pool/size")" = 67108864 ]
result $? "the drive lends its memory"
whole=$(cat "$pool/available")

with_path host "p2pmem:$device"
fio job --rw=randrw --verify=crc32c --size=2M
if [ "$status" = 0 ]; then
	jobs_reported 1
	result $? "verify" "$err" "$out"
	batch
	good "mixed sizes" --rw=randrw --verify=crc32c --bssplit=4k/50:64k/50
	reports=2 good "two jobs" --numjobs=2 --size=1M --rw=randrw \
		--offset_increment=1M --verify=crc32c
	end_batch
	bad "more than there is" \
		"dmabuf_source=p2pmem:$device: .* wanted, and the drive has" \
		--rw=read --bs=1M --iodepth=128
else
	is_refused "^dmabuf: dmabuf_source=p2pmem:$device: io_uring of this kernel registers no memory of a PCI device: Bad address; .*iomem=mmapshared:$pool/allocate\$"
	result $? "not registered by this kernel" "$err" "$out"
	bad "as a thread" 'registers no memory of a PCI device: Bad address; ' \
		--rw=read --thread=1
	bad "without the domain" \
		"dmabuf_source=p2pmem:$device: io_uring of this kernel" \
		--rw=read --dmabuf_source="p2pmem:${device#0000:}"
fi
[ "$(cat "$pool/available")" = "$whole" ]
result $? "all of it is there again" "$pool/available"

# What the error advises: fio's own engine, whose requests need no
# registration.
"$FIO" --name=job --ioengine=io_uring --filename=$drive --direct=1 --size=2M \
	--iodepth=16 --rw=randrw --verify=crc32c --verify_state_save=0 \
	--iomem="mmapshared:$pool/allocate" >"$out" 2>"$err"
result $? "fio's own engine, with the same memory" "$err" "$out"
[ "$(cat "$pool/available")" = "$whole" ]
result $? "all of it is there once more" "$pool/available"


# It is no dma-buf to move data with.
label="dmabuf-check: "
run --source "p2pmem:$device" --device $drive --device $second
exits 1 "it is no source of dma-bufs"
says "^  p2pmem:$device +(ok +no dma-buf, copied by the CPU|no +.*registers no memory of a PCI device)" \
	'^  place +the same device$' '^  place +through the host bridge$' \
	'^  data +not tried: that source is no dma-buf$' \
	'^verdict: no: interface, sources, drives missing$'
[ "$(cat "$pool/available")" = "$whole" ]
result $? "all of it is there after that" "$pool/available"
label=

# The other drive does not reach it here: no PCI switch, an error and no data.
"$FIO" --name=job --ioengine=psync --filename=$second --direct=1 --size=1M \
	--rw=read --iomem="mmapshared:$pool/allocate" >"$out" 2>"$err"
[ $? = 1 ] && grep -q 'Invalid argument\|Remote I/O error' "$err"
result $? "the other drive cannot use it" "$err" "$out"

bad "path direct" \
	"dmabuf_path=direct needs a dma-buf and dmabuf_source=p2pmem:$device has none" \
	--rw=read --dmabuf_path=direct
bad "no such device" "^dmabuf: /sys/bus/pci/devices/0000:ff:1f.7: no such PCI device; see lspci" \
	--rw=read --dmabuf_source=p2pmem:ff:1f.7
bad "a device that lends nothing" \
	'^dmabuf: /sys/bus/pci/devices/0000:00:00.0/p2pmem: the device lends no memory; ' \
	--rw=read --dmabuf_source=p2pmem:0000:00:00.0
bad "no address" 'dmabuf_source=p2pmem:nvme0: not the PCI address of a drive; ' \
	--rw=read --dmabuf_source=p2pmem:nvme0

echo 'nobody:x:65534:65534::/tmp:/bin/sh' >>/etc/passwd
chmod 666 $drive
# shellcheck disable=SC2086,SC2116 # several words on one line
su nobody -s /bin/sh -c "exec $FIO --name=job --ioengine=$ENGINE \
	--filename=$target $(echo $common) --rw=read" >"$out" 2>"$err"
status=$?
is_refused "^dmabuf: $pool/allocate: Permission denied; run as root"
result $? "a user without permission" "$err" "$out"

finish
