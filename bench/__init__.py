# SPDX-License-Identifier: GPL-2.0-only
"""fio-dmabuf-bench compares kernels and qualifies drives; see doc/bench.md."""

FORMAT = 1
# As in configure.ac
VERSION = '0.1.0'
