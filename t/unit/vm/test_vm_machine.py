# SPDX-License-Identifier: GPL-2.0-only
"""vm/machine.py: qemu's command line, and what the guest says on its ports."""

import argparse
import contextlib
import io
import tempfile
import unittest

from vm.machine import Machine
from vm.problem import Problem

LOST = b'[1.0] nvme nvme0: I/O tag 1 (0001) QID 1 timeout, aborting\r\n'


class Sample(unittest.TestCase):
    def machine(self, **changes):
        options = argparse.Namespace(
            program='qemu', cpus=1, memory=2 << 30, drives=(2, 64 << 20),
            null_drives=False, iommu='off', p2p=None, gpu=False, accel='tcg',
            append='', qemu=[], timeout=600, allow_kernel_warnings=False)
        vars(options).update(changes)
        image = tempfile.TemporaryFile()
        self.addCleanup(image.close)
        kernel = argparse.Namespace(image='/k/vmlinuz', label='Linux 9')
        return Machine(kernel, image, options)

    def words(self, **changes):
        """option -> its values, in their order"""
        command = self.machine(**changes).command([10, 11], [20, 21, 22, 23])
        values = {}
        for option, value in zip(command, command[1:]):
            if option.startswith('-'):
                values.setdefault(option, []).append(value)
        return values


class CommandLine(Sample):
    def test_drives(self):
        words = self.words()
        self.assertEqual(words['-device'],
                         ['nvme,drive=drive0,serial=fio-dmabuf-0',
                          'nvme,drive=drive1,serial=fio-dmabuf-1'])
        self.assertTrue(words['-drive'][1].endswith('file=/proc/self/fd/11'))
        words = self.words(null_drives=True)
        self.assertIn('file.driver=null-co', words['-drive'][0])
        self.assertIn(f'file.size={64 << 20}', words['-drive'][0])

    def test_processors(self):
        """One processor has room for another, or qemu 7.2 loses commands."""
        self.assertEqual(self.words()['-smp'], ['cpus=1,maxcpus=2'])
        self.assertEqual(self.words(cpus=4)['-smp'], ['cpus=4,maxcpus=4'])
        for accel in ('icount', 'kvm'):
            self.assertEqual(self.words(accel=accel)['-smp'],
                             ['cpus=1,maxcpus=1'])

    def test_iommu(self):
        self.assertNotIn('intel-iommu,intremap=on', self.words()['-device'])
        for mode, text in (('lazy', 'iommu.strict=0'), ('pt', 'iommu=pt'),
                           ('strict', 'iommu.strict=1')):
            words = self.words(iommu=mode)
            self.assertEqual(words['-device'][0], 'intel-iommu,intremap=on')
            self.assertIn(text, words['-append'][0].split())

    def test_kernel_command_line(self):
        """--append comes last, so that it can change what is there."""
        words = self.words(append='nvme_core.multipath=Y')['-append'][0]
        settings = [word for word in words.split() if 'multipath' in word]
        self.assertEqual(settings, ['nvme_core.multipath=N',
                                    'nvme_core.multipath=Y'])
        self.assertNotIn('lpj=', self.words(accel='kvm')['-append'][0])

    def test_p2p(self):
        words = self.words(p2p='host', iommu='pt')
        self.assertIn('ivshmem-plain,memdev=p2p-ram', words['-device'])
        self.assertEqual(words['-device'][-1],
                         'nvme,drive=drive1,serial=fio-dmabuf-p2p')
        self.assertTrue(words['-cpu'][0].endswith(
            ',vendor=AuthenticAMD,family=23'))
        self.assertNotIn('acs', words['-append'][0])

    def test_p2p_switch(self):
        words = self.words(p2p='switch', iommu='pt')
        self.assertIn('ivshmem-plain,memdev=p2p-ram,bus=p2p-memory',
                      words['-device'])
        self.assertEqual(
            words['-device'][-1],
            'nvme,drive=drive1,serial=fio-dmabuf-p2p,bus=p2p-drive')
        self.assertNotIn('vendor', words['-cpu'][0])
        self.assertIn('pci=disable_acs_redir=', words['-append'][0])

    def test_qemu_comes_last(self):
        command = self.machine(qemu=['-s', '-S']).command([], [])
        self.assertEqual(command[-2:], ['-s', '-S'])


class Ports(Sample):
    def test_a_lost_command_ends_the_run(self):
        machine = self.machine()
        machine.hear(b'[0.1] fine\r\n' + LOST[:20])
        with self.assertRaisesRegex(
                Problem, 'Linux 9: an emulated drive does not answer '
                r'\(\[1.0\] nvme nvme0: .*, aborting\); run it again'):
            machine.hear(LOST[20:])
        self.assertEqual(machine.lines()[0], '[0.1] fine')

    def test_unless_warnings_are_allowed(self):
        machine = self.machine(allow_kernel_warnings=True)
        machine.hear(LOST)
        self.assertEqual(len(machine.lines()), 1)

    def test_control(self):
        machine = self.machine(iommu='strict')
        machine.listen(b'iommu DMA\nrea')
        self.assertFalse(machine.ready)
        machine.listen(b'dy\nexit 7\n')
        self.assertEqual((machine.ready, machine.status), (True, 7))

    def test_failures(self):
        with self.assertRaisesRegex(Problem, 'type none instead of DMA-FQ'):
            self.machine(iommu='lazy').listen(b'iommu none\n')
        with self.assertRaisesRegex(Problem, '^no module x$'):
            self.machine().listen(b'fail no module x\n')

    def test_death(self):
        """qemu's own words if it never started, and the guest's else."""
        process = argparse.Namespace(returncode=1)
        machine = self.machine()
        machine.said.extend(b'warning\nqemu: no such device\n')
        with self.assertRaisesRegex(Problem, '^qemu: no such device$'):
            machine.verdict(process)
        machine.hear(b'[0.1] hello\n')
        with contextlib.redirect_stderr(io.StringIO()) as err, \
                self.assertRaisesRegex(Problem, 'Linux 9: did not boot; '):
            machine.verdict(process)
        self.assertIn('[0.1] hello', err.getvalue())


if __name__ == '__main__':
    unittest.main()
