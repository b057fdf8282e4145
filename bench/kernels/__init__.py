# SPDX-License-Identifier: GPL-2.0-only
"""The command kernels: runs in the virtual machine."""
