# SPDX-License-Identifier: GPL-2.0-only
"""The pictures of a page: each metric against depth and block size."""

from bench import format
from . import gnuplot, panels
from .html import tag


def has_any(points):
    return any(panels.of_axis(points, x) for x in panels.SIZES)


def drawn(every, picture):
    """[(panel, [(plot, picture)])], all by one run of gnuplot."""
    wanted = [(panel, picture(panel, metric))
              for panel in every for metric in panels.METRICS]
    wanted = [each for each in wanted if each[1]]
    pictures = gnuplot.draw([each[1] for each in wanted])
    rows = {}
    for (panel, one), shown in zip(wanted, pictures):
        rows.setdefault(id(panel), (panel, []))[1].append((one, shown))
    return list(rows.values())


def figure(one, picture):
    return tag('figure', [
        tag('figcaption', tag('b', format.capitalized(one['title']))),
        picture])


def panel_markup(panel, shown):
    head = tag('h3', panel['title']) if panel['title'] else ''
    legend = gnuplot.legend([(line, style)
                          for line, style, _ in panel['lines']])
    return tag('div', [head, legend,
                       tag('div', [figure(one, picture)
                                   for one, picture in shown],
                           class_='plots')], class_='panel')


def sections(points, meaning, picture=panels.picture, what=None,
             most=panels.MOST):
    """[(name, title, content)]: against depth, and against block size; what
    the pictures show where it is not the metrics themselves. Says what the
    bars mean, and draws no more than so many pictures."""
    by_axis = {x: panels.of_axis(points, x) for x in panels.SIZES}
    every = [panel for each in by_axis.values() for panel in each]
    rows = drawn(every[:most // len(panels.METRICS)], picture)
    found = []
    for x, title in panels.SIZES.items():
        mine = [(panel, shown) for panel, shown in rows if panel['x'] == x]
        parts = [tag('p', meaning, class_='muted')]
        parts += [panel_markup(*each) for each in mine]
        left = len(by_axis[x]) - len(mine)
        if left:
            parts.append(tag('p', f'{left} groups of points are not drawn; '
                             'their figures are in the table.'))
        if by_axis[x]:
            name = f'{what}-{x}' if what else x
            title = f'{what} against {title}' if what else f'Against {title}'
            found.append((name.lower(), title, parts))
    return found
