# SPDX-License-Identifier: GPL-2.0-only
"""The metrics of a measurement: what each is called, in which unit it is
recorded and shown, which way is better, and which others it is judged with.
measure/fio_json.py and measure/trace.py produce them; every output takes its
words from here.
"""

from collections import namedtuple

from . import format

HIGHER, LOWER = 'higher', 'lower'


class Metric(namedtuple('Metric', 'name title heading unit scale better '
                        'show')):
    """One row of the table.

    title    in a sentence or of a plot
    heading  of a column
    unit     in tables of plain text, where a value is divided by scale
    better   which values are: HIGHER or LOWER
    show     a function of format.py: value -> (digits, unit)
    """
    __slots__ = ()

    def text(self, value):
        """A value with its unit."""
        digits, unit = self.show(value)
        return f'{digits} {unit}' if unit else digits

    def tick(self, value):
        """As short as it can be, for an axis."""
        digits, unit = self.show(value)
        if '.' in digits:
            digits = digits.rstrip('0').rstrip('.')
        return f'{digits} {unit}' if unit and value else digits

    def plain(self, value):
        """A value in the unit of the metric, without it."""
        return format.plain_number(value / self.scale)

    def plain_text(self, value):
        """A value with the unit of the metric."""
        return f'{self.plain(value)} {self.unit}'.rstrip()

    @property
    def plain_title(self):
        return self.title + (f', {self.unit}' if self.unit else '')


TABLE = (
    Metric('iops', 'IOPS', 'IOPS', '', 1, HIGHER, format.rate),
    Metric('bw', 'bandwidth', 'Bandwidth', 'MB/s', 1e6, HIGHER,
           format.bandwidth),
    Metric('lat_mean', 'mean latency', 'Mean latency', 'us', 1e3, LOWER,
           format.nanoseconds),
    Metric('lat_p50', 'median latency', 'p50', 'us', 1e3, LOWER,
           format.nanoseconds),
    Metric('lat_p99', 'p99 latency', 'p99', 'us', 1e3, LOWER,
           format.nanoseconds),
    Metric('lat_p999', 'p99.9 latency', 'p99.9', 'us', 1e3, LOWER,
           format.nanoseconds),
    Metric('cpu', 'CPU time per I/O', 'CPU per I/O', 'us', 1, LOWER,
           format.microseconds),
    Metric('switches', 'context switches per I/O', 'Switches per I/O', '', 1,
           LOWER, format.per_io),
    Metric('syscalls', 'system calls per I/O', 'Syscalls per I/O', '', 1,
           LOWER, format.per_io),
    Metric('maps', 'IOMMU maps per I/O', 'Maps per I/O', '', 1, LOWER,
           format.per_io),
    Metric('unmaps', 'IOMMU unmaps per I/O', 'Unmaps per I/O', '', 1, LOWER,
           format.per_io),
)
METRICS = {metric.name: metric for metric in TABLE}
# The mean says again what IOPS say at a given depth.
JUDGED = [name for name in METRICS if name != 'lat_mean']
# Rate, tail and cost: a change for the worse is a regression, and a page shows
# them first.
HEADLINE = ['iops', 'lat_p99', 'cpu']


def named(name):
    """The Metric; one that is not in the table is a plain number."""
    return METRICS.get(name) or Metric(name, name, name, '', 1, LOWER,
                                       format.per_io)
