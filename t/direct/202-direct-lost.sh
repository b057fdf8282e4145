#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel with the series: jobs on path direct that are killed, interrupted
# or lose their drive; no attachment and no memory may be left.

. "${0%/*}/../lib.sh"

needs_feature
boots="--iommu,strict"
in_machine --drives 3,256M
. /t/lib-lost.sh

for source in heap:system udmabuf; do
	lost_paths direct $source
done
finish
