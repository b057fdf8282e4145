# SPDX-License-Identifier: GPL-2.0-only
"""bench/kernels/command.py and boots.py with a scripted machine."""

import argparse
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

from bench.kernels import command as kernels, guest
from bench.measure.rounds import round_order
from bench.results import directory
from vm.problem import Problem

MACHINE = guest.SOURCE + '/t/unit/bench/kernels/scripted_vm.py'
PLAN = '''[plan]
rounds = 1
runtime = 2
[points]
path = host
rw = randread
bs = 4k
iodepth = 1
numjobs = 1
drives = ${DRIVE}
'''


class Scripted(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = directory.name
        self.out = os.path.join(self.top, 'out')
        self.plan = self.write('small.ini', PLAN)
        self.compared = mock.Mock(return_value=0)
        for patched in (
                mock.patch.object(guest, 'machine_program',
                                  lambda: MACHINE),
                mock.patch.object(guest, 'fill_tree', mock.Mock()),
                mock.patch.object(kernels.compare, 'main', self.compared),
                mock.patch.object(kernels, 'check_machine', mock.Mock()),
                mock.patch.dict(os.environ, MACHINE_LOG=self.log())):
            patched.start()
            self.addCleanup(patched.stop)

    def write(self, name, text):
        path = os.path.join(self.top, name)
        with open(path, 'w') as file:
            file.write(text)
        return path

    def log(self):
        return os.path.join(self.top, 'log')

    def run_kernels(self, *words, plan=None):
        """Exit status, stdout and stderr's lines."""
        parser = argparse.ArgumentParser()
        kernels.add(parser)
        options = parser.parse_args([plan or self.plan, '-o', self.out,
                                     *words])
        out, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), \
                contextlib.redirect_stderr(said):
            status = kernels.main(options)
        return status, out.getvalue(), said.getvalue().splitlines()

    def boots_done(self):
        try:
            with open(self.log()) as file:
                lines = [json.loads(line) for line in file]
        except FileNotFoundError:
            return []
        return [line[line.index('--kernel') + 1] for line in lines]

    def problem(self, text, *words, plan=None):
        with self.assertRaisesRegex(Problem, text) as caught:
            self.run_kernels(*words, plan=plan)
        self.assertNotIn('\n', str(caught.exception))
        self.assertEqual(self.boots_done(), [])


BOTH = ('--kernel', 'a=good', '--kernel', 'b=fine')


class Order(Scripted):
    def test_rounds_are_interleaved(self):
        self.run_kernels(*BOTH, '--kernel', 'c=well', '--boots', '4',
                         '--seed', '1')
        done = self.boots_done()
        rounds = [done[at:at + 3] for at in range(0, 12, 3)]
        for each in rounds:
            self.assertEqual(sorted(each), ['fine', 'good', 'well'])
        self.assertGreater(len({tuple(each) for each in rounds}), 2)
        with open(self.out + '/boots.jsonl') as file:
            record = [json.loads(line) for line in file]
        self.assertEqual([line['round'] for line in record],
                         [number for number in range(1, 5)
                          for _ in range(3)])
        names = {'a': 'good', 'b': 'fine', 'c': 'well'}
        self.assertEqual([names[line['kernel']] for line in record], done)

    def test_seed(self):
        orders = [[round_order(seed, 'random', number, 'abc')
                   for number in range(9)] for seed in (1, 1, 2)]
        self.assertEqual(orders[0], orders[1])
        self.assertNotEqual(orders[0], orders[2])

    def test_compared_in_the_order_given(self):
        status, out, _ = self.run_kernels(*BOTH, '--boots', '1')
        self.assertEqual(status, 0)
        self.compared.assert_called_once()
        self.assertEqual(self.compared.call_args[0][0].sides,
                         [self.out + '/a', self.out + '/b'])
        self.assertIn('emulated machine (icount', out)
        self.assertIn('not hardware', out)

    def test_status_of_compare(self):
        self.compared.return_value = 1
        self.assertEqual(self.run_kernels(*BOTH, '--boots', '1')[0], 1)

    def test_arguments(self):
        self.run_kernels(*BOTH, '--boots', '1', '--iommu', 'pt', '--append',
                         'quiet', '--trace', 'iommu', '--drives', '2,64M',
                         '--runtime', '1', '--seed', '7')
        with open(self.log()) as file:
            words = json.loads(file.readline())
        text = ' '.join(words[:words.index('--')])
        for part in ('--iommu pt', '--append quiet', '--drives 2,64M',
                     '--accel icount', '--cpus 1', '--null-drives'):
            self.assertIn(part, text)
        inside = ' '.join(words[words.index('sh'):])
        for part in ('run small.ini -o results', '--seed 8', '--trace iommu',
                     '--runtime 1', '--drive /dev/nvme0n1 --destroy '
                     '/dev/nvme0n1 --drive /dev/nvme1n1'):
            self.assertIn(part, inside)


class Limit(Scripted):
    def limit(self, text, *words):
        plan = self.write('other.ini', PLAN + text)
        self.run_kernels(*BOTH, '--boots', '1', *words, plan=plan)
        with open(self.log()) as file:
            line = json.loads(file.readline())
        os.unlink(self.log())
        self.out += '-'
        return int(line[line.index('--timeout') + 1])

    def test_it_has_the_precondition(self):
        none = self.limit('')
        twice = '[precondition]\nsteps = fill*2\n'
        self.assertEqual(self.limit(twice) - none, int(
            2 * (1 << 30) / 100e6 * 20))
        self.assertEqual(self.limit(twice, '--drives', '1,2G') - none, int(
            4 * (1 << 30) / 100e6 * 20))
        self.assertEqual(self.limit(twice + '[fio]\nsize = 10m\n') - none, int(
            20 * (1 << 20) / 100e6 * 20))


class Continued(Scripted):
    def test_complete_boots_stay(self):
        self.run_kernels(*BOTH, '--boots', '2', '--seed', '3')
        before = self.boots_done()
        self.run_kernels(*BOTH, '--boots', '3')
        after = self.boots_done()[len(before):]
        names = {'a': 'good', 'b': 'fine'}
        self.assertEqual(after, [names[name] for name in
                                 round_order(3, 'random', 3, 'ab')])
        self.run_kernels(*BOTH, '--boots', '3')
        self.assertEqual(len(self.boots_done()), 6)
        self.assertEqual(self.compared.call_count, 3)

    def test_a_boot_interrupted(self):
        """By a signal: the machine ends as well; what was done stays."""
        script = (
            'import os, sys\n'
            f'sys.path[:0] = [{guest.SOURCE!r}]\n'
            'from bench.kernels import command as kernels, guest\n'
            'from bench.main import main\n'
            'from vm.problem import run_program\n'
            f'guest.machine_program = lambda: {MACHINE!r}\n'
            'guest.fill_tree = lambda *_: None\n'
            'kernels.check_machine = lambda *_: None\n'
            'run_program(main, "fio-dmabuf-bench", 2)\n')
        words = [sys.executable, '-c', script, 'kernels', self.plan, '-o',
                 self.out, '--kernel', 'a=good', '--kernel', 'b=hangs',
                 '--boots', '1', '--seed', '4']
        self.assertEqual(round_order(4, 'random', 1, 'ab'), ['a', 'b'])
        process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        limit = time.monotonic() + 20
        while len(self.boots_done()) < 2 and time.monotonic() < limit:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=20)[1]
        self.assertEqual(process.returncode, 143)
        self.assertNotIn('Traceback', said)
        self.assertTrue(os.path.isdir(self.out + '/a/boot-01'))
        self.assertFalse(os.path.exists(self.out + '/b/boot-01'))

    def test_two_at_once(self):
        """They would clear away each other's boots."""
        os.mkdir(self.out)
        self.run_kernels(*BOTH, '--boots', '1', '--seed', '1')
        with directory.locked(self.out), \
                self.assertRaisesRegex(Problem, 'another run, .* is using'):
            self.run_kernels(*BOTH, '--boots', '2')
        self.assertEqual(len(self.boots_done()), 2)

    def test_begun_otherwise(self):
        self.run_kernels(*BOTH, '--boots', '1')
        for words, text in (
                (BOTH + ('--iommu', 'off'), 'different iommu'),
                (('--kernel', 'a=good', '--kernel', 'c=fine'),
                 'different kernels'),
                (BOTH + ('--trace', 'syscalls'), 'different trace')):
            with self.assertRaisesRegex(Problem, text):
                self.run_kernels(*words, '--boots', '1')
        with open(self.plan, 'a') as file:
            file.write('# more\n')
        with self.assertRaisesRegex(Problem, 'different plan text'):
            self.run_kernels(*BOTH, '--boots', '1')

    def test_more_boots_after_a_result(self):
        book = os.path.join(self.out, 'kernels.json')
        for boots, extended in ((1, None), (2, [1]), (3, [1, 2])):
            self.run_kernels(*BOTH, '--boots', str(boots))
            with open(book) as file:
                settings = json.load(file)
            self.assertEqual((settings['boots'], settings.get('extended')),
                             (boots, extended))

    def test_another_release(self):
        self.run_kernels(*BOTH, '--boots', '1')
        with mock.patch.dict(os.environ, MACHINE_RELEASE='9'):
            status, _, said = self.run_kernels(*BOTH, '--boots', '2')
        self.assertEqual(status, 2)
        self.assertRegex('\n'.join(said), 'kernel release: 9 now but good '
                         'in boot-01; give the exact version')

    def test_a_directory_of_something_else(self):
        os.mkdir(self.out)
        self.write('out/file', '')
        self.problem('not empty', *BOTH)

    def test_a_spoilt_book(self):
        os.mkdir(self.out)
        self.write('out/kernels.json', '{')
        self.problem('kernels.json: empty, cut off', *BOTH)
        self.write('out/kernels.json', '{"format": 99}')
        self.problem('written by another version', *BOTH)


class Failing(Scripted):
    def fails(self, kernel, text):
        status, _, said = self.run_kernels(
            '--kernel', 'a=good', '--kernel', f'b={kernel}', '--boots', '3',
            '--seed', '1')
        self.assertEqual(status, 2)
        failures = [line for line in said if ' failed: ' in line]
        self.assertEqual(len(failures), 2, said)
        self.assertRegex(failures[0], text)
        self.assertEqual(self.boots_done().count('good'), 3)
        self.assertEqual(self.boots_done().count(kernel), 2)
        self.assertEqual(sorted(os.listdir(self.out + '/a')),
                         ['boot-01', 'boot-02', 'boot-03'])
        self.assertFalse(os.path.exists(self.out + '/b'))
        self.compared.assert_not_called()
        with open(self.out + '/boots.jsonl') as file:
            self.assertEqual(sum(json.loads(line)['failed'] is not None
                                 for line in file), 2)

    def test_does_not_boot(self):
        self.fails('unbootable', 'b: boot 1 failed: x: did not boot in 120 s')

    def test_complains(self):
        self.fails('warns', 'the kernel complained')
        self.assertTrue(os.path.exists(
            self.out + '/failed/b-01/index.jsonl'))

    def test_results_cut_off(self):
        self.fails('cut-off', 'results are cut off')

    def test_no_archive(self):
        self.fails('garbage', 'results are cut off')

    def test_run_cannot_go_on(self):
        self.fails('broken', '/dev/nvme0n1: gone')

    def test_results_elsewhere(self):
        self.fails('evil', 'results are cut off')
        self.assertFalse(os.path.exists(self.top + '/evil'))
        self.assertFalse(os.path.exists(self.out + '/evil'))

    def test_points_that_a_kernel_lacks(self):
        status, _, said = self.run_kernels(
            '--kernel', 'a=good', '--kernel', 'b=lacks', '--boots', '1')
        self.assertEqual(status, 0)
        self.assertRegex('\n'.join(said), 'b: boot 1: some points cannot be '
                         'measured: dmabuf: b: not here')
        self.assertTrue(os.path.isdir(self.out + '/b/boot-01'))


CHECK_MACHINE = kernels.check_machine


class NotThere(Scripted):
    """What no boot can do without, before anything is begun."""

    def setUp(self):
        super().setUp()
        self.lacks = []
        for patched in (
                mock.patch.object(kernels, 'check_machine', CHECK_MACHINE),
                mock.patch('shutil.which', lambda name: None if name in
                           self.lacks else '/bin/' + name)):
            patched.start()
            self.addCleanup(patched.stop)

    def test_programs(self):
        for name, text in (
                ('qemu-system-x86_64', 'package qemu-system-x86$'),
                ('busybox', 'package busybox-static$'),
                ('fio', 'fio: not found')):
            self.lacks = [name]
            with mock.patch.dict(os.environ, FIO=''):
                self.problem(text, '--kernel', 'debian', '--kernel',
                             'a=debian:6.12')
            self.assertFalse(os.path.exists(self.out))

    def test_kernel(self):
        good = self.write('bzImage', '')
        self.problem('--kernel nowhere: no such file', '--kernel', good,
                     '--kernel', 'nowhere')
        self.assertFalse(os.path.exists(self.out))

    def test_nothing_is_needed_to_compare_once_more(self):
        with mock.patch.object(kernels, 'check_machine', mock.Mock()):
            self.run_kernels(*BOTH, '--boots', '1')
        self.lacks = ['qemu-system-x86_64', 'busybox', 'fio']
        self.assertEqual(self.run_kernels(*BOTH, '--boots', '1')[0], 0)


class Refused(Scripted):
    def test_one_kernel(self):
        self.problem('nothing to compare', '--kernel', 'a=good')

    def test_names(self):
        self.assertEqual(
            list(kernels.name_kernels(['debian:6.12', 'debian:7.3/full',
                                       'x=test'])),
            ['debian-6.12', 'debian-7.3-full', 'x'])
        self.problem('NAME=KERNEL', '--kernel', 'good', '--kernel', 'good')
        self.problem('NAME=KERNEL', '--kernel', 'logs=good', '--kernel', 'b')

    def test_files_of_one_name(self):
        for name in ('x', 'y'):
            os.mkdir(os.path.join(self.top, name))
            self.write(name + '/bzImage', '')
        self.problem('NAME=KERNEL', '--kernel', self.top + '/x/bzImage',
                     '--kernel', self.top + '/y/bzImage')

    def test_modules(self):
        self.problem('write NAME=DIR', *BOTH, '--modules', 'c=/')
        self.problem('write NAME=DIR', *BOTH, '--modules', 'a=/nowhere')

    def test_numbers(self):
        self.problem('--boots 0', *BOTH, '--boots', '0')
        self.problem('--cpus 0', *BOTH, '--cpus', '0')
        self.problem('--drives x', *BOTH, '--drives', 'x')

    def test_trace(self):
        self.problem('iommu and syscalls', *BOTH, '--trace', 'x')

    def test_plan(self):
        self.problem('nowhere', *BOTH, plan='/nowhere.ini')
        self.problem('no section', *BOTH, plan=self.write('e.ini', '[plan]\n'))

    def test_output(self):
        self.write('out', '')
        self.problem('out: Not a directory; give another', *BOTH)
        os.unlink(self.out)
        with mock.patch('os.makedirs', side_effect=PermissionError(
                13, 'Permission denied', self.out)):
            self.problem('out: Permission denied; give another', *BOTH)

    def test_installed(self):
        with mock.patch.object(guest, 'SOURCE', self.top):
            self.problem('source tree', '--kernel', 'a=test', '--kernel', 'b')
