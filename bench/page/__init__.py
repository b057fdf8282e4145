# SPDX-License-Identifier: GPL-2.0-only
"""Pages of results: report, and compare --format html."""
