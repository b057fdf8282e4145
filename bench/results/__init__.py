# SPDX-License-Identifier: GPL-2.0-only
"""Directories of results, and which of their rounds count."""
