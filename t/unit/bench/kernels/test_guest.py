# SPDX-License-Identifier: GPL-2.0-only
"""bench/kernels/guest.py: what is put into the guest is enough to run there,
and what comes out of it is unpacked whole or not at all.
"""

import errno
import io
import os
import subprocess
import tempfile
import unittest
from unittest import mock

import scripted_vm
from bench.kernels import guest
from vm.problem import Interrupted, Problem


class Tree(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name + '/root'
        self.plan = directory.name + '/small.ini'
        with open(self.plan, 'w') as file:
            file.write('[plan]\n')

    def path(self, name):
        return self.root + name

    def test_it_is_enough(self):
        """Python started from the tree finds nothing outside of it."""
        guest.fill_tree(self.root, self.plan)
        script = guest.RUN.replace(guest.TOP, self.path(guest.TOP)) + '''
'''
        watch = 'import sys; sys.argv[1:] = ["run", "--help"]\ntry:\n' + \
            ''.join(f'    {line}\n' for line in script.split('\n')) + \
            'finally:\n    print([m.__file__ for m in sys.modules.values()' \
            ' if getattr(m, "__file__", None)], file=sys.stderr)\n'
        done = subprocess.run(
            [self.path(guest.INTERPRETER), '-I', '-S', '-B', '-c', watch],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={'PYTHONHOME': ''})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('--destroy', done.stdout)
        files = eval(done.stderr.splitlines()[-1])
        self.assertGreater(len(files), 20)
        for file in files:
            self.assertTrue(file.startswith(self.root), file)

    def test_compiled_for_good(self):
        guest.fill_tree(self.root, self.plan)
        name = self.path(guest.TOP + '/bench/measure/rounds.py')
        os.utime(name, (0, 0))
        compiled = [file for file in os.listdir(
            self.path(guest.TOP + '/bench/measure/__pycache__'))
            if file.startswith('rounds.')]
        self.assertEqual(len(compiled), 1)
        with open(os.path.join(os.path.dirname(name), '__pycache__',
                               compiled[0]), 'rb') as file:
            # flags: by hash, and not checked
            self.assertEqual(file.read(8)[4:], b'\1\0\0\0')

    def test_plan_and_programs(self):
        with mock.patch.object(guest, 'find_built', lambda name: '/bin/sh'):
            guest.fill_tree(self.root, self.plan)
        self.assertTrue(os.path.isfile(self.path('/root/small.ini')))
        for name in guest.TOOLS:
            self.assertTrue(os.access(self.path('/usr/bin/' + name), os.X_OK))

    def test_interrupted_while_compiling(self):
        """py_compile makes an error of its own of every Exception."""
        def interrupt(*_, **__):
            raise Interrupted(2)
        with mock.patch('importlib.machinery.SourceFileLoader.source_to_code',
                        interrupt), self.assertRaises(Interrupted):
            guest.put_file(guest.SOURCE + '/bench/units.py', self.root,
                           '/units.py')

    def test_installed_programs_that_are_not_in_path(self):
        program = self.path('/libexec/fio-dmabuf-sendfile')
        os.makedirs(os.path.dirname(program))
        with open(program, 'w') as file:
            file.write('#!/bin/sh\n')
        os.chmod(program, 0o755)
        with mock.patch.object(guest, 'SOURCE', self.path('/share')), \
                mock.patch.dict(os.environ, FIO_DMABUF_BUILD='',
                                FIO_DMABUF_PROGRAMS=self.path('/libexec')):
            self.assertEqual(guest.find_built('fio-dmabuf-sendfile'), program)

    def test_no_room(self):
        error = OSError(errno.ENOSPC, 'No space left', '/tmp/x')
        with mock.patch('shutil.copyfile', side_effect=error):
            with self.assertRaisesRegex(Problem, '/tmp/x: No space left.*'
                                        'TMPDIR'):
                guest.fill_tree(self.root, self.plan)

    def test_what_cannot_be_imported(self):
        with mock.patch.object(guest, 'LIST', 'import nowhere'):
            with self.assertRaisesRegex(Problem, 'nowhere') as caught:
                guest.list_modules()
        self.assertNotIn('\n', str(caught.exception))

    def test_command(self):
        words = guest.boot_command(['--iommu', 'off'], '/r', self.plan,
                                   ['--x'])
        self.assertEqual(words[:5], [guest.machine_program(), '--iommu', 'off',
                                     '--tree', '/r:/'])
        self.assertEqual(words[-6:], ['run', 'run', 'small.ini', '-o',
                                      'results', '--x'])
        self.assertTrue(os.access(words[0], os.X_OK))

    def test_machine(self):
        with mock.patch.object(guest, 'SOURCE', self.root):
            with self.assertRaisesRegex(Problem, 'vm/run: not found'):
                guest.machine_program()
            os.makedirs(self.root + '/vm')
            with open(self.root + '/vm/run', 'w'):
                pass
            self.assertEqual(guest.machine_program(), self.root + '/vm/run')


class Results(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.out = directory.name + '/out'
        self.log = directory.name + '/log'

    def test_whole(self):
        data = scripted_vm.pack({'a': 'text', 'b/c': 'more'})
        self.assertTrue(guest.unpack_results(io.BytesIO(data), self.out))
        with open(self.out + '/b/c') as file:
            self.assertEqual(file.read(), 'more')

    def test_cut_off_anywhere(self):
        data = scripted_vm.pack({'a': 'text' * 100,
                                 'b': os.urandom(999).hex()})
        for length in range(0, len(data), 7):
            out = f'{self.out}-{length}'
            self.assertFalse(guest.unpack_results(io.BytesIO(data[:length]),
                                                  out))

    def test_one_byte_wrong(self):
        data = bytearray(scripted_vm.pack({'b': os.urandom(999).hex()}))
        data[len(data) // 2] ^= 1
        self.assertFalse(guest.unpack_results(io.BytesIO(data), self.out))

    def test_no_room(self):
        data = scripted_vm.pack({'a': 'text'})
        with mock.patch('shutil.copyfileobj', side_effect=OSError(
                errno.ENOSPC, 'No space left')):
            with self.assertRaisesRegex(Problem, 'make room'):
                guest.unpack_results(io.BytesIO(data), self.out)

    def why(self, text):
        with open(self.log, 'w') as file:
            file.write(text)
        return guest.failure_in(self.log)

    def test_why(self):
        self.assertEqual(self.why('t/vm/run: a\nfio-dmabuf-bench: b\n'), 'b')
        self.assertEqual(self.why('t/vm/run: a\nsomething\n'), 'a')
        self.assertEqual(self.why('sh: no python\n'), 'sh: no python')
        self.assertEqual(self.why(''), 'no error message')
