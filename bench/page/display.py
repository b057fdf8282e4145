# SPDX-License-Identifier: GPL-2.0-only
"""How metrics are shown to people: their names, and their figures with the
unit that fits.
"""

import statistics
from collections import namedtuple

from bench import units
from bench.format import bandwidth, microseconds, nanoseconds, per_io, rate

# heading  of a column
# title    of an axis or of a sentence
# kind     what it is shown in, a function of format.py
# better   1: more is better, -1: less is better
Metric = namedtuple('Metric', 'heading title kind better')

METRICS = {
    'iops': Metric('IOPS', 'IOPS', rate, 1),
    'bw': Metric('Bandwidth', 'bandwidth', bandwidth, 1),
    'lat_mean': Metric('Mean', 'mean latency', nanoseconds, -1),
    'lat_p50': Metric('p50', 'median latency', nanoseconds, -1),
    'lat_p99': Metric('p99', 'p99 latency', nanoseconds, -1),
    'lat_p999': Metric('p99.9', 'p99.9 latency', nanoseconds, -1),
    'cpu': Metric('CPU per I/O', 'CPU time per I/O', microseconds, -1),
    'switches': Metric('Switches per I/O', 'context switches per I/O',
                       per_io, -1),
    'syscalls': Metric('System calls per I/O', 'system calls per I/O',
                       per_io, -1),
    'maps': Metric('Maps per I/O', 'IOMMU mappings made per I/O', per_io, -1),
    'unmaps': Metric('Unmaps per I/O', 'IOMMU mappings removed per I/O',
                     per_io, -1),
}


def metric(name):
    """One that is not known here is shown as a plain number."""
    return METRICS.get(name) or Metric(name, name, per_io, 0)


def shown(name, value):
    """The digits and the unit in one text."""
    number, unit = metric(name).kind(value)
    return f'{number} {unit}' if unit else number


def tick(name, value):
    """As short as it can be, for an axis."""
    number, unit = metric(name).kind(value)
    if '.' in number:
        number = number.rstrip('0').rstrip('.')
    return f'{number} {unit}' if unit and value else number


def spread(values):
    """From the least to the greatest, in percent of the median; None where
    there is but one."""
    middle = statistics.median(values)
    if len(values) < 2 or not middle:
        return None
    return (max(values) - min(values)) / middle * 100


def size_bytes(value):
    """Bytes, or None for what is no one size."""
    if isinstance(value, int):
        return value
    try:
        return units.parse_size(str(value))
    except ValueError:
        return None
