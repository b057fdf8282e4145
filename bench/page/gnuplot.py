# SPDX-License-Identifier: GPL-2.0-only
"""Pictures, which gnuplot draws as SVG for a page. gnuplot gets numbers and
labels made here, never text from a user. Colours are names of the page's style
sheet, so that a picture follows light and dark mode.

A plot is a dictionary:
  title, x, y       what the picture shows and its axes
  logx, logy        whether an axis is logarithmic
  xticks            [(position, label)]
  yticks            a function, value -> label
  series            [{'name', 'look': of looks.py, 'points': [(x, y, low,
                    high)]}]
  lines, window     horizontal or sloped lines [(x1, y1, x2, y2, dashed)],
                    and a shaded range of x (x1, x2), or None
  tooltip           (name, point) -> what a point says when pointed at
  side_by_side      whether the bars of a place are drawn side by side
  zoom              whether the y axis may begin above 0
  size              in its own units, instead of WIDTH, HEIGHT
  alternative       what someone who cannot see the picture is told
"""

import os
import re
import shutil
import subprocess
import tempfile

from vm.problem import Problem, program, reason
from . import looks
from .html import Markup, markup
from .scales import round_steps

WIDTH, HEIGHT = 340, 220
# Attributes that gnuplot repeats for every group; the picture has them once.
COMMON = re.compile(r' (?:fill="none"|color="(?:black|gray|#FFFFFF)"|'
                    r'stroke="currentColor"|stroke-width="1\.00"|'
                    r'stroke-linecap="butt"|stroke-linejoin="miter"|'
                    r'font-(?:family|size)="[^"]*")')
FONT = 'font-family="sans-serif" font-size="12"'
# gnuplot is given the number of a colour of the style sheet as a shade of blue.
INKS = ['ink', 'axis', 'muted', 'grid', 'window', *looks.INKS]


def colour(name):
    """A colour as gnuplot takes it."""
    return f"rgb '#0000{INKS.index(name):02x}'"


def y_steps(plot):
    """The ticks of the y axis: from 0, or from below the least where the axis
    is logarithmic or the plot zooms."""
    values = [value for line in plot['series'] for point in line['points']
              for value in point[1:]]
    values += [value for line in plot.get('lines', ())
               for value in (line[1], line[3])]
    low, high = min(values), max(values)
    if plot.get('logy') and low > 0:
        return round_steps(low, high, True)
    if not plot.get('zoom') or low < 0:
        low = min(low, 0)
    if high <= low:
        high = low + (abs(low) or 1)
    return round_steps(low, high)


def tick_list(ticks):
    """Labels are formats to gnuplot."""
    return ', '.join("'{}' {:.9g}".format(
        label.replace("'", "''").replace('%', '%%'), position)
        for position, label in ticks)


def data_lines(plot, ticks):
    for index, (x1, y1, x2, y2, _) in enumerate(plot.get('lines', ())):
        yield f'$l{index} << EOD'
        yield f'{x1:.9g} {y1:.9g}'
        yield f'{x2:.9g} {y2:.9g}'
        yield 'EOD'
    if plot.get('window'):
        x1, x2 = plot['window']
        yield (f'set object rectangle from first {x1:.9g}, graph 0 to first '
               f'{x2:.9g}, graph 1 behind fc {colour("window")} '
               f'fs solid noborder')
    for index, line in enumerate(plot['series']):
        yield f'$d{index} << EOD'
        for point in line['points']:
            place = drawn_at(plot, point[0], index)
            yield ' '.join(f'{value:.9g}' for value in (place, *point[1:]))
        yield 'EOD'


def drawn_at(plot, place, index):
    """The x position of a point of that series, shifted if the plot has its
    bars side by side."""
    if not plot.get('side_by_side'):
        return place
    low, high = x_range(plot)
    shift = (index - (len(plot['series']) - 1) / 2) * 0.014
    if plot.get('logx'):
        return place * (high / low) ** shift
    return place + (high - low) * shift


def x_range(plot):
    """The x axis, with room at both ends."""
    places = [point[0] for line in plot['series'] for point in line['points']]
    places += [position for position, _ in plot['xticks']]
    low, high = min(places), max(places)
    if plot.get('logx'):
        room = (high / low) ** 0.04 if high > low else 1.5
        return low / room, high * room
    room = (high - low) * 0.04 or 0.5
    return low - room, high + room


def size(plot):
    return plot.get('size', (WIDTH, HEIGHT))


def commands(plot, path):
    """The script of one picture."""
    values = y_steps(plot)
    low, high = x_range(plot)
    drawn = [f'$l{index} with lines lc {colour("ink")} lw 1.2 dt '
             f'{"(6,5)" if line[-1] else "solid"} notitle'
             for index, line in enumerate(plot.get('lines', ()))]
    for index, line in enumerate(plot['series']):
        look = f'lc {colour(line["look"].ink)} lw 1.6 notitle'
        drawn.append(f'$d{index} using 1:3:(0):($4-$3) with vectors nohead '
                     f'{look}')
        drawn.append(f'$d{index} using 1:2 with linespoints pt 7 ps 0.5 '
                     f'{look}')
    return '\n'.join([
        'reset',
        f"set terminal svg size {','.join(map(str, size(plot)))} dynamic "
        f"noenhanced font 'sans-serif,12'",
        f"set output '{path}'",
        'set encoding utf8',
        'set key off',
        'set lmargin 8.5', 'set rmargin 1.2', 'set tmargin 0.7',
        'set bmargin 3.2',
        f'set border 3 lc {colour("axis")}',
        f'set tics nomirror out scale 0.5 textcolor {colour("muted")}',
        f'set grid ytics back lt 1 lc {colour("grid")} lw 1 dt solid',
        f"set xlabel '{plot['x']}' offset 0,0.6 textcolor {colour('muted')}",
        'set logscale x 2' if plot.get('logx') else '',
        'set logscale y' if plot.get('logy') else '',
        f'set xrange [{low:.9g}:{high:.9g}]',
        f'set yrange [{values[0]:.9g}:{values[-1]:.9g}]',
        f'set xtics ({tick_list(plot["xticks"])})',
        'set ytics (' + tick_list((value, plot['yticks'](value))
                                  for value in values) + ')',
        *data_lines(plot, values),
        'plot ' + ', '.join(drawn),
        'set output', ''])


def paint(match):
    return f'var(--{INKS[int(match.group(1))]})'


def page_svg(text, plot):
    """The SVG of gnuplot as an element of a page: without ids, which would
    clash with those of another picture, and with a tooltip for each point."""
    inside = text[text.index('<svg'):]
    inside = inside[inside.index('>') + 1:inside.rindex('</svg>')]
    inside = re.sub(r'<title>.*?</title>|<desc>.*?</desc>|<defs>.*?</defs>',
                    '', inside, flags=re.S)
    inside = re.sub(r'<rect x="0" y="0"[^>]*/>', '', inside)
    inside = re.sub(r" (?:id|class)=(?:'[^']*'|\"[^\"]*\")", '', inside)
    inside = re.sub(r'rgb\( *0, *0, *(\d+)\)', paint, inside)
    points = iter([(line, point) for line in plot['series']
                 for point in line['points']])

    def point(match):
        line, values = next(points)
        where = match.group(1).replace('scale(', 'scale(1.15) scale(')
        return looks.mark_element(line['look'], where,
                                  plot['tooltip'](line['name'], values))

    inside = re.sub(r"<use xlink:href='#gpPt6' transform='([^']*)' "
                    r"color='[^']*'/>", point, inside)
    inside = COMMON.sub('', inside)
    for _ in range(3):
        inside = re.sub(r'<g[^>]*>\s*</g>', '', inside)
    inside = re.sub(r'\s*\n\s*', '\n', inside)
    width, height = size(plot)
    return Markup(f'<svg viewBox="0 0 {width} {height}" fill="none" '
                  f'stroke="currentColor" {FONT} role="img" '
                  f'aria-label="{markup(plot["alternative"])}">'
                  f'{inside}</svg>')


def missing():
    """What a page without plots says, in a line; None if there is a gnuplot.
    """
    return None if shutil.which('gnuplot') else \
        'gnuplot: not found, so the page lacks plots; install the package ' \
        'gnuplot-nox'


def run_gnuplot(script, directory):
    path = program('gnuplot', 'gnuplot-nox')
    try:
        done = subprocess.run([path, '-'], input=script, text=True,
                              cwd=directory, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False,
                              env=dict(os.environ, LC_ALL='C',
                                       GNUTERM='svg', HOME=directory))
    except OSError as error:
        raise Problem(f'{path}: {reason(error)}; check that gnuplot '
                      f'works') from error
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        raise Problem(f'{path}: exit status {done.returncode}: '
                      f'{lines[-1] if lines else "no output"}; check that '
                      f'gnuplot has the svg terminal')


def draw(plots):
    """An element of SVG for each plot, by one run of gnuplot, which must not
    be missing().
    """
    if not plots:
        return []
    with tempfile.TemporaryDirectory() as directory:
        names = [f'{index}.svg' for index in range(len(plots))]
        run_gnuplot('\n'.join(map(commands, plots, names)), directory)
        pictures = []
        for name, plot in zip(names, plots):
            pictures.append(page_svg(read_svg(directory, name), plot))
    return pictures


def read_svg(directory, name):
    """A whole picture as gnuplot wrote it."""
    text = ''
    if os.path.exists(os.path.join(directory, name)):
        with open(os.path.join(directory, name), encoding='utf-8') as file:
            text = file.read()
    if '</svg>' not in text:
        raise Problem('gnuplot: drew nothing; check that gnuplot has the '
                      'svg terminal')
    return text
