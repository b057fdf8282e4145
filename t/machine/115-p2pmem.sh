#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A drive with a controller memory buffer, on Debian's newest kernel: path host
# with verified data in the drive's own memory, which no other drive reaches
# here, and which goes when its driver does. And drives without such memory.

. "${0%/*}/../lib.sh"

in_machine --cpus 1 --drives 2,256M \
	--qemu '-global nvme.cmb_size_mb=64'
. /t/lib-io.sh
. /t/lib-check.sh
boot=

# Of each drive its own, or the request would be one between two devices
device=$(of_drive $drive)
pool=/sys/bus/pci/devices/$device/p2pmem
[ "$(cat "$pool/size")" = 67108864 ]
result $? "the drive lends its memory"
whole=$(cat "$pool/available")

with_path host "p2pmem:$device"
batch
line="path host [(]plain requests, nothing is registered[)], source p2pmem:$device [(]memory of 64 MiB[)], 1 buffer .*, 0 registrations .*copied to and from a host shadow" \
	good "verify" --rw=randrw --verify=crc32c
good "mixed sizes" --rw=randrw --verify=crc32c --bssplit=4k/50:64k/50
good "several buffers" --rw=randrw --verify=crc32c --dmabuf_chunk=16k
good "512 bytes" --rw=randrw --verify=crc32c --bs=512 --size=256k
reports=2 good "two jobs" --numjobs=2 --size=1M --rw=randrw \
	--offset_increment=1M --verify=crc32c
reports=2 good "two threads" --numjobs=2 --size=1M --rw=randrw --thread=1 \
	--offset_increment=1M --verify=crc32c
good "reads that nobody looks at" --rw=randread
good "without the domain" --rw=read \
	--dmabuf_source="p2pmem:${device#0000:}"
end_batch
[ "$(cat "$pool/available")" = "$whole" ]
result $? "all of it is there again" "$pool/available"

# Another program sees what was written, and the other way round.
io_bytes

bad "more than there is" \
	"dmabuf_source=p2pmem:$device: .* needed, .* of the drive's memory free" \
	--rw=read --bs=1M --iodepth=128
# No PCI switch: the other drive does not reach it here.
bad "the other drive" \
	"^dmabuf: $second: the drive cannot use the memory of dmabuf_source=p2pmem:$device: (Invalid argument|Remote I/O error); use the drive" \
	--rw=read --filename=$second

# It is no dma-buf to move data with.
label="host p2pmem:$device: ""dmabuf-check: "
run --source "p2pmem:$device" --device $drive --device $second
exits 1 "it is no source of dma-bufs"
says "^  p2pmem:$device +ok +not a dma-buf, copied for the CPU" \
	'^  topology +the same device$' '^  topology +through the host bridge$' \
	'^  data +not tried: the source is not a dma-buf$' \
	'^verdict: no: interface, sources, drives failed$'
[ "$(cat "$pool/available")" = "$whole" ]
result $? "all of it is there after that" "$pool/available"
label="host p2pmem:$device: "

# The driver goes while a job runs: an end with words, and no signal.
fio_goes() {
	fio job --rw=randrw --verify=crc32c --time_based=1 --runtime=20 &
	pid=$!
	sleep 3
	echo "$device" >"/sys/bus/pci/drivers/nvme/unbind"
	wait "$pid"
}
if [ -e "/sys/bus/pci/drivers/nvme/$device" ]; then
	fio_goes
	lines >"$scratch/log"
	grep -q "dmabuf_source=p2pmem:$device: the CPU cannot copy\|a read got nothing\|error=" "$out" "$err"
	result $? "unbinding the driver ends the job with words" "$err" "$out"
	! grep -q 'got signal\|SIGBUS' "$out" "$err"
	result $? "and not with a signal" "$err" "$out"
	echo "$device" >/sys/bus/pci/drivers/nvme/bind
	wait_for 10 test -b $drive
	wait_for 10 test -e "$pool/allocate"
fi

bad "path direct" \
	"dmabuf_path=direct: needs a dma-buf, but dmabuf_source=p2pmem:$device exports none" \
	--rw=read --dmabuf_path=direct
bad "no such device" "^dmabuf: /sys/bus/pci/devices/0000:ff:1f.7: no such PCI device; lspci" \
	--rw=read --dmabuf_source=p2pmem:ff:1f.7
bad "a device that lends nothing" \
	'^dmabuf: /sys/bus/pci/devices/0000:00:00.0/p2pmem: the device offers no memory; ' \
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
