#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's newest kernel: jobs that are killed, interrupted, or lose their
# drive in the middle of the run. They end, with an error where it is one,
# and the memory and the dma-bufs come back.

. "${0%/*}/../lib.sh"

in_machine --drives 5,256M
. /t/lib-lost.sh

for pair in host,memory staged,heap:system staged,udmabuf pinned,udmabuf; do
	lost_paths "${pair%,*}" "${pair#*,}"
done
finish
