# SPDX-License-Identifier: GPL-2.0-only
"""Figures from fio's JSON: of real runs, against what fio itself says, and of
results in which something is missing.
"""

import copy
import json
import os
import subprocess
import tempfile
import unittest

from bench.measure import fio
from bench.measure.fio_json import left_out, merge, metrics, \
    percentile, work_time

FIO = os.environ.get('FIO') or 'fio'


def real(*options):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [FIO, '--output-format=json+', '--name=x', '--ioengine=null',
             '--size=64m', '--bs=4k', '--lat_percentiles=1',
             '--group_reporting=1', *options],
            capture_output=True, text=True, cwd=folder, check=True)
    return json.loads(done.stdout[done.stdout.index('{'):])


class Real(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reads = real('--rw=randread')
        cls.mixed = real('--rw=randrw', '--rwmixread=70', '--numjobs=2',
                         '--thread=1', '--unified_rw_reporting=both')

    def test_output_that_is_cut_off(self):
        text = 'dmabuf: a line\n' + json.dumps(self.reads, indent=1) + '\n'
        whole = fio.take_apart(0, text, '')
        self.assertEqual((whole.result, fio.failure(whole)),
                         (self.reads, None))
        ends = {*range(0, len(text) - 2, 97), *range(500),
                *range(len(text) - 500, len(text) - 2)}
        for end in sorted(ends):
            cut = fio.take_apart(0, text[:end], '')
            self.assertIsNone(cut.result, end)
            self.assertRegex(fio.failure(cut) or '', r'\A[^\n]+\Z', end)

    def same_percentiles(self, found, lat):
        for name, key in (('lat_p50', '50.000000'), ('lat_p99', '99.000000'),
                          ('lat_p999', '99.900000')):
            self.assertEqual(found[name], lat['percentile'][key], name)

    def test_reads(self):
        read = self.reads['jobs'][0]['read']
        found = metrics(self.reads)
        self.assertEqual(found['iops'], read['iops'])
        self.assertEqual(found['bw'], read['bw_bytes'])
        self.assertAlmostEqual(found['lat_mean'], read['lat_ns']['mean'])
        self.same_percentiles(found, read['lat_ns'])

    def test_reads_and_writes_together(self):
        job = self.mixed['jobs'][0]
        found = metrics(self.mixed)
        self.assertGreater(job['write']['total_ios'], 0)
        self.assertAlmostEqual(found['iops'], job['read']['iops'] +
                               job['write']['iops'])
        self.assertAlmostEqual(found['lat_mean'],
                               job['mixed']['lat_ns']['mean'], places=1)
        self.same_percentiles(found, job['mixed']['lat_ns'])

    def test_cpu_and_switches(self):
        result = copy.deepcopy(self.reads)
        job = result['jobs'][0]
        job |= {'usr_cpu': 25.0, 'sys_cpu': 50.0, 'job_runtime': 2000,
                'ctx': job['read']['total_ios'] // 2}
        ios = job['read']['total_ios']
        found = metrics(result)
        self.assertAlmostEqual(found['cpu'], 1500000 / ios)
        self.assertAlmostEqual(found['switches'], 0.5)

    def test_what_is_missing_is_absent(self):
        result = copy.deepcopy(self.reads)
        job = result['jobs'][0]
        del job['ctx'], job['read']['lat_ns']['bins']
        found = metrics(result)
        self.assertEqual(set(found), {'iops', 'bw', 'lat_mean', 'cpu'})
        del job['read']['lat_ns'], job['job_runtime']
        self.assertEqual(set(metrics(result)), {'iops', 'bw'})

    def test_no_bins_on_one_side(self):
        result = copy.deepcopy(self.mixed)
        del result['jobs'][0]['write']['lat_ns']['bins']
        self.assertNotIn('lat_p50', metrics(result))

    def test_percentiles_need_samples(self):
        every = {'lat_p50': 2, 'lat_p99': 100, 'lat_p999': 1000}
        for ios in (1, 2, 99, 100, 999, 1000):
            result = {'jobs': [
                {name: {'total_ios': number, 'iops': 1, 'bw_bytes': 1,
                        'lat_ns': {'N': number, 'mean': 7,
                                   'bins': {'7': number}}}
                 for name, number in (('read', ios - ios // 2),
                                      ('write', ios // 2)) if number}]}
            found = metrics(result)
            self.assertEqual(found['lat_mean'], 7)
            self.assertEqual({name for name in every if name in found},
                             {name for name in every if ios >= every[name]})
            self.assertEqual(left_out(result), {
                name: f'too few I/Os, at least {least} are needed'
                for name, least in every.items() if ios < least})

    def test_no_cpu_time_where_other_threads_work(self):
        result = copy.deepcopy(self.reads)
        self.assertNotIn('cpu', left_out(result))
        result['jobs'][0]['job options'] = {'sqthread_poll': '1'}
        self.assertEqual({'cpu', 'switches'} & metrics(result).keys(), set())
        for metric in ('cpu', 'switches'):
            self.assertRegex(left_out(result)[metric], 'sqthread_poll')

    def test_time_that_jobs_worked(self):
        job = {'job_runtime': 6001, 'job options': {
            'time_based': '1', 'runtime': '2', 'numjobs': '4'}}
        self.assertEqual(work_time({'jobs': [job]}), (6.001, 8))
        for changes in ({'time_based': '0'}, {'steadystate': 'iops:1%'}):
            options = job['job options'] | changes
            self.assertEqual(work_time({'jobs': [
                job | {'job options': options}]}), (0, 0))
        self.assertEqual(work_time({}), (0, 0))

    def test_nothing_done(self):
        self.assertEqual(left_out({}), {})
        self.assertEqual(metrics({}), {})
        self.assertEqual(metrics({'jobs': []}), {})
        self.assertEqual(metrics({'jobs': [{'read': {'total_ios': 0}}]}), {})


class Vectors(unittest.TestCase):
    def test_percentile(self):
        bins = [(ns, 1) for ns in range(1, 101)]
        for percent, ns in ((0.5, 1), (1, 1), (50, 50), (50.5, 51), (99, 99),
                            (99.9, 100), (100, 100)):
            self.assertEqual(percentile(bins, percent), ns, percent)

    def test_merge(self):
        self.assertEqual(merge([{'900': 1, '1000': 2}, {'1000': 3, '7': 1}]),
                         [(7, 1), (900, 1), (1000, 5)])


if __name__ == '__main__':
    unittest.main()
