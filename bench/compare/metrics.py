# SPDX-License-Identifier: GPL-2.0-only
"""The metrics of a point as they are judged."""

# name -> title, unit, scale, better, family. Metrics of a family say the same
# thing in several ways.
METRICS = {
    'iops': ('IOPS', '', 1, 'higher', 'speed'),
    'bw': ('bandwidth', 'MB/s', 1e6, 'higher', 'speed'),
    'lat_mean': ('mean latency', 'us', 1e3, 'lower', 'speed'),
    'lat_p50': ('median latency', 'us', 1e3, 'lower', 'speed'),
    'lat_p99': ('99 % latency', 'us', 1e3, 'lower', 'tail'),
    'lat_p999': ('99.9 % latency', 'us', 1e3, 'lower', 'tail'),
    'cpu': ('CPU per I/O', 'us', 1, 'lower', 'cost'),
    'switches': ('context switches per I/O', '', 1, 'lower', 'cost'),
    'syscalls': ('system calls per I/O', '', 1, 'lower', 'cost'),
    'maps': ('IOMMU maps per I/O', '', 1, 'lower', 'cost'),
    'unmaps': ('IOMMU unmaps per I/O', '', 1, 'lower', 'cost'),
}
# The parts of the level, of the parts of what is judged: half is for speed,
# which is what most comparisons are about; a third is for the summary, so that
# a change of all points shows however many they are.
SHARES = {'speed': 2, 'tail': 1, 'cost': 1}
SUMMARY, POINTS = 1, 2
# The mean says again what IOPS say at a given depth.
JUDGED = [name for name in METRICS if name != 'lat_mean']
FAILING = ['iops', 'lat_p99', 'cpu']


def describe(name, fails):
    title, unit, scale, better, family = METRICS[name]
    return {'name': name, 'title': title, 'unit': unit, 'scale': scale,
            'better': better, 'family': family, 'fails': fails}


def family(row):
    """What a row is corrected together with."""
    return METRICS[row['metric']][4], row['point'] is None


def share(family_):
    name, is_summary = family_
    return SHARES[name] * (SUMMARY if is_summary else POINTS)


def direction(name, base, other):
    if base == other:
        return 'same'
    return 'better' if (other > base) == (METRICS[name][3] == 'higher') \
        else 'worse'
