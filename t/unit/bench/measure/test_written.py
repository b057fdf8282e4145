# SPDX-License-Identifier: GPL-2.0-only
"""How much of a drive was ever written: files with holes, and scripted drives
with a scripted nvme-cli.
"""

import json
import os
import tempfile
import unittest
from unittest import mock

from bench.measure import environment, session, written
from bench.results import directory
from machine import NVME, Machine

MIB = 1 << 20
BLOCKS = 2048   # of 512 bytes, the size of the scripted drive


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.name = folder.name + '/f'

    def facts(self, size, data=()):
        """data: (first byte, bytes) of random data."""
        with open(self.name, 'wb') as f:
            f.truncate(size)
            for at, length in data:
                f.seek(at)
                f.write(os.urandom(length))
        return written.facts('/', self.name)

    def test_holes(self):
        for data, percent in (((), 0), ([(0, MIB)], 12.5),
                              ([(MIB, MIB), (4 * MIB, 2 * MIB)], 37.5),
                              ([(0, 8 * MIB - 4096)], 99.9),
                              ([(0, 8 * MIB)], 100)):
            self.assertEqual(self.facts(8 * MIB, data), {
                'percent': percent, 'source': 'the holes of the file',
                'zeros': None})

    def test_space_that_is_only_reserved(self):
        self.facts(0)
        with open(self.name, 'r+b') as f:
            os.posix_fallocate(f.fileno(), 0, 4 * MIB)
        self.assertEqual(written.facts('/', self.name)['percent'], 0)

    def test_nothing_there(self):
        self.assertIsNone(self.facts(0))
        self.assertIsNone(written.facts('/', self.name + '-new'))

    def test_unknown(self):
        with mock.patch.object(written, 'EXTENTS', 1):
            found = self.facts(MIB, [(0, 4096), (65536, 4096)])
        self.assertEqual((found['percent'], found['source']),
                         (None, 'too many extents'))
        # a file system without holes, or with compression
        self.facts(MIB)
        with mock.patch.object(written, 'count_data',
                               lambda _, size: size):
            found = written.facts('/', self.name)
        self.assertEqual(found, {
            'percent': None, 'zeros': 100,
            'source': 'fewer blocks than bytes, but no holes'})


class Drives(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(self)
        self.machine.nvme()
        self.nvme = None
        for target, value in (
                ('subprocess.run', self.run_nvme),
                ('shutil.which', lambda *_, **__:
                 '/sbin/nvme' if self.nvme else None),
                ('bench.measure.written.zero_blocks', lambda *_: 3)):
            patch = mock.patch(target, value)
            patch.start()
            self.addCleanup(patch.stop)

    def run_nvme(self, command, **_):
        self.asked = command[-1]
        return mock.Mock(stdout=self.nvme if isinstance(self.nvme, str) else
                         json.dumps(self.nvme), stderr='no permission\n')

    def facts(self, used=None, nvme=None, name='/dev/nvme0n1'):
        if used is not None:
            self.machine.file(NVME + '/nuse', str(used))
        self.nvme = nvme
        found = written.facts(self.machine.root, name)
        return found['percent'], found['source'], found['zeros']

    def test_what_the_kernel_says(self):
        self.assertEqual(self.facts(0)[0], 0)
        self.assertEqual(self.facts(BLOCKS // 4),
                         (25, 'utilization (nuse in sysfs)', None))

    def test_all_used_proves_nothing(self):
        self.assertEqual(self.facts(BLOCKS), (
            None, 'utilization (nuse in sysfs); nvme: not found; install '
            'nvme-cli', 3))
        told = {'nsze': BLOCKS, 'nuse': BLOCKS, 'nsfeat': 0}
        self.assertEqual(self.facts(BLOCKS, told), (
            None, 'utilization (nvme id-ns), but it may count blocks never '
            'written', 3))
        self.assertEqual(self.facts(BLOCKS, told | {'nsfeat': 1}),
                         (100, 'utilization (nvme id-ns)', None))

    def test_what_nvme_says(self):
        self.assertEqual(self.facts(None, {
            'nsze': BLOCKS, 'nuse': 512, 'nsfeat': 0}),
            (25, 'utilization (nvme id-ns)', None))
        self.assertEqual(self.asked, '/dev/nvme0n1')
        for answer in '', '[]', '{}', '{"nsze": 1}':
            self.assertEqual(self.facts(None, answer or ' '),
                             (None, 'nvme id-ns: no permission', 3))

    def test_a_partition(self):
        self.machine.partition('nvme0n1p1', '259:1', NVME)
        one = '/dev/nvme0n1p1'
        self.assertEqual(self.facts(0, name=one)[0], 0)
        self.assertEqual(self.facts(BLOCKS // 2, name=one), (
            None, 'utilization (nuse in sysfs) is 50.0 %, of all partitions',
            3))

    def test_other_drives(self):
        self.machine.block('sda', '8:0', '/sys/devices/x/block/sda')
        self.assertEqual(self.facts(name='/dev/sda'),
                         (None, 'not an NVMe drive', 3))


class Zeros(unittest.TestCase):
    def test_samples(self):
        with tempfile.NamedTemporaryFile() as f:
            f.write(bytes(4 * MIB) + b'x' * 4 * MIB)
            f.flush()
            self.assertEqual(written.zero_blocks(f.name, 8 * MIB), 50)
            self.assertEqual(written.zero_blocks(f.name, 2 * 4096), 100)
            self.assertIsNone(written.zero_blocks(f.name, 512))
        self.assertIsNone(written.zero_blocks(f.name, 8 * MIB))


class Words(unittest.TestCase):
    def lines(self, kind='nvme', model='Fast', **fact):
        drive = {'name': '/dev/x', 'kind': kind, 'model': model, 'written': {
            'percent': None, 'source': 'why', 'zeros': None} | fact}
        return environment.limits({'drives': [drive]}), \
            written.unknown([drive])

    def test_lines(self):
        self.assertEqual(self.lines(percent=99), ([], []))
        self.assertEqual(self.lines(percent=98.9)[0], [
            '/dev/x, of which 1.1 % had never been written, or was '
            'deallocated, when the measurement began: such blocks are read '
            'without the flash'])
        self.assertIn('holes are read without the drive',
                      self.lines('file', percent=0)[0][0])
        self.assertIn('where 50 % of sampled blocks were zeros',
                      self.lines(zeros=50)[0][0])
        self.assertEqual(self.lines(zeros=49), ([], []))
        self.assertEqual(self.lines(), ([], [
            '/dev/x: how much of it was ever written is unknown (why)']))

    def test_emulated_drives_and_old_directories(self):
        self.assertEqual(len(self.lines(model='QEMU NVMe', percent=0)[0]), 1)
        self.assertEqual(written.lines([{'name': 'x'}, None]), [])
        self.assertEqual(written.unknown([{'name': 'x'}]), [])

    def test_compared(self):
        a, b = ({'drives': [{'name': 'x', 'written': {'percent': percent}}]}
                for percent in (0, 100))
        self.assertEqual(environment.differences(a, b), (
            [], [('drives written percent', 0, 100)]))


class Said(unittest.TestCase):
    def said(self, rw, filled, is_here=True):
        """The lines of a run on a file of holes; its environment knows nothing
        of them at first.
        """
        with tempfile.TemporaryDirectory() as folder:
            file = folder + '/f'
            with open(file, 'wb') as f:
                f.truncate(MIB)
            unknown = {'percent': None, 'source': 'why', 'zeros': None}
            directory.write_json(folder, directory.ENVIRONMENT, {'drives': [
                {'name': file, 'kind': 'file', 'written': unknown}]})
            record = mock.Mock(path=folder)
            lines = []
            with mock.patch.object(session, 'note', lines.append):
                session.note_unwritten(
                    mock.Mock(records=[record] * 2, is_here=is_here),
                    [{'axes': {'rw': rw}}], filled)
            self.fact = directory.read_json(
                folder, directory.ENVIRONMENT)['drives'][0]['written']
            return lines

    def test_before_the_rounds(self):
        lines = self.said('randread', True)
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], 'of which 100 % had never .*; write all of')
        self.assertEqual(self.fact['percent'], 0)

    def test_looked_up_again_only_if_something_was_written(self):
        for filled, is_here in (False, True), (True, False):
            lines = self.said('randrw', filled, is_here)
            self.assertEqual(len(lines), 1)
            self.assertIn('ever written is unknown (why)', lines[0])

    def test_a_plan_that_only_writes(self):
        self.assertEqual(self.said('randwrite', True), [])
        self.assertEqual(self.fact['percent'], 0)


if __name__ == '__main__':
    unittest.main()
