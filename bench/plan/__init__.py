# SPDX-License-Identifier: GPL-2.0-only
"""Plans, their points, and the fio job of each."""
