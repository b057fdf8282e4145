# SPDX-License-Identifier: GPL-2.0-only
"""What is wrong with a page: elements that do not match, names used twice,
anything from outside.
"""

from html.parser import HTMLParser

VOID = {'meta', 'link', 'input', 'br', 'circle', 'path', 'rect', 'polygon'}
TAKES = {'src', 'href', 'xlink:href', 'action', 'data', 'poster', 'srcset'}
OUTSIDE = ('@import', 'url(', 'fetch(', 'XMLHttpRequest', 'import(')


class Checker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.names = [], [], set()
        self.counts, self.texts, self.links = {}, [], []

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        for key, value in attributes:
            self.attribute(key, value or '')
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def attribute(self, key, value):
        if key == 'id':
            if value in self.names or not value or ' ' in value:
                self.wrong.append(f'id {value}')
            self.names.add(value)
        if key in TAKES and value.startswith('#'):
            self.links.append(value[1:])
        elif key in TAKES and value != 'data:,':
            self.wrong.append(f'{key}={value}')
        if key.startswith('on'):
            self.wrong.append(f'{key}={value}')

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f'</{tag}> in {self.open[-3:]}')
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in ('style', 'script'):
            self.wrong += [text for text in OUTSIDE if text in data]
        else:
            self.texts.append(data)


def check(text):
    """The Checker, whose list `wrong` is empty for a good page."""
    checker = Checker()
    checker.feed(text)
    checker.close()
    checker.wrong += checker.open
    checker.wrong += [f'#{name}' for name in checker.links
                      if name not in checker.names]
    checker.wrong += [start for start in ('http:', 'https:', '//www')
                      if start in text]
    checker.text = ' '.join(' '.join(checker.texts).split())
    return checker
