# SPDX-License-Identifier: GPL-2.0-only
"""fio-dmabuf-bench compares kernels and qualifies drives; see doc/bench.md."""

import os

NAME = 'fio-dmabuf-bench'
# Exit status of an error; compare has 0 for no regression, 1 for one.
FAILED = 2
FORMAT = 1
# As in configure.ac
VERSION = '0.1.0'
# The directory of the packages bench and vm
SOURCE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
