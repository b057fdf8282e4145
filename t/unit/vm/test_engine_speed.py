# SPDX-License-Identifier: GPL-2.0-only
"""t/engine-speed with a scripted machine: its defaults and its progress."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import tempfile
import unittest
from unittest import mock

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__)))))

# Notes its arguments, and answers each line of the plan.
MACHINE = '''#!/usr/bin/env python3
import json, os, sys
arguments = sys.argv[1:]
assert os.access(arguments[arguments.index('--fio') + 1], os.X_OK), arguments
plan = next(a for a in arguments if a.endswith(':/root/plan')).split(':')[0]
print('7.3\\nDMA')
for line in open(plan):
    print('@begin', line.split()[0])
    print(json.dumps({'jobs': [{'usr_cpu': 50, 'sys_cpu': 50, 'read': {
        'total_ios': 1000, 'runtime': 2000, 'iops': 500}}]}))
    print('@end 0')
'''


def load():
    loader = importlib.machinery.SourceFileLoader(
        'engine_speed', os.path.join(TOP, 't/engine-speed'))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader('engine_speed', loader))
    loader.exec_module(module)
    return module


class EngineSpeed(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = directory.name
        for name, text in (('vm/run', MACHINE), ('bin/fio', '#!/bin/sh\n'),
                           ('fio-dmabuf.so', '')):
            path = os.path.join(self.top, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w') as file:
                file.write(text)
            os.chmod(path, 0o755)
        self.speed = load()
        self.speed.HERE = self.top

    def run_main(self, *arguments, path=None):
        """What is printed on stdout and on stderr."""
        out, err = io.StringIO(), io.StringIO()
        path = path or f'{self.top}/bin:{os.environ["PATH"]}'
        environment = {name: value for name, value in os.environ.items()
                       if name != 'FIO'}
        with mock.patch.dict(os.environ, {**environment, 'PATH': path},
                             clear=True), \
                mock.patch('sys.argv', [
                    'engine-speed', '--no-host', '--plugin',
                    self.top + '/fio-dmabuf.so', *arguments]), \
                contextlib.redirect_stdout(out), \
                contextlib.redirect_stderr(err):
            self.speed.main()
        return out.getvalue(), err.getvalue()

    def test_default_fio(self):
        out, err = self.run_main('--rounds', '2')
        self.assertIn('kernel 7.3, IOMMU domain DMA', out)
        self.assertRegex(out, r'4k +32 +4k direct +500 +2000.0 +1.00 ')
        self.assertIn('the machine: 64 runs', err)

    def test_no_fio(self):
        with self.assertRaisesRegex(SystemExit, 'fio: no such program; '):
            self.run_main(path='/nowhere')

    def test_progress(self):
        with contextlib.redirect_stderr(io.StringIO()) as err, \
                mock.patch('time.monotonic') as clock:
            clock.return_value = 100
            progress = self.speed.Progress('it', 10)
            clock.return_value = 130
            progress.step()
            self.assertEqual(err.getvalue(), 'it: 10 runs\n')
            clock.return_value = 220
            progress.step()
        self.assertEqual(err.getvalue(), 'it: 10 runs\nit: 2 of 10 runs, '
                                         'about 8 min 00 s left\n')


if __name__ == '__main__':
    unittest.main()
