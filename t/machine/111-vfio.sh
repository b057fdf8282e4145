#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Source vfio on Debian's newest kernel: the memory of a device behind the
# same switch as the drive, where it can be reset. Path staged with verified
# data, refusals, and the device taken away while a job runs. Linux 6.12 cannot
# export it.

. "${0%/*}/../lib.sh"

boots="--p2p=switch,--iommu,strict --p2p,--iommu,lazy,--kernel,debian:6.12"
in_machine --cpus 1 \
	--drives 1,256M
. /t/lib-lost.sh
. /t/lib-check.sh
device=$P2P_DEVICE
sysfs=/sys/bus/pci/devices/$device
source=vfio:$device
drive=$P2P_DRIVE
with_path staged "$source"
steady

bind() {
	echo vfio-pci >"$sysfs/driver_override"
	echo "$device" >/sys/bus/pci/drivers_probe
	[ -e "$sysfs/driver" ]
}

case $(uname -r) in
6.12.*)
	label="6.12: "
	bad "cannot export it" \
		"^dmabuf: dmabuf_source=$source,bar=2: this kernel cannot export .*; use Linux 6.19 or later with CONFIG_VFIO_PCI_DMABUF\$" \
		--rw=randread
	run --source "$source" --require vfio
	exits 1 "the same"
	says "^  $source +no +dmabuf_source=$source,bar=2: this kernel cannot export .*; use Linux 6.19 or later"
	nothing_left
	finish
	;;
esac

# ---- path staged ----

batch
source="$source,bar=2 \\(1af4:1110 BAR 2 of 64 MiB\\)"
line=$(measured '1 buffer of 64 KiB in all, .*no errors, nvme0n1 IOMMU domain DMA$') \
	good "verify" --rw=randrw --verify=crc32c
line='4 buffers of 1 MiB in all, ' good "several buffers" --rw=randrw \
	--verify=crc32c --bs=64k --dmabuf_chunk=256k
good "mixed sizes" --rw=randwrite --verify=md5 --bssplit=512/10:4k/40:64k/50
good "sizes that are no multiple of a page" --rw=randrw --verify=crc32c \
	--bs=1536
good "all of the BAR" --rw=randwrite --bs=1M --size=128M --iodepth=64 \
	--verify=crc32c --verify_interval=64k
line="source vfio:$device,bar=2,offset=63m,size=1m \\(" \
	good "a window" --rw=randrw --verify=crc32c --bs=64k \
	--dmabuf_source="vfio:$device,offset=63m,size=1024k"
good "an address without domain" --rw=randrw --verify=crc32c \
	--dmabuf_source="vfio:${device#*:}"
good "dmabuf_sync=always" --rw=randrw --verify=crc32c --dmabuf_sync=always
good "a thread" --rw=randrw --verify=crc32c --thread=1
end_batch
io_bytes
nothing_left

# ---- dmabuf-check ----

label="dmabuf-check: "
window="vfio:$device,bar=2"
run --device "$drive" --source "vfio:$device" --require sources,vfio
exits 0 "the source works"
run --device "$drive" --source "vfio:$device"
exits 1 "with the drive it does not on this kernel"
says '^  interface +no +kernel .*: cannot register dma-bufs with io_uring, so .*; ' \
	"^  $window +ok +dma-buf, copied for the CPU, written and read back, buffers up to 64 MiB, 4 KiB pages, 1af4:1110 BAR 2 of 64 MiB\$" \
	"^  $window +unknown +not tried: io_uring cannot register dma-bufs\$" \
	"^peers $drive and $device\$" \
	'^  topology +below the same switch$' '^  data +not tried$' \
	'^verdict: no: interface, drives failed$'
run --json --device "$drive" --source "vfio:${device#*:},offset=1m,size=16k"
exits 1 "a window"
member source "\"$window,offset=1m,size=16k\""
member largest_bytes 16384
member cpu_mapping false
member read_verified false
member relation '"below the same switch"'
run --require sources
exits 0 "without --source"
says '^  vfio +unknown +not tried: it needs an argument; write vfio:'
nothing_left
label=

# ---- refusals ----

refused() {
	words=$1
	shift
	bad "refused: ${words%%;*}" "^dmabuf: $words\$" --rw=randread "$@"
}

# window WORDS ARGUMENT: in the text after the address
window() {
	refused "dmabuf_source=vfio:$device$2: $1" \
		--dmabuf_source="vfio:$device$2"
}
there='; available: bar=2 of 64 MiB'

refused "kernel .*: cannot register dma-bufs with io_uring, so .*; .*" \
	--dmabuf_path=direct
refused "dmabuf_path=pinned: cannot use dmabuf_source=vfio:.*; .*" \
	--dmabuf_path=pinned
refused "dmabuf_path=host: uses no dma-buf, but .*; .*" --dmabuf_path=host
refused "dmabuf_source=vfio:nothing: no PCI address given; .*" \
	--dmabuf_source=vfio:nothing
refused "dmabuf_source=vfio:0000:7f:00.0: no such PCI device; lspci .*" \
	--dmabuf_source=vfio:0000:7f:00.0
window "BAR 1 has no memory$there" ,bar=1
window "BAR 0 has 256 bytes, too little for 4 KiB at offset 0; .*" ,bar=0
window "no such BAR: 6; .*" ,bar=6
window "BAR 2 has 64 MiB, too little for 65 MiB at offset 0; .*" ,size=65m
window "BAR 2 has 64 MiB, too little for 4 KiB at offset 64m; .*" ,offset=64m
window "offset=512 is not a multiple of the page size; use a multiple of 4 KiB" ,offset=512
window "size=6k is not a multiple of the page size; use a multiple of 4 KiB" ,size=6k
window "no such parameter: window=1; .*" ,window=1
refused "dmabuf_source=vfio:$device,bar=2: the job needs more than the window of 64 MiB; .*" \
	--bs=1M --iodepth=65 --size=128M
refused "dmabuf_source=vfio:$device,bar=2,size=1m: the job needs more than the window of 1 MiB; .*" \
	--bs=256k --iodepth=8 --dmabuf_source="vfio:$device,size=1m"
nothing_left

common="$options --size=64M --iodepth=16 --time_based=1 --runtime=300"
start --rw=randread
at_work "${drive#/dev/}"
fio second --rw=randread --runtime=1
is_refused "^dmabuf: /dev/vfio/[0-9]+: in use; only one job or program at a time can use the device\$"
result $? "a second job" "$err" "$out"

# ---- the device goes away ----

# taken DESC COMMAND...: while a job runs, which ends at once and with its
# name; and so does the command
taken() {
	label="$1: "
	shift
	start --rw=randrw --verify=crc32c --verify_backlog=64
	at_work "${drive#/dev/}"
	"$@" >"$scratch/log" 2>&1 &
	taker=$!
	ends 60
	[ "$status" = 1 ]
	result $? "the job ends with an error" "$err" "$out"
	said "^dmabuf: job: the device of dmabuf_source=vfio:$device,bar=2 is being taken away .*; run it again when the device is back\$"
	result $? "it says why" "$err" "$out"
	released() {
		! kill -0 "$taker" 2>/dev/null
	}
	wait_for 10 released
	result $? "the device is released" "$scratch/log"
	wait_for 10 no_dmabuf_left
	result $? "no dma-buf is left" /sys/kernel/debug/dma_buf/bufinfo
}

# One that is not asked for anything ends as well.
kill -INT "$pid"
ends 60
write() {
	echo "$1" >"$2"
}
taken "unbound" write "$device" /sys/bus/pci/drivers/vfio-pci/unbind
label="unbound: "
refused "dmabuf_source=vfio:$device: the device is bound to no driver, not to vfio-pci; write vfio-pci to $sysfs/driver_override, .*"
check "it can be bound again" bind
good "and used" --rw=randrw --verify=crc32c --size=2M --runtime=1

label="reset: "
start --rw=randrw --verify=crc32c
at_work "${drive#/dev/}"
for time in 1 2 3 4 5; do
	echo 1 >"$sysfs/reset"
	sleep 0.2
done
kill -INT "$pid"
ends 60
# 128 is what fio says of SIGINT.
[ "$status" = 0 ] || [ "$status" = 1 ] || [ "$status" = 128 ]
result $? "the job ends by itself" "$err" "$out"
lines | grep -Eq "$summary" && ! grep -qE 'SIGBUS|signal=' "$err" "$out"
result $? "with its line, and not by a signal" "$err" "$out"

taken "removed" write 1 "$sysfs/remove"
label="removed: "
refused "dmabuf_source=vfio:$device: no such PCI device; lspci -D lists the devices"
all_is_back "at the end"

finish
