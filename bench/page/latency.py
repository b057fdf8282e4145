# SPDX-License-Identifier: GPL-2.0-only
"""The distribution of the latency, from the histograms in fio's files: how
many of the I/Os took at most so long. Its axis of shares is one of nines, as
50, 90, 99 and 99.9 % are what is asked for; that of latencies is logarithmic.
"""

import math
from collections import namedtuple

from bench.measure import fio_json
from bench.metrics import named
from bench.results import directory
from bench.units import count
from vm.problem import Problem
from . import labels, looks, scales
from .html import Markup, markup, tag

WIDTH, HEIGHT = 560, 250
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 8, 40
# A smaller step is not drawn.
FINEST = 2
# What one plot has a line for: the first of these in which points differ
LINES = ('path', 'iodepth', 'bs')
# More plots than that do not help, and their files take long to read; with
# more than a few they are folded.
MOST, FEW = 24, 4
# Shares with a tick, and those with a mark on every line
TICKS = (0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)
MARKS = (0.5, 0.99, 0.999)

# Those of a point, of all its rounds that count.
# bins      [(ns, number of I/Os)], ascending
# problems  lines on the files that were left out
# without   how many files have no histogram
Histogram = namedtuple('Histogram', 'bins problems without')


# ---- reading ----

def read(path, points):
    """{point: Histogram} of the points that sections() draws; a point has its
    lines of the index in 'counted'. A damaged file is left out.
    """
    drawn = [point for group in groups(points)[:MOST] for point in group]
    return {point['name']: read_point(path, point['counted'])
            for point in drawn}


def read_point(path, lines):
    histograms, problems, without = [], [], 0
    for line in lines:
        # of any other size, it is among the damage that the page begins with
        if directory.damage(path, line):
            continue
        try:
            found = bins_of(directory.read_json(path, line['file']))
        except Problem as problem:
            problems.append(str(problem))
            continue
        histograms += found
        without += not found
    return Histogram(fio_json.merge(histograms), problems, without)


def bins_of(result):
    """The histograms in fio's JSON, one of each job and direction; none where
    one of them is missing.
    """
    try:
        sides = [job[name]['lat_ns'] for job in result['jobs']
                 for name in fio_json.DIRECTIONS
                 if job.get(name, {}).get('total_ios')]
        found = [{int(ns): int(number) for ns, number in side['bins'].items()}
                 for side in sides]
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
    return found if all(map(sum, map(dict.values, found))) else []


# ---- which points ----

def line_axis(points):
    axes = labels.varying(points)
    return next((axis for axis in LINES if axis in axes), 'path')


def groups(points):
    """Lists of points that share a plot."""
    axes = [axis for axis in labels.varying(points)
            if axis != line_axis(points)]
    return [group[first:first + looks.MOST]
            for group in labels.group_by(points, axes).values()
            for first in range(0, len(group), looks.MOST)]


def lines_of(group, axis, histograms):
    """[(name, Look, bins)] of the points with a histogram."""
    names = [str(labels.axis_value(point, axis) or '') for point in group]
    look = looks.of_paths(names) if axis == 'path' else \
        dict(zip(names, looks.of_others(len(names))))
    return [(labels.describe(point, [axis]), look[name],
             histograms[point['name']].bins)
            for name, point in zip(names, group)
            if histograms[point['name']].bins]


# ---- the section ----

def sections(points, histograms):
    """[(name, title, content)], or nothing without a histogram."""
    axis = line_axis(points)
    titles = [name for name in labels.varying(points) if name != axis]
    every = groups(points)
    panels = [panel(labels.describe(group[0], titles),
                    lines_of(group, axis, histograms))
              for group in every[:MOST]]
    panels = [some for some in panels if some]
    if not panels:
        return []
    grid = tag('div', panels, class_='plots large')
    if len(panels) > FEW:
        grid = tag('details', [tag('summary', count(len(panels), 'plot')),
                               grid])
    return [('latency', 'Latency distribution', [
        tag('p', 'How many I/Os took at most so long, of all rounds that '
            'count together: fio\'s lat, reads and writes. Marks: 50, 99 and '
            '99.9\u202f%. Both axes are logarithmic; that of shares nears '
            '100\u202f%.', class_='muted'),
        grid, left_out(len(every) - MOST, histograms)])]


def left_out(groups_left, histograms):
    """What the plots do not show."""
    lines = []
    without = sum(one.without for one in histograms.values())
    if without:
        lines.append(f'{count(without, "measurement")} without a histogram '
                     'left out.')
    if groups_left > 0:
        lines.append(f'{count(groups_left, "more group")} of points not '
                     'drawn; see the percentiles in the table of results.')
    return [tag('p', line) for line in lines]


def panel(title, lines):
    """A plot with its title and legend."""
    if not lines:
        return None
    return tag('div', [
        tag('h3', title) if title else '',
        looks.legend_list([(name, look) for name, look, _ in lines]),
        tag('figure', picture(title, lines))], class_='panel')


# ---- a plot ----

def nines(share):
    """0 of nothing, 1 of 90 %, 2 of 99 %."""
    return -math.log10(1 - share)


def cumulative(bins):
    """[(ns, share of the I/Os that took at most so long)]"""
    total = sum(number for _, number in bins)
    shares, seen = [], 0
    for ns, number in bins:
        seen += number
        shares.append((ns, seen / total))
    return shares


class Axes:
    """Where latencies and shares are in a plot, from the least to the greatest
    latency, and up to the share that a single I/O is of all.
    """

    def __init__(self, lines):
        places = [max(ns, 1) for _, _, bins in lines for ns, _ in bins]
        self.low, self.high = min(places) / 1.05, max(places) * 1.05
        most = max(sum(number for _, number in bins) for _, _, bins in lines)
        self.top = min(max(math.log10(most), 1), 5)

    def across(self, ns):
        ends = math.log10(self.low), math.log10(self.high)
        return scales.place(math.log10(max(ns, 1)), ends, LEFT, WIDTH - RIGHT)

    def up(self, share):
        value = nines(share) if share < 1 else self.top
        return scales.place(value, (0, self.top), HEIGHT - BOTTOM, TOP)

    def latencies(self):
        """Round ones that have room for their labels."""
        chosen, free = [], 0
        for ns in scales.round_steps(self.low, self.high, True):
            half = len(named('lat_mean').tick(ns)) * 3.6 + 2
            if self.low <= ns <= self.high and self.across(ns) - half >= free:
                chosen.append(ns)
                free = self.across(ns) + half
        return chosen

    def shares(self):
        return [share for share in TICKS if nines(share) <= self.top]


def picture(title, lines):
    axes = Axes(lines)
    parts = [frame(axes)]
    parts += [f'<path d="{steps(cumulative(bins), axes)}" '
              f'stroke="var(--{look.ink})" stroke-width="1.6"/>'
              for _, look, bins in lines]
    parts += [mark(name, look, share, bins, axes)
              for name, look, bins in lines for share in MARKS
              if nines(share) <= axes.top]
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" fill="none" '
        'font-family="sans-serif" font-size="12" role="img" '
        f'aria-label="{markup(alternative(title, lines))}">'
        f'<g>{"".join(parts)}</g></svg>')


def share_text(share):
    return f'{share * 100:.10g}\u202f%'


def frame(axes):
    """The axes with their ticks and lines across."""
    base, end = HEIGHT - BOTTOM, WIDTH - RIGHT
    shares = [(axes.up(share), share_text(share)) for share in axes.shares()]
    places = [(axes.across(ns), named('lat_mean').tick(ns))
              for ns in axes.latencies()]
    grid = ''.join(f'M{LEFT},{y:.0f}H{end}' for y, _ in shares[1:])
    marks = ''.join(f'M{LEFT - 4},{y:.0f}h4' for y, _ in shares) + \
        ''.join(f'M{x:.0f},{base}v4' for x, _ in places)
    texts = ''.join(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" '
                    f'text-anchor="end">{markup(text)}</text>'
                    for y, text in shares)
    texts += ''.join(f'<text x="{x:.0f}" y="{base + 17}" '
                     f'text-anchor="middle">{markup(text)}</text>'
                     for x, text in places)
    texts += f'<text x="{(LEFT + end) / 2:.0f}" y="{HEIGHT - 6}" ' \
        'text-anchor="middle">latency</text>'
    return (f'<path d="{grid}" stroke="var(--grid)"/>'
            f'<path d="M{LEFT},{TOP}V{base}H{end}{marks}" '
            f'stroke="var(--axis)"/><g fill="var(--muted)">{texts}</g>')


def steps(shares, axes):
    """A path of steps that leaves out what is smaller than FINEST."""
    def near(value):
        return round(value / FINEST) * FINEST
    x, y = near(axes.across(shares[0][0])), near(axes.up(0))
    path = [f'M{x},{y}']
    for ns, share in shares:
        right, up = near(axes.across(ns)), near(axes.up(share))
        if right != x:
            path.append(f'h{right - x}')
        if up != y:
            path.append(f'v{up - y}')
        x, y = right, up
    return ''.join(path)


def mark(name, look, share, bins, axes):
    ns = fio_json.percentile(bins, share * 100)
    where = f'translate({axes.across(ns):.1f},{axes.up(share):.1f}) scale(4)'
    return looks.mark_element(look, where, f'{name}: {share_text(share)} '
                              f'within {named("lat_mean").text(ns)}')


def alternative(title, lines):
    """For someone who cannot see the plot."""
    told = '; '.join(f'{name}: ' + ', '.join(
        f'{share_text(share)} within '
        f'{named("lat_mean").text(fio_json.percentile(bins, share * 100))}'
        for share in MARKS) for name, _, bins in lines)
    return f'Distribution of the latency{", " if title else ""}{title}. ' \
        f'{told}.'
