# SPDX-License-Identifier: GPL-2.0-only
"""How what a page compares looks: a path, a side, or any other line. Each has
a colour and a mark, in every picture and on every page the same; the mark
serves those who cannot tell the colours apart.
"""

from collections import namedtuple

from .html import Markup, tag


class Look(namedtuple('Look', 'ink shape')):
    """
    ink    its colour, a variable of page.css
    shape  its mark, a number of SHAPES
    """
    __slots__ = ()

    def small_mark(self):
        """The mark as a part of a path, for the small pictures of tables."""
        return SMALL[self.shape]


# The marks, in the unit square around 0.
SHAPES = (
    '<circle r="1"',
    '<path d="M-.9,-.9h1.8v1.8h-1.8z"',
    '<path d="M0,-1.25L1.1,.75H-1.1z"',
    '<path d="M0,-1.25L1.25,0L0,1.25L-1.25,0z"',
    '<path d="M0,1.25L1.1,-.75H-1.1z"',
    '<path d="M-1.3,-.45H-.45V-1.3H.45V-.45H1.3V.45H.45V1.3H-.45V.45H-1.3z"',
    '<path d="M-1.2,-.6h2.4v1.2h-2.4z"',
    '<path d="M-.6,-1.2h1.2v2.4h-1.2z"',
)
SMALL = ('m-2,0a2,2 0 1 0 4,0a2,2 0 1 0-4,0z', 'm-1.8-1.8h3.6v3.6h-3.6z',
         'm0-2.5l2.2,4h-4.4z', 'm0-2.6l2.6,2.6l-2.6,2.6l-2.6-2.6z',
         'm0,2.5l2.2-4h-4.4z',
         'm-.8-2.5h1.6v1.7h1.7v1.6h-1.7v1.7h-1.6v-1.7h-1.7v-1.6h1.7z',
         'm-2.4-1.2h4.8v2.4h-4.8z', 'm-1.2-2.4h2.4v4.8h-2.4z')
# Every path of plan/paths.py; the engine's have the colours that differ most.
PATHS = {
    'direct': Look('s1', 0), 'staged': Look('s2', 1), 'host': Look('s3', 2),
    'pinned': Look('s4', 3), 'fixed': Look('s5', 4), 'io_uring': Look('s6', 5),
    'psync': Look('s7', 6), 'splice': Look('s8', 7), 'mmap': Look('s9', 0),
    'buffered': Look('s10', 1), 'sendfile': Look('s11', 2),
}
SIDES = tuple(Look(f'a{number + 1}', number) for number in range(4))
# The colours of all other lines, which are shades of one scale
SHADES = 8
INKS = [look.ink for look in (*PATHS.values(), *SIDES)] + [
    f'v{number + 1}' for number in range(SHADES)]
# A picture has no more lines than this.
MOST = 12


def of_path(path):
    """The look of a path by itself; one that is not in the table looks like
    any other line."""
    return PATHS.get(path) or of_others(1)[0]


def of_paths(paths):
    """{path: Look} of those that share a picture, all different."""
    unknown = [path for path in paths if path not in PATHS]
    return {path: PATHS[path] for path in paths if path in PATHS} | \
        dict(zip(unknown, of_others(len(unknown))))


def of_side(number):
    """The look of a side of a comparison; the base is 0."""
    look = SIDES[number % len(SIDES)]
    return look._replace(shape=number % len(SHAPES))


def of_others(count):
    """The looks of so many lines that are neither paths nor sides, as far
    apart as the scale allows."""
    steps = max(min(count, SHADES) - 1, 1)
    return [Look(f'v{number % SHADES * (SHADES - 1) // steps % SHADES + 1}',
                 (number + number // SHADES * 3) % len(SHAPES))
            for number in range(count)]


def variants(look, count):
    """So many looks in one colour."""
    return [look._replace(shape=(look.shape + number) % len(SHAPES))
            for number in range(count)]


# ---- marks and legends ----

def mark_element(look, where, words=''):
    """The mark in a picture; `where` is its transform, `words` its tooltip."""
    shape = SHAPES[look.shape]
    inside = tag('title', words) if words else ''
    return Markup(f'{shape} transform="{where}" fill="var(--{look.ink})" '
                  f'stroke="none">{inside}</{shape[1:].split()[0]}>')


def mark(look):
    """The mark on a piece of its line, for a legend."""
    return Markup('<svg width="26" height="12" viewBox="-13 -6 26 12" '
                  f'aria-hidden="true"><path d="M-13,0H13" '
                  f'stroke="var(--{look.ink})" stroke-width="2"/>'
                  f'{mark_element(look, "scale(4)")}</svg>')


def legend_list(lines):
    """A list of what each mark stands for: [(name, Look)]."""
    return tag('ul', [tag('li', [mark(look), name])
                      for name, look in lines], class_='legend')
