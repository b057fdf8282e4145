# SPDX-License-Identifier: GPL-2.0-only
"""The command run: fio over the points of a plan, and facts about the system.
"""
