# SPDX-License-Identifier: GPL-2.0-only
"""What a run is made on: of a scripted machine, of this one, and in what two
of them differ.
"""

import copy
import gzip
import json
import os
import re
import unittest
from unittest import mock

import bench
import sample
from bench.measure import environment, hardware
from machine import NVME, PCI, Machine

CPU = '''processor\t: 0
model name\t: Some CPU @ 3 GHz
microcode\t: 0x1
processor\t: 1
model name\t: Some CPU @ 3 GHz'''


class Scripted(unittest.TestCase):
    def setUp(self):
        self.machine = Machine(self)
        self.file = self.machine.file

    def drive(self, name):
        return hardware.drive_facts(self.machine.root, name)

    def test_nvme(self):
        self.machine.nvme()
        found = self.drive('/dev/nvme0n1')
        queue = found.pop('queue')
        self.assertEqual(found, {
            'name': '/dev/nvme0n1', 'kind': 'nvme', 'block': 'nvme0n1',
            'disk': 'nvme0n1', 'model': 'Fast Drive', 'serial': 'S1',
            'firmware': 'F2', 'wwid': None, 'bytes': 1 << 20,
            'hardware_queues': 3, 'controllers': [{
                'name': 'nvme0', 'transport': 'pcie', 'state': 'live',
                'address': '0000:01:00.0', 'numa_node': 0,
                'iommu_group': '7', 'iommu': 'DMA-FQ',
                'current_link_speed': '16.0 GT/s PCIe',
                'current_link_width': '4',
                'max_link_speed': '32.0 GT/s PCIe', 'max_link_width': '4'}]})
        self.assertEqual(queue['scheduler'], 'none')
        self.assertEqual(queue['nr_requests'], '1023')
        self.assertIsNone(queue['wbt_lat_usec'])

    def test_partition(self):
        self.machine.nvme()
        self.machine.partition('nvme0n1p1', '259:1', NVME)
        found = self.drive('/dev/nvme0n1p1')
        self.assertEqual((found['block'], found['disk'], found['model']),
                         ('nvme0n1p1', 'nvme0n1', 'Fast Drive'))

    def test_multipath(self):
        self.machine.multipath()
        found = self.drive('/dev/nvme1n1')
        self.assertEqual((found['kind'], found['serial']),
                         ('nvme-multipath', 'S2'))
        self.assertEqual([each['address'] for each in found['controllers']],
                         ['0000:02:00.0', '0000:03:00.0'])

    def test_no_iommu_and_no_pci(self):
        self.machine.nvme()
        os.unlink(self.machine.root + PCI + '/iommu_group')
        self.assertEqual(self.drive('/dev/nvme0n1')['controllers'][0]
                         ['iommu'], 'none')
        self.machine.block('loop0', '7:0', '/sys/devices/virtual/block/loop0')
        found = self.drive('/dev/loop0')
        self.assertEqual((found['kind'], found['controllers'],
                          found['model']), ('block', [], None))

    def test_file(self):
        self.file('/proc/self/mounts', '/dev/a / ext4 rw 0 0\n'
                  '/dev/b /home xfs rw 0 0\n/dev/c /homestead btrfs rw 0 0')
        self.assertEqual(self.drive('/home/x'), {
            'name': '/home/x', 'kind': 'file', 'file_system': 'xfs',
            'on': '/dev/b'})
        self.assertEqual(self.drive('/homes')['file_system'], 'ext4')

    def test_kernel(self):
        self.machine.files('/proc/sys/kernel', osrelease='6.12', version='#1',
                           io_uring_disabled='0')
        self.file('/proc/cmdline', 'quiet iommu=pt')
        self.file('/sys/module/nvme/parameters/poll_queues', '4')
        self.file('/boot/config-6.12', 'CONFIG_IO_URING=y\nCONFIG_HZ=250\n'
                  '# CONFIG_KASAN is not set\nCONFIG_CC_VERSION_TEXT="gcc"')
        found = environment.kernel_facts(self.machine.root)
        self.assertEqual(found['command_line'], 'quiet iommu=pt')
        self.assertEqual(found['parameters']['nvme.poll_queues'], '4')
        self.assertEqual(found['sysctl']['kernel.io_uring_disabled'], '0')
        self.assertIsNone(found['sysctl']['vm.swappiness'])
        self.assertEqual(found['config_file'], '/boot/config-6.12')
        self.assertEqual([found['config'][name] for name in (
            'IO_URING', 'HZ', 'KASAN', 'CC_VERSION_TEXT')],
            ['y', '250', 'n', 'gcc'])

    def test_config(self):
        self.assertEqual(environment.kernel_config(self.machine.root),
                         (None, None))
        os.makedirs(self.machine.root + '/proc')
        with gzip.open(self.machine.root + '/proc/config.gz', 'wt') as f:
            f.write('CONFIG_PREEMPT=y\n')
        found, file = environment.kernel_config(self.machine.root)
        self.assertEqual((found['PREEMPT'], file), ('y', '/proc/config.gz'))
        with open(self.machine.root + '/proc/config.gz', 'r+b') as f:
            f.truncate(12)
        self.assertEqual(environment.kernel_config(self.machine.root),
                         (None, None))

    def test_cpu(self):
        top = '/sys/devices/system/cpu'
        self.file('/proc/cpuinfo', CPU)
        for n, governor in enumerate(('performance', 'performance')):
            self.file(f'{top}/cpu{n}/cpufreq/scaling_governor', governor)
        self.file(top + '/smt/control', 'on')
        found = hardware.cpu_facts(self.machine.root)
        self.assertEqual((found['model'], found['count'], found['governor'],
                          found['smt'], found['boost']),
                         ('Some CPU @ 3 GHz', 2, 'performance', 'on', None))
        self.file(f'{top}/cpu1/cpufreq/scaling_governor', 'powersave')
        self.assertEqual(hardware.cpu_facts(self.machine.root)['governor'],
                         'mixed')

    def test_memory_and_mitigations(self):
        self.file('/proc/meminfo', 'MemTotal:  2048 kB\nHugePages_Total:  3')
        self.file('/sys/kernel/mm/transparent_hugepage/enabled',
                  'always [madvise] never')
        self.assertEqual(hardware.memory_facts(self.machine.root), {
            'bytes': 2 << 20, 'huge_pages': 3, 'thp': 'madvise',
            'thp_defrag': None})
        self.file('/sys/devices/system/cpu/vulnerabilities/meltdown',
                  'Mitigation: PTI')
        self.assertEqual(hardware.mitigations(self.machine.root),
                         {'meltdown': 'Mitigation: PTI'})

    def test_nothing_there(self):
        kernel = environment.kernel_facts(self.machine.root)
        self.assertIsNone(kernel['release'])
        self.assertIsNone(hardware.cpu_facts(self.machine.root)['count'])
        self.assertEqual(hardware.mitigations(self.machine.root), {})


class Here(unittest.TestCase):
    def test_collect(self):
        fio = os.environ.get('FIO') or environment.shutil.which('fio')
        with mock.patch.object(environment, 'ask_check',
                               lambda *_: (None, 'left out')):
            found = environment.collect([__file__], fio, None, None)
        self.assertEqual(found['kernel']['release'], os.uname().release)
        self.assertEqual(found['fio']['version'][:4], 'fio-')
        self.assertEqual(len(found['fio']['sha256']), 64)
        self.assertIsNone(found['plugin'])
        self.assertIsNone(found['check'])
        self.assertEqual(found['check_missing'], 'left out')
        self.assertEqual(found['cpu']['count'], os.cpu_count())
        json.dumps(found)
        again = json.loads(json.dumps(found))
        self.assertEqual(environment.differences(found, again), ([], []))

    def test_version(self):
        with open(bench.SOURCE + '/configure.ac') as f:
            self.assertEqual(bench.VERSION, re.search(
                r'AC_INIT\(\[[\w-]+\], \[(.+?)\]', f.read())[1])


class Check(unittest.TestCase):
    def ask(self, status, out, err=''):
        done = mock.Mock(returncode=status, stdout=out, stderr=err)
        with mock.patch('shutil.which', lambda *_, **__: '/x/dmabuf-check'), \
                mock.patch('subprocess.run', return_value=done) as run:
            answer = environment.ask_check([__file__], '/x/fio', '/x/so')
        self.command = run.call_args[0][0]
        return answer

    def test_answers(self):
        self.assertEqual(self.ask(1, '{"verdict": "no"}'),
                         ({'verdict': 'no'}, None))
        self.assertEqual(self.command, [
            '/x/dmabuf-check', '--json', '--fio', '/x/fio', '--module',
            '/x/so'])
        self.assertEqual(self.ask(2, '', 'dmabuf-check: bad\nmore'),
                         (None, 'dmabuf-check: exit status 2: '
                          'dmabuf-check: bad'))
        self.assertEqual(self.ask(-9, '{"cut'),
                         (None, 'dmabuf-check: exit status -9: no JSON'))

    def test_not_there(self):
        with mock.patch('shutil.which', lambda *_, **__: None):
            self.assertEqual(environment.ask_check([], 'fio', None),
                             (None, 'dmabuf-check: not found'))


class Limits(unittest.TestCase):
    def test_hardware_has_none(self):
        self.assertEqual(environment.limits({
            'cpu': {'model': 'Xeon'}, 'drives': [{'model': 'P5800X'}, None],
            'kernel': {'release': '7.3.0'}}), [])
        self.assertEqual(environment.limits({}), [])

    def test_emulated(self):
        for found in {'cpu': {'model': 'QEMU TCG CPU version 2.5+'}}, \
                {'drives': [{'model': 'QEMU NVMe Ctrl'}]}:
            self.assertRegex(environment.limits(found)[0], 'emulated')

    def test_test_kernel(self):
        lines = environment.limits({'kernel': {
            'release': '6.12.117-fio-dmabuf-test'}})
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], 'path direct, and not its speed')


class Iommu(unittest.TestCase):
    def test_words(self):
        def drives(*modes):
            return {'drives': [{'controllers': [{'iommu': mode}]}
                               for mode in modes]}
        for found, words in ((drives('DMA'), 'IOMMU DMA'),
                             (drives('none'), 'no IOMMU'),
                             (drives('DMA', 'DMA'), 'IOMMU DMA'),
                             (drives('DMA', 'identity'),
                              'IOMMU DMA and IOMMU identity'),
                             (drives(None), None), ({'drives': [{}]}, None),
                             ({}, None)):
            with self.subTest(words=words):
                self.assertEqual(environment.iommu(found), words)


class Differences(unittest.TestCase):
    def setUp(self):
        self.a = {
            'created': 1, 'boot': 'x', 'kernel': {
                'release': '6.12', 'sysctl': {'vm.swappiness': '60'}},
            'drives': [{'name': '/dev/nvme0n1', 'model': 'm', 'serial': 's',
                        'queue': {'scheduler': 'none'}}],
            'fio': {'file': '/bin/fio', 'version': '3.33', 'sha256': '1'},
            'plugin': {'version': '0.1', 'sha256': '2'},
            'check': {'verdict': 'ok'}}
        self.b = copy.deepcopy(self.a)

    def test_volatile(self):
        self.b |= {'created': 2, 'boot': 'y', 'check': None}
        self.b['drives'][0]['name'] = '/dev/nvme1n1'
        self.b['fio']['file'] = '/usr/bin/fio'
        self.assertEqual(environment.differences(self.a, self.b), ([], []))

    def test_both_kinds(self):
        self.b['kernel'] = {'release': '7.0',
                            'sysctl': {'vm.swappiness': '10'}}
        self.b['drives'][0] |= {'serial': 't',
                                'queue': {'scheduler': 'kyber'}}
        self.b['fio']['version'] = '3.40'
        self.assertEqual(environment.differences(self.a, self.b), (
            [('fio version', '3.33', '3.40'), ('drive serial', 's', 't')],
            [('kernel release', '6.12', '7.0'),
             ('kernel sysctl vm.swappiness', '60', '10'),
             ('drives queue scheduler', 'none', 'kyber')]))

    def test_words_of_a_command_line(self):
        for one, two, words in (
                ('quiet root=/dev/vda iommu.strict=0', 'quiet iommu.strict=1 '
                 'root=/dev/vda', ('iommu.strict=0', 'iommu.strict=1')),
                ('quiet', 'quiet iommu=pt', ('nothing else', 'iommu=pt')),
                (None, 'quiet', ('nothing else', 'quiet')),
                ('a b', 'b a', ('a b', 'b a'))):
            self.a['kernel']['command_line'] = one
            self.b['kernel']['command_line'] = two
            self.assertEqual(environment.differences(self.a, self.b)[1],
                             [('kernel command_line', *words)])

    def test_missing(self):
        self.b['plugin'] = None
        self.b['drives'] = []
        self.assertEqual(environment.differences(self.a, self.b), ([
            ('plugin version', '0.1', None), ('number of drives', 1, 0)], []))


class Boots(unittest.TestCase):
    """What may differ between two boots of one system, and what may not."""

    def differing(self, **changes):
        """Of leaves of the sample, by their names and new values."""
        one, two = sample.environment(), sample.environment()
        for name, value in changes.items():
            keys = [int(key) if key.isdigit() else key
                    for key in name.split('__')]
            parent = two
            for key in keys[:-1]:
                parent = parent[key]
            parent[keys[-1]] = value
        return environment.boot_differences(one, two)

    def test_may_differ(self):
        self.assertEqual(self.differing(
            created=9, boot='b', load='7', host_name='x', memlock=1 << 16,
            check_missing=None, kernel__config_file='/boot/config',
            memory__bytes=(64 << 30) - (9 << 20), drives__0__name='/dev/x',
            drives__0__controllers__0__address='0000:02:00.0',
            drives__0__controllers__0__iommu_group='3'), [])

    def test_may_not(self):
        link = 'drives__0__controllers__0__'
        for name, value in (
                (link + 'iommu', 'identity'), (link + 'iommu', None),
                (link + 'current_link_speed', '8.0 GT/s PCIe'),
                ('kernel__release', '7'), ('kernel__version', '#2'),
                ('kernel__command_line', 'quiet iommu.strict=1'),
                ('kernel__sysctl__kernel.io_uring_disabled', '1'),
                ('kernel__parameters', {'nvme.poll_queues': '4'}),
                ('kernel__clock_source', 'hpet'), ('bench', '9'),
                ('cpu__governor', 'powersave'), ('cpu__count', 8),
                ('mitigations__meltdown', 'PTI'), ('memory__thp', 'never'),
                ('memory__bytes', 32 << 30), ('drives__0__serial', 'S2'),
                ('drives__0__queue__scheduler', 'kyber'),
                ('plugin__version', '2'), ('fio__version', 'fio-3.41')):
            self.assertEqual(len(self.differing(**{name: value})), 1, name)

    def test_the_mode_of_the_iommu_comes_first(self):
        found = self.differing(kernel__command_line='iommu=pt',
                               drives__0__controllers__0__iommu='identity')
        self.assertEqual([what for what, _, _ in found], [
            'drives controllers iommu', 'kernel command_line'])


if __name__ == '__main__':
    unittest.main()
