# SPDX-License-Identifier: GPL-2.0-only
"""Versions of Debian's kernels: their order, and the best match for a wish
like 6.12.
"""

import re


def upstream(version):
    """'7.3~rc7-1~exp1' -> (7, 3), 7 or None for a release."""
    text = version.partition('-')[0]
    numbers, _, candidate = text.partition('~')
    rc = re.match(r'rc(\d+)', candidate)
    return (tuple(map(int, re.findall(r'\d+', numbers))),
            int(rc.group(1)) if rc else None)


def rank(kernel):
    """Sorts releases after candidates, newer after older, signed last."""
    numbers, candidate = upstream(kernel['version'])
    return (candidate is None, numbers, candidate or 0, kernel['signed'],
            kernel['version'])


def matches(kernel, version, flavour):
    if kernel['flavour'] != flavour:
        return False
    if version in (kernel['abi'], kernel['version']):
        return True
    if not re.fullmatch(r'\d+(\.\d+)*(~rc\d+)?', version):
        return False
    numbers, candidate = upstream(kernel['version'])
    wish, wish_candidate = upstream(version)
    return numbers[:len(wish)] == wish and \
        wish_candidate in (None, candidate)


def best(kernels, version, flavour):
    candidates = [k for k in kernels if matches(k, version, flavour)]
    return max(candidates, key=rank, default=None)
