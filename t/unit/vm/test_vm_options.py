# SPDX-License-Identifier: GPL-2.0-only
"""vm/options.py: the command line of t/vm/run."""

import unittest
from unittest import mock

from vm.options import parse_arguments
from vm.problem import Problem


def parse(text):
    with mock.patch('vm.options.program', return_value='qemu'), \
            mock.patch('platform.machine', return_value='x86_64'):
        return parse_arguments(text.split())


class Options(unittest.TestCase):
    def test_defaults(self):
        options = parse('-- fio job.fio --p2p')
        self.assertEqual(
            (options.command, options.drives, options.cpus, options.iommu,
             options.p2p, options.least, options.timeout),
            (['fio', 'job.fio', '--p2p'], (1, 1 << 30), 2, 'off', None, None,
             600))

    def test_values(self):
        options = parse('--drives 2,64M --cpus=1 --memory 4G --append -x=1 '
                        '--qemu -snapshot --qemu=-s --file a --file b:c -- x')
        self.assertEqual(
            (options.drives, options.cpus, options.least, options.append,
             options.qemu, options.file),
            ((2, 64 << 20), 1, 4 << 30, '-x=1', ['-snapshot', '-s'],
             ['a', 'b:c']))

    def test_p2p(self):
        self.assertEqual(parse('--p2p --iommu pt -- x').p2p, 'host')
        self.assertEqual(parse('--iommu pt --p2p -- x').p2p, 'host')
        self.assertEqual(parse('--p2p=switch --iommu pt -- x').p2p, 'switch')

    def test_refused(self):
        for arguments, words in (
                ('--drives x -- true', '--drives x: invalid; give a number'),
                ('--drives 33 -- true', '--drives 33: invalid'),
                ('--drives 1,64 -- true', '--drives 64: not a size'),
                ('--drives 1,1k -- true', 'too small; give at least 1M'),
                ('--cpus 0 -- true', '--cpus 0: invalid'),
                ('--iommu perhaps -- true', '--iommu'),
                ('--p2p=bus --iommu pt -- true', '--p2p'),
                ('--p2p switch --iommu pt -- true', 'switch: not an option'),
                ('--p2p -- true', '--p2p: vfio needs an IOMMU; add'),
                ('--p2p --iommu pt --drives 0 -- x', '--p2p: needs a drive'),
                ('--append', '--append: no value'),
                ('fio', 'fio: not an option; write -- before'),
                ('--', 'no command; write')):
            with self.subTest(arguments), \
                    self.assertRaisesRegex(Problem, words):
                parse(arguments)

    def test_other_machine(self):
        with mock.patch('platform.machine', return_value='aarch64'), \
                self.assertRaisesRegex(Problem, 'this machine is aarch64'):
            parse_arguments(['--', 'true'])


if __name__ == '__main__':
    unittest.main()
