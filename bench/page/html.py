# SPDX-License-Identifier: GPL-2.0-only
"""The frame of every page: one file of HTML with its style sheet and script
inside, which fetches nothing. Functions here escape the text they are given
and return Markup.
"""

import html
import os

HERE = os.path.dirname(os.path.realpath(__file__))
# If a reference to something outside slipped in, a browser would not fetch it.
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; "
          "script-src 'unsafe-inline'; img-src data:")
# A table with more rows scrolls below its headings.
TALL = 30


class Markup(str):
    """Text that is HTML already."""


def markup(content):
    """Markup of text, of markup, or of a list of both."""
    if isinstance(content, Markup):
        return content
    if isinstance(content, (list, tuple)):
        return Markup(''.join(map(markup, content)))
    # HTML cannot contain control characters.
    text = ''.join(character if character >= ' ' or character in '\t\n'
                   else '\ufffd' for character in str(content))
    text = text.encode('utf-8', 'replace').decode()
    return Markup(html.escape(text))


def tag(name, content='', **attributes):
    """An element; class_ is the attribute class, aria_label aria-label, and an
    attribute of None is left out."""
    words = [name]
    for key, value in attributes.items():
        if value is not None:
            key = key.rstrip('_').replace('_', '-')
            words.append(f'{key}="{markup(value)}"')
    return Markup(f'<{" ".join(words)}>{markup(content)}</{name}>')


def cell(content, value=None, kind=None, **attributes):
    """A cell of a table; value is what its column is sorted by."""
    return tag('td', content, class_=kind, data_v=value, **attributes)


def number(shown, value, more=''):
    """A cell of (digits, unit), or of nothing where value is None."""
    if value is None:
        return cell('', '', 'n', aria_label='unknown')
    digits, unit = shown
    if unit is not None:
        unit = tag('span', ' ' + unit if unit else '', class_='u')
    else:
        unit = ''
    return cell([digits, unit, more], f'{value:.9g}', 'n')


def heading(text, numbers=False, title=None):
    return tag('th', text, scope='col', class_='n' if numbers else None,
               title=title)


def table(headings, rows, caption=None, sort=True, **attributes):
    """Rows are lists of cells; the first of each names the row."""
    head = tag('thead', tag('tr', headings))
    body = tag('tbody', [[tag('tr', row), '\n'] for row in rows])
    inside = tag('table', [head, '\n', body],
                 class_='sort' if sort else None, **attributes)
    # What scrolls has to be within reach of the keyboard.
    return Markup((tag('p', caption, class_='muted') if caption else '') +
                  tag('div', inside, tabindex='0',
                      class_='wide tall' if len(rows) > TALL else 'wide') +
                  '\n')


def section(name, title, content):
    return Markup(tag('section', [tag('h2', title, id=name), content],
                      aria_labelledby=name) + '\n')


def contents(sections):
    """Links to sections, [(name, title)]."""
    return tag('nav', [tag('a', title, href='#' + name)
                       for name, title in sections], aria_label='Contents')


def definitions(pairs):
    """A list of (what, content)."""
    return tag('dl', [[tag('dt', what), tag('dd', content)]
                      for what, content in pairs])


def asset(name):
    with open(os.path.join(HERE, name), encoding='utf-8') as file:
        return file.read()


def page(title, content, footer):
    """The whole page as text."""
    return f'''<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="fio-dmabuf-bench">
<link rel="icon" href="data:,">
<title>{markup(title)}</title>
<style>
{asset('page.css')}</style>
</head>
<body>
<main>
{markup(content)}
</main>
{tag('footer', footer)}
<script>
{asset('page.js')}</script>
</body>
</html>
'''
