#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The parts of fio-dmabuf-bench by themselves: t/unit/bench/, one for
# each module.

exec python3 "${0%/*}/../unit/bench/tap.py"
