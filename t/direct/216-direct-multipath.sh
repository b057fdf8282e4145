#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel with the series: a namespace with two paths to it. Path direct
# refuses the multipath head and dmabuf-check says why; path host works.

. "${0%/*}/../lib.sh"

needs_feature
in_machine --cpus 1 --drives 0 \
	--append "nvme_core.multipath=Y" \
	--qemu "-device nvme-subsys,id=shared,nqn=shared -device nvme,serial=both,subsys=shared -device nvme,serial=both,subsys=shared -drive if=none,id=twice,format=raw,file.driver=null-co,file.size=64M,file.read-zeroes=on -device nvme-ns,drive=twice,shared=on"
. /t/lib-io.sh
. /t/lib-check.sh
boot=

head_is_there() {
	head=$(multipath_head)
	[ -b "$head" ]
}
if ! wait_for 10 head_is_there; then
	skip "a multipath head" "this kernel makes none"
	finish
fi

with_path direct heap:system
label=
bad "path direct" \
	"^dmabuf: $head: an NVMe multipath device.*nvme_core.multipath=N.*dmabuf_path=staged or dmabuf_path=host" \
	--filename="$head" --rw=read
good "path host" --filename="$head" --rw=read --dmabuf_path=host \
	--dmabuf_source=memory

label="dmabuf-check: "
run --device "$head"
exits 1 "the head"
says '^  kind +nvme-multipath$' \
	"^  heap:system +no +$head: an NVMe multipath device, which does not support dma-bufs; boot with nvme_core.multipath=N"
nothing_left

finish
