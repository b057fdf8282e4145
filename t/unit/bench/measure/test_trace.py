# SPDX-License-Identifier: GPL-2.0-only
"""bench/measure/trace.py on a scripted tracefs and perf_event_open()."""

import argparse
import errno
import os
import struct
import tempfile
import unittest
from unittest import mock

from bench.measure import command as run, fio_json, options as settings, \
    trace
from bench.plan import plan
from vm.problem import Problem

IDS = {'iommu/map': 11, 'iommu/unmap': 12, 'raw_syscalls/sys_enter': 13}


class Scripted(unittest.TestCase):
    """A tracefs with IDS, two processors, and counters that are pipes."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = directory.name
        for event, number in IDS.items():
            self.write(f'tracing/events/{event}/id', f'{number}\n')
        self.write('online', '0,2-3\n')
        self.opened = []
        self.counts = {11: 100, 12: 90, 13: 70}
        self.patch('TRACEFS', (self.top + '/tracing', self.top + '/none'))
        self.patch('LOCKDOWN', self.top + '/lockdown')
        self.patch('ONLINE', self.top + '/online')
        self.patch('open_event', self.open_event)

    def patch(self, name, value):
        patched = mock.patch.object(trace, name, value)
        patched.start()
        self.addCleanup(patched.stop)

    def write(self, name, text):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write(text)

    def open_event(self, number, flags, pid, cpu):
        self.opened.append((number, flags, pid, cpu))
        read, write = os.pipe()
        os.write(write, struct.pack('=Q', self.counts[number]))
        os.close(write)
        return read

    def problem(self, text, kinds=('iommu',)):
        before = len(os.listdir('/proc/self/fd'))
        with self.assertRaisesRegex(Problem, text) as caught:
            with trace.Counter(kinds):
                pass
        self.assertNotIn('\n', str(caught.exception))
        self.assertEqual(len(os.listdir('/proc/self/fd')), before)


class Count(Scripted):
    def test_every_processor_is_counted(self):
        counter = trace.Counter(['iommu'])
        self.opened.clear()
        with counter:
            pass
        self.assertEqual(self.opened,
                         [(number, 0, -1, cpu) for number in (11, 12)
                          for cpu in (0, 2, 3)])
        self.assertEqual(counter.counts, {'maps': 300, 'unmaps': 270})
        self.assertEqual(counter.result(100), {'maps': 3.0, 'unmaps': 2.7})

    def test_system_calls_of_what_is_started(self):
        with trace.Counter(['syscalls']) as counter:
            pass
        flags = trace.DISABLED | trace.INHERIT | trace.ENABLE_ON_EXEC
        self.assertEqual(set(self.opened), {(13, flags, 0, -1)})
        self.assertEqual(counter.result(70), {'syscalls': 1.0})

    def test_no_event_is_a_figure(self):
        self.counts = dict.fromkeys(self.counts, 0)
        with trace.Counter(['iommu']) as counter:
            pass
        self.assertEqual(counter.result(5), {'maps': 0.0, 'unmaps': 0.0})

    def test_no_io_is_none(self):
        with trace.Counter(['iommu', 'syscalls']) as counter:
            pass
        self.assertEqual(counter.result(0), {})

    def test_used_again(self):
        counter = trace.Counter(['iommu'])
        for _ in range(2):
            with counter:
                pass
            self.assertEqual(counter.counts['maps'], 300)

    def test_nothing_asked_for(self):
        self.patch('TRACEFS', ())
        with trace.Counter([]) as counter:
            pass
        self.assertEqual(counter.result(5), {})

    def test_closed_after_an_error(self):
        before = len(os.listdir('/proc/self/fd'))
        with self.assertRaises(KeyboardInterrupt):
            with trace.Counter(['iommu']):
                raise KeyboardInterrupt
        self.assertEqual(len(os.listdir('/proc/self/fd')), before)

    def test_second_mount(self):
        self.patch('TRACEFS', (self.top + '/none', self.top + '/tracing'))
        trace.Counter(['iommu'])


class Refused(Scripted):
    def test_kinds(self):
        self.assertEqual(trace.kinds_of('syscalls,iommu,iommu'),
                         ['syscalls', 'iommu'])
        for text in ('', 'block', 'iommu,', 'iommu syscalls'):
            with self.assertRaisesRegex(Problem, 'iommu and syscalls'):
                trace.kinds_of(text)

    def test_not_mounted(self):
        empty = self.top + '/empty'
        os.mkdir(empty)
        self.patch('TRACEFS', (empty, self.top + '/none'))
        self.problem('mount -t tracefs')

    def test_no_tracefs(self):
        self.patch('TRACEFS', (self.top + '/none',))
        self.problem('CONFIG_FTRACE')

    def test_not_root(self):
        with mock.patch('os.listdir', side_effect=PermissionError):
            with self.assertRaisesRegex(Problem, 'run as root'):
                trace.Counter(['iommu'])

    def test_no_such_event(self):
        os.unlink(self.top + '/tracing/events/iommu/unmap/id')
        self.problem('no event iommu:unmap; it needs CONFIG_IOMMU_API')

    def test_spoilt_number(self):
        self.write('tracing/events/iommu/map/id', 'x\n')
        self.problem('iommu/map/id')

    def fails(self, number, after=0):
        def open_event(*arguments):
            if len(self.opened) >= after:
                raise OSError(number, 'perf_event_open')
            return self.open_event(*arguments)
        self.patch('open_event', open_event)

    def test_not_allowed(self):
        self.fails(errno.EACCES, 4)
        self.problem('Permission denied; run as root')

    def test_no_perf(self):
        self.fails(errno.ENOSYS)
        self.problem('needs CONFIG_PERF_EVENTS', ['syscalls'])

    def test_locked_down(self):
        self.write('lockdown', 'none integrity [confidentiality]\n')
        self.fails(errno.EPERM)
        self.problem('locked down; boot with lockdown=integrity')

    def test_processors_change(self):
        with self.assertRaisesRegex(Problem, 'online or offline'):
            with trace.Counter(['iommu']):
                self.write('online', '0,2\n')


class Real(unittest.TestCase):
    """The system call itself takes what is handed to it."""

    def test_known_processor(self):
        with mock.patch('platform.machine', return_value='vax'):
            with self.assertRaisesRegex(Problem, 'vax'):
                trace.open_event(1, 0, 0, -1)

    def test_no_such_tracepoint(self):
        with self.assertRaises(OSError) as caught:
            trace.open_event((1 << 32) - 1, 0, 0, -1)
        self.assertIn(caught.exception.errno,
                      (errno.EINVAL, errno.EACCES, errno.EPERM,
                       errno.ENOENT, errno.ENOSYS))


class InRun(unittest.TestCase):
    def test_all_that_fio_did(self):
        jobs = [{'read': {'total_ios': 5}, 'write': {'total_ios': 3},
                 'trim': {'total_ios': 2}}, {'read': {'total_ios': 1}}]
        self.assertEqual(fio_json.total_ios({'jobs': jobs}), 11)
        self.assertEqual(fio_json.total_ios({}), 0)

    def test_without_ramp(self):
        """fio's counts leave the I/Os of a ramp out, the kernel does not."""
        parser = argparse.ArgumentParser()
        run.add(parser)
        wanted = plan.load_plan('iommu', {'DRIVE': '/dev/x'})
        self.assertGreater(wanted.ramp, 0)
        for words, ramp in (([], wanted.ramp), (['--trace', 'iommu'], 0)):
            options = parser.parse_args(words)
            self.assertEqual(settings.override_plan(options, wanted).ramp,
                             ramp)
