# SPDX-License-Identifier: GPL-2.0-only
"""The command compare: the judgement of one side against another."""
