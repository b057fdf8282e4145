# SPDX-License-Identifier: GPL-2.0-only
"""The command kernels: run in the virtual machine, once per boot."""
