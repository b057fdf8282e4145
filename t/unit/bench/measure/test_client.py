# SPDX-License-Identifier: GPL-2.0-only
"""run --client without its servers: their names, what they say of themselves,
and what of fio's answer is whose.
"""

import os
import socket
import tempfile
import unittest
from unittest import mock

from bench.measure import client, fio, server
from bench.measure.runner import Failed
from vm.problem import Problem

LINE = ('dmabuf: p: path {path}{family}, source {source}, 1 buffer of 4 KiB '
        'in all{place}, 1 registration in 0.009 ms, 10 reads of 40 KiB, 0 '
        'writes of 0 bytes, no errors, nvme0n1 IOMMU domain DMA')


def line(path='host', source='memory', family='', place=''):
    return '<vm> ' + LINE.format(path=path, source=source, family=family,
                                 place=place)


def job(host, port=server.PORT, name='p', error=0):
    return {'jobname': name, 'hostname': host, 'port': port, 'error': error,
            'read': {'total_ios': 10}}


def answer(jobs, lines=(), status=0):
    return fio.Answer(status, 'text', {'fio version': 'fio-3.33',
                                       'client_stats': jobs,
                                       'disk_util': []}, list(lines))


class Names(unittest.TestCase):
    def test_parse(self):
        hosts = server.parse_hosts(
            'lab1,lab2:9000,[fe80::1],[::1]:9001,10.0.0.1')
        self.assertEqual([(each.host, each.port) for each in hosts],
                         [('lab1', 8765), ('lab2', 9000), ('fe80::1', 8765),
                          ('::1', 9001), ('10.0.0.1', 8765)])
        self.assertEqual([server.client_address(each) for each in hosts],
                         ['ip:lab1,8765', 'ip:lab2,9000', 'ip6:fe80::1,8765',
                          'ip6:::1,9001', 'ip:10.0.0.1,8765'])
        for each in hosts:
            self.assertRegex(each.folder, r'^[\w.+-]+$')

    def test_wrong(self):
        for text in ('', 'a,', ',a', 'a,,b', 'a b', 'a:', 'a:0', 'a:65536',
                     'a:b', '../a', '::1', 'a,a', 'a/b'):
            with self.assertRaises(Problem, msg=text) as caught:
                server.parse_hosts(text)
            self.assertIn('--client', str(caught.exception))


class Asked(unittest.TestCase):
    """The fio here is a script; the server is a socket that only listens."""

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.program = os.path.join(made.name, 'fio')
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.addCleanup(self.socket.close)
        self.port = self.socket.getsockname()[1]

    def ask(self, says, port=None):
        with open(self.program, 'w') as f:
            os.fchmod(f.fileno(), 0o755)
            f.write('#!/bin/sh\ncase $1 in --version) echo fio-3.33; exit;; '
                    f'esac\n{says}\n')
        return server.ask_server(self.program, server.Host(
            'lab1', 'lab1', '127.0.0.1', port or self.port))

    def problem(self, *args):
        with self.assertRaises(Problem) as caught:
            self.ask(*args)
        self.assertNotIn('\n', str(caught.exception))
        return str(caught.exception)

    def test_facts(self):
        facts = self.ask('echo hostname=box, be=0, 64-bit, os=Linux, '
                         'arch=x86-64, fio=fio-3.33, flags=1')
        self.assertEqual(facts, {'host_name': 'box', 'os': 'Linux',
                                 'arch': 'x86-64', 'fio': 'fio-3.33'})

    def test_another_version(self):
        self.assertIn('has fio-3.36, but this machine has fio-3.33',
                      self.problem(
                          'echo hostname=box, be=0, 64-bit, os=Linux, '
                          'arch=x86-64, fio=fio-3.36, flags=1'))

    def test_another_protocol(self):
        why = self.problem('echo "fio: bad protocol version" >&2; exit 1')
        self.assertIn('bad protocol version; install the same version on both',
                      why)

    def test_nobody_there(self):
        self.socket.close()
        self.assertIn('Connection refused', self.problem('exit 1'))

    def test_no_fio_server(self):
        with mock.patch.object(server, 'PATIENCE', 0.3):
            self.assertIn('no fio server answers', self.problem(
                'exec sleep 5'))

    def test_a_name_that_is_not_known(self):
        with self.assertRaises(Problem) as caught:
            server.ask_server(self.program, server.Host(
                'no.such.host.invalid', 'x', 'no.such.host.invalid', 1))
        self.assertIn('start fio --server there', str(caught.exception))
        self.assertNotIn('Unknown error', str(caught.exception))


class Parts(unittest.TestCase):
    hosts = server.parse_hosts('lab1,lab2,lab2:9000')

    def test_each_has_its_own(self):
        found = answer([job('lab2'), job('lab1'), job('lab2', 9000),
                        job('lab1', name='All clients')])
        for host in self.hosts:
            own = server.part_of(found, host)
            self.assertEqual([(each['hostname'], each['port'])
                              for each in own.result['jobs']],
                             [(host.host, host.port)])
            self.assertNotIn('client_stats', own.result)
            self.assertNotIn('disk_util', own.result)
            self.assertIsNone(server.part_failure(own))
            self.assertTrue(own.text.endswith('}\n'))

    def failure(self, found, number):
        return server.part_failure(server.part_of(found, self.hosts[number]))

    def test_one_gone(self):
        found = answer([job('lab1')], ['client: host=lab2 disconnected'], 1)
        self.assertIsNone(self.failure(found, 0))
        self.assertEqual(self.failure(found, 1),
                         'no result (client: host=lab2 disconnected)')

    def test_one_with_an_error(self):
        found = answer([job('lab1', error=22), job('lab2')],
                       ['<vm> fio: pid=0, err=22, error=Invalid argument'], 1)
        self.assertEqual(self.failure(found, 0),
                         'fio: pid=0, err=22, error=Invalid argument')
        self.assertIsNone(self.failure(found, 1))

    def test_nothing(self):
        found = fio.Answer(1, '', None, ['fio: failed to connect'])
        for host in self.hosts:
            self.assertEqual(server.part_failure(server.part_of(found, host)),
                             'fio: failed to connect')


class Lines(unittest.TestCase):
    """What the engine says takes the place of its report."""

    def check(self, lines, hosts=2, **axes):
        each = {'name': 'p', 'axes': {'path': 'host', 'source': 'memory',
                                      'place': None, 'numjobs': 1} | axes,
                'job': [f'dmabuf_path={axes.get("path", "host")}']}
        hosts = server.parse_hosts(','.join(f'h{n}' for n in range(hosts)))
        found = answer([job(host.host) for host in hosts], lines)
        return client.check_lines(server.part_of(found, hosts[0]).lines,
                                  len(hosts), each)

    def failed(self, *args, **axes):
        with self.assertRaises(Failed) as caught:
            self.check(*args, **axes)
        return str(caught.exception)

    def test_host(self):
        self.assertEqual(self.check([line()] * 2),
                         {'path': 'host', 'family': None, 'source': 'memory',
                          'compared': None})

    def test_direct(self):
        for note in ('', ', a test kernel', ', a kernel (of tests) alone'):
            lines = [line('direct', 'heap:system',
                          f' (interface family B (v3 or v4){note})',
                          ', slices placed: spread')] * 4
            self.assertEqual(
                self.check(lines, path='direct', source='heap:system',
                           numjobs=2, place='spread:64m'),
                {'path': 'direct', 'family': 'B (v3 or v4)',
                 'source': 'heap:system', 'compared': True})
            lines = [line('direct', 'p2pmem:0000:01:00.0',
                          f' (interface family none{note}) (plain requests, '
                          'nothing is registered)')] * 2
            self.assertEqual(
                self.check(lines, path='direct', source='p2pmem:0000:01:00.0'),
                {'path': 'direct', 'family': 'none',
                 'source': 'p2pmem:0000:01:00.0', 'compared': True})

    def test_data_that_one_host_did_not_compare(self):
        lines = [line('direct', 'heap:system', place=more) for more in
                 ('', ', data not compared (dmabuf_warmup=0)')]
        self.assertIs(self.check(lines, path='direct',
                                 source='heap:system')['compared'], False)

    def test_not_what_was_asked(self):
        self.assertIn('path host was measured instead of direct',
                      self.failed([line(), line()], path='direct'))
        self.assertIn('source', self.failed(
            [line('staged', 'heap:other')] * 2, path='staged',
            source='heap:system'))
        self.assertIn('place', self.failed(
            [line('staged', 'udmabuf')] * 2, path='staged',
            source='udmabuf', place='tail'))
        # one host of two is enough
        self.assertIn('path', self.failed([line(), line('pinned')]))

    def test_a_line_for_each_job(self):
        for count, words in ((0, '0 summary lines of 2 jobs'),
                             (1, '1 summary line of 2 jobs'),
                             (3, '3 summary lines of 2 jobs')):
            self.assertIn(words, self.failed([line()] * count))

    def test_other_engines(self):
        self.assertIsNone(self.check([], path='io_uring', source=None))


class Options:
    destroy = []


class Plan(unittest.TestCase):
    def test_only_fio(self):
        points = [{'axes': {'path': 'sendfile'}}, {'axes': {'path': 'psync'}}]
        with mock.patch.object(client, 'note') as said:
            self.assertEqual(client.leave_out_programs(Options, points),
                             points[1:])
        self.assertIn('sendfile', said.call_args[0][0])
        with mock.patch.object(client, 'note'), self.assertRaises(Problem):
            client.leave_out_programs(Options, points[:1])

    def test_writes_need_the_name(self):
        client.check_destroy(Options, ['/dev/nvme1n1'], False)
        with self.assertRaises(Problem) as caught:
            client.check_destroy(Options, ['/dev/nvme1n1'], True)
        self.assertIn('--destroy /dev/nvme1n1', str(caught.exception))
        Options.destroy = ['/dev/nvme1n1']
        client.check_destroy(Options, ['/dev/nvme1n1'], True)
        Options.destroy = ['/dev/nvme2n1']
        with self.assertRaises(Problem) as caught:
            client.check_destroy(Options, ['/dev/nvme1n1'], True)
        self.assertIn('no such drive', str(caught.exception))


if __name__ == '__main__':
    unittest.main()
