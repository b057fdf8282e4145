# SPDX-License-Identifier: GPL-2.0-only
"""How figures are shown to people: the names of metrics, three digits, and
the unit that fits. Times are us or ms, bandwidths MB/s or GB/s as drives have
them in their data sheets.
"""

import math
import statistics
import time
from collections import namedtuple

from bench import units

# heading  of a column
# title    of an axis or of a sentence
# kind     what it is shown in, a function below
# better   1: more is better, -1: less is better
Metric = namedtuple('Metric', 'heading title kind better')

THIN = '\u202f'


def digits(value, count=3):
    """That many significant digits, and no exponent."""
    if value == 0:
        return '0'
    # what is rounded up may have a digit more
    value = float(f'{value:.{count - 1}e}')
    places = count - 1 - math.floor(math.log10(abs(value)))
    text = f'{value:.{max(places, 0)}f}'
    return text if abs(value) < 10000 else grouped(text)


def grouped(text):
    sign, text = ('-', text[1:]) if text.startswith('-') else ('', text)
    parts = [text[max(end - 3, 0):end] for end in range(len(text), 0, -3)]
    return sign + THIN.join(reversed(parts))


def scaled(value, steps):
    """(digits, unit) by the largest step that the value reaches."""
    for factor, unit in steps:
        # 999.7 of the smaller unit would be shown as 1000 of it
        if abs(value) >= 0.9995 * factor:
            return digits(value / factor), unit
    factor, unit = steps[-1]
    return digits(value / factor), unit


def rate(value):
    if abs(value) < 9999.5:
        return digits(value, 4 if abs(value) >= 1000 else 3), ''
    return scaled(value, ((1e6, 'M'), (1e3, 'k')))


def bandwidth(value):
    return scaled(value, ((1e9, 'GB/s'), (1e6, 'MB/s'), (1e3, 'kB/s')))


def nanoseconds(value):
    return scaled(value, ((1e9, 's'), (1e6, 'ms'), (1e3, '\u00b5s')))


def microseconds(value):
    return scaled(value * 1e3, ((1e6, 'ms'), (1e3, '\u00b5s')))


def per_io(value):
    if abs(value) < 0.0005:
        return '0', None
    return digits(value, 3 if abs(value) >= 0.1 else 2), None


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


def percent(value):
    """A change, with its sign."""
    text = f'{abs(value):.{1 if abs(value) < 9.95 else 0}f}'
    sign = '' if not float(text) else '+' if value > 0 else '\u2212'
    return f'{sign}{text}{THIN}%'


def probability(value):
    """To three places, and one more close to the level of significance."""
    if value < 0.001:
        return '< 0.001'
    return f'{value:.{4 if 0.0495 <= value < 0.0505 else 3}f}'


def spread(values):
    """From the least to the greatest, in percent of the median; None where
    there is but one."""
    middle = statistics.median(values)
    if len(values) < 2 or not middle:
        return None
    return (max(values) - min(values)) / middle * 100


def size(value):
    """A block size as an axis has it: a number of bytes, or as fio's options
    say it."""
    return units.show_size(value) if isinstance(value, int) else str(value)


def size_bytes(value):
    """Bytes, or None for what is no one size."""
    if isinstance(value, int):
        return value
    try:
        return units.parse_size(str(value))
    except ValueError:
        return None


def bytes_(value):
    """Of a drive or of memory: exactly, and so that one can read it."""
    short, unit = scaled(value, ((1e12, 'TB'), (1e9, 'GB'), (1e6, 'MB'),
                                 (1e3, 'kB')))
    return f'{grouped(str(value))} ({short} {unit})'


def date(seconds):
    return time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(seconds))
