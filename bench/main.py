# SPDX-License-Identifier: GPL-2.0-only
"""The command line. A subcommand is a module with two functions: add(parser)
declares its options, main(options) returns the exit status. It is imported
when its subcommand is used.
"""

import argparse
import importlib

from vm.problem import Problem
from . import FAILED, NAME, VERSION

# subcommand -> (module, what it does)
COMMANDS = {
    'run': ('measure.command', 'measure the points of a plan'),
    'compare': ('compare.command', 'compare directories of results and judge '
                'the differences'),
    'kernels': ('kernels.command', 'boot kernels in the virtual machine, run '
                'a plan on each, and compare'),
    'report': ('page.command', 'write a page about one directory of results'),
}


class Parser(argparse.ArgumentParser):
    """Reports an error in one line, with this program's status."""

    def error(self, message):
        raise Problem(f'{message}; see {self.prog} --help', FAILED)


def main(argv):
    parser = Parser(prog=NAME, description='Compares kernels and qualifies '
                    'drives: runs fio over a plan and judges the results.')
    parser.add_argument('--version', action='version',
                        version=f'{NAME} {VERSION}')
    commands = parser.add_subparsers(dest='command', metavar='COMMAND',
                                     parser_class=Parser)
    subcommand = argv[0] if argv else None
    for name, (module, help_text) in COMMANDS.items():
        command = commands.add_parser(name, help=help_text,
                                      description=help_text.capitalize() + '.')
        if name == subcommand:
            module = importlib.import_module('.' + module, __package__)
            module.add(command)
            command.set_defaults(main=module.main)
    if subcommand is None:
        raise Problem(f'no command; see {NAME} --help', FAILED)
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        commands.choices.get(options.command, parser).error(
            f'unrecognized arguments: {" ".join(unknown)}')
    return options.main(options)
