# SPDX-License-Identifier: GPL-2.0-only
"""The passes over drives, their pieces, and how a run that was interrupted
goes on. A scripted runner only records the jobs.
"""

import contextlib
import io
import tempfile
import unittest
from unittest import mock

from bench.measure import precondition, progress
from bench.measure.record import Record
from bench.measure.runner import Failed
from bench.plan import plan
from bench.results import directory
from vm.problem import Problem

TEXT = '[points]\npath = host\n[precondition]\nsteps = {}\n{}'
MIB = 1 << 20


def make_plan(steps, more=''):
    return plan.parse_plan('x.ini', TEXT.format(steps, more), {})


class Runner:
    """fails: the number of the job that fails, from 1 on."""

    def __init__(self, path, sizes, fails=None):
        self.drives, self.sizes, self.fails = list(sizes), sizes, fails
        self.jobs = []
        header = directory.read_json(path, directory.HEADER) \
            if directory.is_results(path) else {'precondition': {
                'steps': [], 'done': None, 'seconds': None}}
        self.records = [Record(path, header)]

    def size(self, drive):
        return self.sizes[drive]

    def prepare(self, records, name, options, tick):
        given = dict(option.split('=', 1) for option in options)
        self.jobs.append((name, given['rw'], given['filename'],
                          given.get('offset'), given.get('size')))
        if len(self.jobs) == self.fails:
            raise Failed('fio: no; do')


class Precondition(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = folder.name
        patch = mock.patch.object(precondition, 'PIECE', 4 * MIB)
        patch.start()
        self.addCleanup(patch.stop)

    def write(self, made, sizes, fails=None):
        runner = Runner(self.path, sizes, fails)
        with contextlib.redirect_stderr(io.StringIO()) as said:
            try:
                precondition.precondition_drives(runner, made)
            except Problem as problem:
                said.write(str(problem))
        self.header = runner.records[0].header['precondition']
        self.said = said.getvalue()
        return runner.jobs

    def test_one_job_for_each_pass(self):
        jobs = self.write(make_plan('fill*2 random'), {'a': MIB, 'b': None})
        self.assertEqual([job[:3] for job in jobs], [
            ('precondition-1', 'write', 'a'), ('precondition-2', 'write', 'a'),
            ('precondition-3', 'write', 'b'), ('precondition-4', 'write', 'b'),
            ('precondition-5', 'randwrite', 'a'),
            ('precondition-6', 'randwrite', 'b')])
        self.assertEqual({job[3:] for job in jobs}, {(None, None)})
        self.assertIn('2 of 6: fill of a, time 2 of 2, in blocks of 128k: 0 % '
                      'of 1.05 MB', self.said)
        self.assertTrue(self.header['done'])
        self.assertEqual(self.write(make_plan('fill*2 random'), {'a': MIB}),
                         [])

    def test_what_is_done_is_not_done_again(self):
        made = make_plan('fill random')
        self.write(made, {'a': MIB, 'b': MIB}, fails=3)
        self.assertIn('precondition 3 of 4: random of a, in blocks of 4k: '
                      'fio: no; do', self.said)
        self.assertIsNone(self.header['done'])
        self.assertEqual(self.header['finished'], [
            {'step': 1, 'time': 1, 'drive': 'a', 'bytes': None},
            {'step': 1, 'time': 1, 'drive': 'b', 'bytes': None}])
        jobs = self.write(made, {'a': MIB, 'b': MIB})
        self.assertEqual([job[0] for job in jobs],
                         ['precondition-3', 'precondition-4'])
        self.assertTrue(self.header['done'])

    def test_pieces(self):
        made = make_plan('fill random', '[fio]\noffset = 1m\n')
        sizes = {'a': 11 * MIB}
        pieces = [(str(offset * MIB), str(size * MIB))
                  for offset, size in ((1, 4), (5, 4), (9, 2))]
        jobs = self.write(made, sizes, fails=3)
        self.assertEqual([job[3:] for job in jobs], pieces)
        self.assertEqual(self.header['finished'], [
            {'step': 1, 'time': 1, 'drive': 'a', 'bytes': 8 * MIB}])
        jobs = self.write(made, sizes)
        self.assertEqual([job[3:] for job in jobs], [pieces[2], ('1m', None)])
        self.assertIn('fill of a, in blocks of 128k: 80 % of 10.5 MB',
                      self.said)

    def test_no_pieces(self):
        """A size in percent, or one that is not known."""
        for size, more, given in (
                (11 * MIB, '[fio]\nsize = 50%\n', '50%'), (None, '', None)):
            with tempfile.TemporaryDirectory() as self.path:
                jobs = self.write(make_plan('fill', more), {'a': size})
                self.assertEqual([job[3:] for job in jobs], [(None, given)])

    def test_time_in_words(self):
        words = precondition.time_in_words
        made = make_plan('fill*2 random')
        self.assertEqual(words(make_plan('none'), ['a'], lambda _: 1), '')
        self.assertIn('writes 12.0 TB (3 h 20 min for a drive of 1 GB/s)',
                      words(made, ['a', 'b'], lambda _: 2 * 10 ** 12))
        self.assertIn('whose time depends on the drive',
                      words(made, ['a'], lambda _: None))
        self.assertIn('writes 3.15 MB', words(
            make_plan('fill*3', '[fio]\nsize = 1m\n'), ['a'], lambda _: None))


class Work(unittest.TestCase):
    def show(self, total, ticks, done=0):
        """ticks: (second, MB written); sizes are in MB, too; the lines."""
        lines = []
        with mock.patch.object(progress, 'note', lines.append), \
                mock.patch('time.monotonic', return_value=0) as clock:
            work = progress.Work('fill', total and total * 10 ** 6,
                                 done * 10 ** 6)
            for clock.return_value, written in ticks:
                work.tick(written and written * 10 ** 6)
        return lines

    def test_lines(self):
        self.assertEqual(self.show(1000, [(10, 100), (11, 110), (20, 200)]), [
            'fill: 0 % of 1.00 GB', 'fill: 10 %, 10.0 MB/s, 1 min 30 s left',
            'fill: 20 %, 10.0 MB/s, 1 min 20 s left'])

    def test_continued(self):
        self.assertEqual(self.show(1000, [(10, 50)], 500), [
            'fill: 50 % of 1.00 GB', 'fill: 55 %, 5.00 MB/s, 1 min 30 s left'])

    def test_unknown(self):
        self.assertEqual(self.show(None, [(10, 4)]),
                         ['fill', 'fill: 4.00 MB, 400 kB/s'])
        self.assertEqual(self.show(None, [(100, None)]),
                         ['fill', 'fill: 1 min 40 s so far'])
        self.assertEqual(self.show(1000, [(100, 0.9)]), [
            'fill: 0 % of 1.00 GB', 'fill: 1 min 40 s so far'])

    def test_processes_that_end_do_not_take_it_back(self):
        self.assertIn('40 %', self.show(1000, [(10, 400), (30, 0)])[-1])


if __name__ == '__main__':
    unittest.main()
