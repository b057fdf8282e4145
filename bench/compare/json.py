# SPDX-License-Identifier: GPL-2.0-only
"""The judgement as JSON: as judge.py describes it."""

import json


def write(judgement, file):
    json.dump(judgement, file, indent=1, ensure_ascii=False)
    file.write('\n')
