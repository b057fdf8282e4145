# SPDX-License-Identifier: GPL-2.0-only
"""The virtual machine in which the tests, t/demo and fio-dmabuf-bench run
kernels, and what all Python programs of this project share; see README.md.
"""
