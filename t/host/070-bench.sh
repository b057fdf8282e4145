#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The parts of fio-dmabuf-bench and of the virtual machine by themselves:
# t/unit/bench/ and t/unit/vm/, one for each module.

exec python3 "${0%/*}/../unit/bench/tap.py"
