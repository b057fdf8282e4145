# SPDX-License-Identifier: GPL-2.0-only
"""Evaluates a Python expression on JSON; exits 0 when it is true.

lib_json.py file FILE EXPRESSION    FILE is one JSON value
lib_json.py fio FILE EXPRESSION     FILE is output of fio with JSON in it
lib_json.py lines FILE EXPRESSION   FILE has a JSON value on every line

The expression sees data (of lines: a list), and for the result of a fio job
also job, its first job, and read, the reads of that. With fio it also sees
text, the text of the JSON, and before and after, the text around it.
"""

import json
import re
import sys


def read_fio(path):
    """fio's JSON in a file: (data, text before, its text, text after)."""
    with open(path) as f:
        text = f.read()
    start = re.search(r'^\{', text, re.MULTILINE)
    assert start, 'no JSON'
    before, text = text[:start.start()], text[start.start():]
    data, end = json.JSONDecoder().raw_decode(text)
    return data, before, text[:end], text[end:]


def read_lines(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


def names(kind, path):
    """What the expression sees."""
    if kind == 'lines':
        return {'data': read_lines(path)}
    if kind == 'fio':
        data, before, text, after = read_fio(path)
        seen = {'data': data, 'before': before, 'text': text, 'after': after}
    else:
        with open(path) as f:
            seen = {'data': json.load(f)}
    if 'jobs' in seen['data']:
        seen['job'] = seen['data']['jobs'][0]
        seen['read'] = seen['job']['read']
    return seen


def main():
    kind, path, expression = sys.argv[1:]
    seen = names(kind, path)
    value = eval(f'({expression})', seen)
    print(expression, 'is', value)
    if not value:
        print(json.dumps(seen.get('read', seen['data'])))
    sys.exit(not value)


if __name__ == '__main__':
    main()
