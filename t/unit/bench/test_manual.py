# SPDX-License-Identifier: GPL-2.0-only
"""The manual page says what the command has: options of each subcommand,
paths, plans, metrics and exit statuses, compared both ways.
"""

import argparse
import importlib
import os
import re
import unittest

from bench import main, metrics
from bench.plan import paths, plan

PAGE = os.path.join(os.path.dirname(os.path.abspath(main.__file__)), '..',
                    'doc', 'fio-dmabuf-bench.1.scd')
OPTION = re.compile(r'\*(--?[a-z][a-z-]*)\*')


def sections():
    """Name of a section -> its lines."""
    found = {}
    with open(PAGE, encoding='utf-8') as file:
        for line in file.read().splitlines():
            if line.startswith('# '):
                lines = found.setdefault(line[2:], [])
            elif found:
                lines.append(line)
    return found


def described(lines):
    """The options that have an entry: lines that begin with one."""
    return {option for line in lines if line.startswith('*-')
            for option in OPTION.findall(line)}


def actions(module):
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module('bench.' + module).add(parser)
    return parser._actions


def options(module):
    return {option for action in actions(module)
            for option in action.option_strings}


def defaults(lines):
    """Option -> its default, where that is one word."""
    found, option = {}, None
    for line in lines:
        if line.startswith('*-'):
            option = OPTION.findall(line)[-1]
        word = re.search(r'Default: \*?(\w+)\*?\.', line)
        if word:
            found[option] = word.group(1)
    return found


class Manual(unittest.TestCase):

    def setUp(self):
        self.page = sections()

    def test_options_are_those_of_the_command(self):
        for name, (module, _) in main.COMMANDS.items():
            with self.subTest(name):
                self.assertEqual(described(self.page[name.upper()]),
                                 options(module))

    def test_defaults_are_those_of_the_command(self):
        for name, (module, _) in main.COMMANDS.items():
            said = defaults(self.page[name.upper()])
            has = {action.option_strings[-1]: str(action.default)
                   for action in actions(module) if action.option_strings}
            for option, value in said.items():
                with self.subTest(name, option=option):
                    self.assertEqual(value, has[option])
        self.assertIn('--boots', defaults(self.page['KERNELS']))

    def test_every_subcommand_is_in_the_synopsis(self):
        named = re.findall(r'^\*fio-dmabuf-bench\* \*(\w+)\*',
                           '\n'.join(self.page['SYNOPSIS']), re.MULTILINE)
        self.assertEqual(sorted(named), sorted(main.COMMANDS))

    def test_metrics(self):
        rows = [line[3:] for line in self.page['METRICS']
                if line.startswith('|  ')]
        named = [name for row in rows for name in row.split(', ')]
        self.assertEqual(sorted(named), sorted(metrics.METRICS))

    def test_paths_and_plans(self):
        text = ' '.join(self.page['PLANS'])
        engine, ladder = text.split('Paths are those of the engine')[1] \
            .split('the steps of the ladder')
        self.assertEqual(re.findall(r'\*(\w+)\*', engine + ladder),
                         [path.name for path in paths.TABLE
                          if paths.is_engine(path)] +
                         [path.name for path in paths.TABLE
                          if not paths.is_engine(path)])
        shipped = re.search(r'included plans are ([^.]*)\.', text).group(1)
        self.assertEqual(sorted(re.findall(r'\*(\w+)\*', shipped)),
                         sorted(plan.shipped_plans()))


if __name__ == '__main__':
    unittest.main()
