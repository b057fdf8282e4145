#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel: the whole list of lib-io.sh on the paths that it
# has, under an IOMMU in its usual mode.

. "${0%/*}/../lib.sh"

in_machine --cpus 1 --iommu lazy --drives 2,1G
. /t/lib-io.sh
boot=

for pair in host,memory staged,heap:system pinned,udmabuf; do
	with_path "${pair%,*}" "${pair#*,}"
	io_everything
done

finish
