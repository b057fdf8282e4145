# SPDX-License-Identifier: GPL-2.0-only
"""Checks that the outputs one.csv, one.json and one.junit are what they say."""

import csv
import json
from xml.etree import ElementTree

with open('one.json') as f:
    assert json.load(f)['status'] == 1
with open('one.csv') as f:
    assert len(list(csv.DictReader(f))) > 30
assert int(ElementTree.parse('one.junit').getroot().get('failures')) > 0
