# SPDX-License-Identifier: GPL-2.0-only
"""What fio prints, taken apart; why there are no figures; and programs in
place of fio that hang, or that end in odd ways.
"""

import os
import signal
import tempfile
import time
import unittest
from unittest import mock

from bench.measure import fio
from vm import problem
from vm.problem import Interrupted, Problem

GOOD = '{\n "jobs": [{"error": 0}]\n}\n'
LINE = 'dmabuf: /dev/dma_heap: no dma-heaps on this kernel; use udmabuf'


class TakeApart(unittest.TestCase):
    def test_lines_around(self):
        found = fio.take_apart(0, 'fio: note {x}\n' + GOOD + '\nlater\n',
                               'err\n')
        self.assertEqual(found.text, GOOD)
        self.assertEqual(found.result, {'jobs': [{'error': 0}]})
        self.assertEqual(found.lines, ['fio: note {x}', 'err', 'later'])
        self.assertIsNone(fio.failure(found))

    def test_reasons(self):
        bad = '{"jobs": [{"error": 5}]}'
        for status, out, err, words in (
                (0, '', '', 'fio: no JSON, exit status 0'),
                (1, '{\n "jobs": [', '', 'fio: cut-off JSON, exit status 1'),
                (0, '{\n "jobs": [', '', 'fio: cut-off JSON, exit status 0'),
                (0, '{"jobs": []}', '', 'exit status 0 and no error message'),
                (-9, '', '', 'fio: killed by signal 9'),
                (0, bad, '', 'exit status 0 and no error message'),
                (1, 'fio: pid=1\n' + GOOD, LINE + '\n', LINE),
                (1, 'fio: io_u error: Input/output error\n' + bad, '',
                 'fio: io_u error: Input/output error'),
                (1, 'x: you need to specify size=\n', '', 'x: you need to'),
                (1, 'dmabuf: job: path host (a), no errors\nfio: b\n', '',
                 'fio: b')):
            found = fio.failure(fio.take_apart(status, out, err))
            self.assertIn(words, found)
            self.assertNotIn('\n', found)

    def test_signals_of_which_fio_reports_no_error(self):
        for out, err, words in (
                (GOOD, 'fio: pid=7, got signal=9\n',
                 'fio: a job (process 7) was killed by signal 9; see the'),
                ('\nfio: terminating on signal 15\n' + GOOD, '',
                 'fio: ended early by signal 15; find out who')):
            found = fio.failure(fio.take_apart(0, out, err))
            self.assertIn(words, found)
            self.assertNotIn('\n', found)


class Running(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.out = self.folder + '/r01'

    def program(self, text):
        file = self.folder + '/program'
        with open(file, 'w') as f:
            f.write('#!/bin/sh\n' + text)
        os.chmod(file, 0o755)
        return file

    def only_the_program_is_left(self):
        self.assertEqual(os.listdir(self.folder), ['program'])

    def test_answer(self):
        found = fio.run(self.program('echo "$@"; echo \'{"jobs": []}\'; '
                                     'echo x >&2; exit 3'),
                        'job.fio', self.out, 1)
        self.assertEqual(found, (3, '{"jobs": []}\n', {'jobs': []},
                                 ['--output-format=json+ job.fio', 'x']))
        self.only_the_program_is_left()

    def test_too_long(self):
        with mock.patch.object(fio, 'PATIENCE', 0.2):
            found = fio.run(self.program('sleep 60 & sleep 60'), 'j',
                            self.out, 0)
        self.assertEqual(found.status, -signal.SIGTERM)
        self.assertEqual(fio.failure(found), 'fio: still running 0.2 s after '
                         'its runtime, and killed; if it lays out a file or '
                         'fills much memory, give it longer with --patience')
        self.only_the_program_is_left()

    def test_killed_and_with_words_of_its_own(self):
        program = self.program('echo "fio: terminating on signal 15"; echo '
                               '"dmabuf: a note" >&2; sleep 60')
        found = fio.run(program, 'j', self.out, 0, patience=0.5)
        self.assertRegex(fio.failure(found), '^fio: still running 0.5 s after')

    def test_written(self):
        """What the program's processes write to a file."""
        seen = []
        file = self.folder + '/x'
        program = self.program(f'(setsid dd if=/dev/zero of={file} bs=64k '
                               f'count=16; sleep 1) 2>&1; rm {file}')
        fio.run(program, 'j', self.out, 9,
                tick=lambda pid: seen.append(fio.written_by(pid)))
        self.assertGreaterEqual(max(filter(None, seen)), 1 << 20)
        self.assertIsNone(fio.written_by(1 << 30))

    def test_interrupted(self):
        """What fio has started ends too."""
        children = self.folder + '/children'

        def tick(_):
            if os.path.exists(children):
                raise Interrupted(2)
        program = self.program(f'sleep 60 & echo $! >{children}.x; mv '
                               f'{children}.x {children}; wait')
        with self.assertRaises(Interrupted):
            fio.run(program, 'j', self.out, 60, tick=tick)
        with open(children) as f:
            child = int(f.read())
        self.assertTrue(gone(child))
        os.unlink(children)
        self.only_the_program_is_left()

    def test_no_program(self):
        with self.assertRaises(FileNotFoundError):
            fio.run('/nowhere/fio', 'j', self.out, 1)
        self.assertEqual(os.listdir(self.folder), [])

    def test_version(self):
        for text, words in (('echo fio-3.99', None),
                            ('echo GNU fio 1', 'not fio; give one'),
                            ('exit 1', 'not fio; give one')):
            if words:
                with self.assertRaisesRegex(Problem, words):
                    fio.version(self.program(text))
            else:
                self.assertEqual(fio.version(self.program(text)), 'fio-3.99')
        with self.assertRaisesRegex(Problem, 'No such file.*; install fio'):
            fio.version('/nowhere/fio')


def gone(pid):
    """Ended, though perhaps not yet waited for by its new parent."""
    for _ in range(50):
        try:
            with open(f'/proc/{pid}/stat') as f:
                if f.read().rpartition(')')[2].split()[0] == 'Z':
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.1)
    return False


class Held(unittest.TestCase):
    def test_signal_comes_after_the_block(self):
        before = signal.signal(signal.SIGTERM, problem.interrupted)
        self.addCleanup(signal.signal, signal.SIGTERM, before)
        for each in (signal.SIGINT, signal.SIGHUP):
            self.addCleanup(signal.signal, each, signal.getsignal(each))
        done = []
        with self.assertRaises(Interrupted) as caught:
            with problem.held():
                os.kill(os.getpid(), signal.SIGTERM)
                done.append('all of it')
        self.assertEqual(caught.exception.args[0], signal.SIGTERM)
        self.assertEqual(done, ['all of it'])


if __name__ == '__main__':
    unittest.main()
