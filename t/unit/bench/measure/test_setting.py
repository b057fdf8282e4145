# SPDX-License-Identifier: GPL-2.0-only
"""The settings of --ab: what is taken and refused, and values of a scripted
machine that are set, checked and restored.
"""

import os
import select
import subprocess
import unittest
from unittest import mock

from bench.measure import setting
from vm.problem import Interrupted, Problem

from machine import NVME, Machine

QUEUE = NVME + '/queue'


def sides(*pairs):
    return setting.parse_sides(pairs)


class Parsed(unittest.TestCase):
    def test_kinds(self):
        (one, two), others = sides(
            ('sysctl:vm.swappiness=1', 'sysctl:vm.swappiness=a=b c'),
            ('fio:nice=1', 'none'))
        self.assertEqual(one, ('sysctl:vm.swappiness=1', 'sysctl:',
                               'vm.swappiness', '1'))
        self.assertEqual(two[1:], ('fio:', 'nice', '1'))
        self.assertEqual([each.value for each in others], ['a=b c'])
        (run,), _ = sides(('run=echo a:b=c', 'run=true'))
        self.assertEqual(run[1:], ('run', None, 'echo a:b=c'))
        self.assertEqual(sides(('none', 'none')), [[], []])
        self.assertEqual(len(sides(('scheduler=a', 'queue:x=1'),
                                   ('queue:x=2', 'scheduler=b'))[0]), 2)

    def test_each_refused_in_one_line(self):
        for pairs, why in (
                ([('no', 'none')], '--ab no: not a setting; give none or one'
                 ' of plugin=FILE'),
                ([('scheduler=', 'none')], 'not a setting'),
                ([('scheduler:x=1', 'none')], 'not a setting'),
                ([('sysctl:vm=1', 'none')], 'not a setting'),
                ([('sysctl:../x.y=1', 'none')], 'not a setting'),
                ([('queue:../x=1', 'none')], 'not a setting'),
                ([('param:nvme=1', 'none')], 'not a setting'),
                ([('scheduler=none', 'none')], 'the other side has no '
                 'scheduler, .* give both sides one'),
                ([('none', 'sysctl:vm.a=1')], 'no sysctl:vm.a'),
                ([('sysctl:vm.b=1', 'sysctl:vm.a=1')], 'no sysctl:vm.b'),
                ([('none', 'run=x')], r'run=true does nothing'),
                ([('path=host', 'none')], 'no path'),
                ([('path=hsot', 'path=host')], 'no such path; give one of'),
                ([('plugin=/nowhere.so', 'none')], 'no such file'),
                ([('fio:iodepth=4', 'none')], 'the plan set iodepth'),
                ([('fio:nice=4', 'none'), ('fio:nice=5', 'none')],
                 'fio:nice is given twice for one side')):
            with self.subTest(pairs), self.assertRaisesRegex(Problem, why) \
                    as caught:
                sides(*pairs)
            self.assertNotIn('\n', str(caught.exception))

    def test_options_of_a_job(self):
        given, _ = sides(('fio:direct=0', 'none'), ('fio:nice=3', 'none'))
        self.assertEqual(setting.fio_options(
            given, ['direct=1', 'rw=read', 'nice']),
            ['rw=read', 'direct=0', 'nice=3'])


class OnMachine(unittest.TestCase):
    """A file of the scripted machine keeps what is written to it, unless a
    test says what it reads instead.
    """

    def setUp(self):
        self.machine = Machine(self)
        self.machine.nvme()
        self.machine.partition('nvme0n1p1', '259:1', NVME)
        self.drives = ['/dev/nvme0n1p1', '/dev/nvme0n1']
        self.root, self.written, self.reads = self.machine.root, [], {}
        real = setting.write

        def write(file, value, root):
            self.written.append((os.path.basename(file), value))
            real(file, value, root)
            for reset, text in self.reads.get((file, value), {}).items():
                self.machine.file(reset, text)
        patch = mock.patch.object(setting, 'write', write)
        patch.start()
        self.addCleanup(patch.stop)

    def apply(self, *texts):
        setting.apply([setting.parse(text) for text in texts], self.drives,
                      self.root)

    def old(self, *texts):
        return setting.old_values([[setting.parse(text) for text in texts]],
                                  self.drives, self.root)

    def refused(self, why, *texts):
        with self.assertRaisesRegex(Problem, why) as caught:
            self.apply(*texts)
        self.assertNotIn('\n', str(caught.exception))

    def test_applied_and_restored(self):
        self.machine.file('/proc/sys/vm/swappiness', '60')
        self.machine.file('/sys/module/nvme_core/parameters/fast', 'N')
        self.machine.file(QUEUE + '/wbt_lat_usec', '2000')
        texts = ['queue:nr_requests=64', 'sysctl:vm.swappiness=0x10',
                 'scheduler=mq-deadline', 'param:nvme-core.fast=1']
        self.reads = {
            (QUEUE + '/scheduler', 'mq-deadline'): {
                QUEUE + '/scheduler': 'none [mq-deadline]',
                QUEUE + '/nr_requests': '256', QUEUE + '/wbt_lat_usec': '0'},
            (QUEUE + '/scheduler', 'none'): {
                QUEUE + '/scheduler': '[none] mq-deadline',
                QUEUE + '/nr_requests': '127'},
            ('/sys/module/nvme_core/parameters/fast', '1'): {
                '/sys/module/nvme_core/parameters/fast': 'Y'},
            ('/proc/sys/vm/swappiness', '0x10'): {
                '/proc/sys/vm/swappiness': '16'}}
        old = self.old(*texts)
        self.assertEqual(old, {
            QUEUE + '/scheduler': 'none', QUEUE + '/nr_requests': '1023',
            QUEUE + '/wbt_lat_usec': '2000',
            '/sys/module/nvme_core/parameters/fast': 'N',
            '/proc/sys/vm/swappiness': '60'})
        self.apply(*texts)
        self.assertEqual(self.written[0], ('scheduler', 'mq-deadline'))
        self.assertEqual(len(self.written), 4)  # one disk, two names of it
        self.assertEqual(setting.restore(old, self.root), [])
        self.assertEqual(self.old(*texts), old)
        del self.written[:]
        setting.restore(old, self.root)
        self.assertEqual(self.written, [])

    def test_what_does_not_take(self):
        self.reads[QUEUE + '/nr_requests', '5000'] = {
            QUEUE + '/nr_requests': '1023'}
        self.refused('--ab queue:nr_requests=5000: .*/queue/nr_requests reads '
                     '1023; give a value', 'queue:nr_requests=5000')
        with mock.patch.object(setting, 'write',
                               side_effect=OSError(22, 'x')):
            self.refused('scheduler: Invalid argument; give one of none '
                         'mq-deadline$', 'scheduler=fast')
        with mock.patch.object(setting, 'write',
                               side_effect=PermissionError(13, 'x')), \
                mock.patch.object(os, 'geteuid', lambda: 1000):
            self.refused('Permission denied; run as root', 'scheduler=none')

    def test_what_is_not_there(self):
        for text, why in (
                ('sysctl:vm.none=1', '/proc/sys/vm/none: No such file or '
                 'directory; check the name'),
                ('param:nvme.x=1', 'parameters/x: No such file'),
                ('queue:x=1', 'queue/x: No such file')):
            with self.assertRaisesRegex(Problem, why):
                self.old(text)
        self.drives = ['/a/file']
        with self.assertRaisesRegex(Problem, '/a/file is not a drive; give a '
                                    'drive with --drive'):
            self.old('scheduler=none')

    def test_an_empty_value(self):
        self.machine.file('/sys/module/x/parameters/y', '')
        old = self.old('param:x.y=1')
        self.apply('param:x.y=1')
        self.assertEqual(setting.restore(old, self.root), [])
        self.assertEqual(self.old('param:x.y=1'), old)

    def test_one_that_cannot_be_restored(self):
        """The others are."""
        self.machine.file('/proc/sys/vm/a', '1')
        old = {'/proc/sys/vm/gone': '3', '/proc/sys/vm/a': '2',
               '/proc/sys/vm/b': '2'}
        self.machine.file('/proc/sys/vm/b', '1')
        self.reads['/proc/sys/vm/b', '2'] = {'/proc/sys/vm/b': '1'}
        self.assertEqual(setting.restore(old, self.root), [
            '/proc/sys/vm/gone: not restored to 3: No such file or directory;'
            ' write it yourself',
            '/proc/sys/vm/b: not restored to 2: it reads 1; write it '
            'yourself'])
        self.assertEqual(setting.read('/proc/sys/vm/a', self.root), '2')

    def test_same(self):
        for asked, now, is_same in (
                ('none', 'none', True), ('1', 'Y', True), ('off', 'N', True),
                ('1', 'N', False), ('4 5', '4\t5', True), ('010', '10', False),
                ('0x10', '16', True), ('1', '2', False), ('a', 'b', False)):
            self.assertEqual(setting.same(asked, now), is_same, (asked, now))


class Commands(unittest.TestCase):
    def run_command(self, command):
        setting.apply([setting.parse('run=' + command)], [])

    def test_runs(self):
        machine = Machine(self)
        self.run_command(f'echo so >{machine.root}/said')
        with open(machine.root + '/said') as f:
            self.assertEqual(f.read(), 'so\n')

    def test_fails(self):
        for command, why in (
                ('echo a; echo b >&2; exit 3', r'exit status 3 \(b\); fix'),
                ('kill -9 $$', 'killed by signal 9; fix the command')):
            with self.assertRaisesRegex(Problem, why):
                self.run_command(command)

    def test_interrupted(self):
        """What the command started ends, too: nobody holds the pipe open."""
        machine = Machine(self)
        pipe = machine.root + '/pipe'
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)

        def wait(process):
            """Waits until the command has started all."""
            if not seen:
                select.select([reader], [], [], 20)
                seen.append(os.read(reader, 1))
                raise Interrupted(2)
            return real(process)
        seen, real = [], subprocess.Popen.wait
        with mock.patch('subprocess.Popen.wait', wait), \
                self.assertRaises(Interrupted):
            self.run_command(f'exec 3>{pipe}; sleep 60 & echo >&3; sleep 60')
        self.assertEqual(seen, [b'\n'])
        self.assertTrue(select.select([reader], [], [], 20)[0])
        self.assertEqual(os.read(reader, 1), b'')


if __name__ == '__main__':
    unittest.main()
