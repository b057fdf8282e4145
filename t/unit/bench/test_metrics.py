# SPDX-License-Identifier: GPL-2.0-only
"""The table of metrics: it names all that is measured, and how it is shown."""

import unittest

import sample
from bench.measure import fio_json, trace
from bench.metrics import HIGHER, JUDGED, HEADLINE, LOWER, METRICS, named


class Table(unittest.TestCase):
    def test_names_are_those_that_are_measured(self):
        result = sample.json_plus(sample.points(1)[0], {
            'iops': 1000, 'bw': 4e6, 'cpu': 1, 'switches': 1,
            'lat_mean': 2, 'lat_p50': 1, 'lat_p99': 2, 'lat_p999': 3})
        names = set(fio_json.metrics(result))
        names.update(*trace.KINDS.values())
        self.assertEqual(names, set(METRICS))

    def test_directions(self):
        for metric in METRICS.values():
            self.assertIn(metric.better, (HIGHER, LOWER))
        self.assertLess(set(HEADLINE), set(JUDGED))
        self.assertLess(set(JUDGED), set(METRICS))

    def test_titles_differ(self):
        for field in ('title', 'heading'):
            self.assertEqual(len({getattr(metric, field)
                                  for metric in METRICS.values()}),
                             len(METRICS))


class Shown(unittest.TestCase):
    def test_three_digits_and_the_unit_that_fits(self):
        for name, value, expected in (
                ('iops', 0, '0'), ('iops', 0.5, '0.500'), ('iops', 87, '87.0'),
                ('iops', 1234, '1234'), ('iops', 9999, '9999'),
                ('iops', 9999.7, '10.0 k'), ('iops', 123456, '123 k'),
                ('iops', 999600, '1.00 M'), ('iops', 12345678, '12.3 M'),
                ('bw', 3.21e9, '3.21 GB/s'), ('bw', 4e6, '4.00 MB/s'),
                ('bw', 12, '0.0120 kB/s'),
                ('lat_p99', 850, '0.850 \u00b5s'),
                ('lat_p99', 84300, '84.3 \u00b5s'),
                ('lat_p99', 999600, '1.00 ms'), ('lat_p99', 2.5e9, '2.50 s'),
                ('cpu', 1.234, '1.23 \u00b5s'), ('cpu', 1500, '1.50 ms'),
                ('maps', 1.003, '1.00'), ('maps', 0, '0'),
                ('maps', 0.0004, '0'), ('maps', 0.0123, '0.012'),
                ('unheard', 2, '2.00')):
            self.assertEqual(named(name).text(value), expected)

    def test_ticks_are_short(self):
        for name, value, expected in (
                ('iops', 0, '0'), ('iops', 150000, '150 k'),
                ('bw', 0, '0'), ('bw', 2.5e9, '2.5 GB/s'),
                ('lat_p99', 1e6, '1 ms')):
            self.assertEqual(named(name).tick(value), expected)

    def test_plain_tables_have_one_unit(self):
        for name, value, expected in (('lat_p99', 84300, '84.30'),
                                      ('bw', 4e6, '4.000'),
                                      ('iops', 1234567, '1,234,567')):
            self.assertEqual(named(name).plain(value), expected)
        self.assertEqual(named('bw').plain_title, 'bandwidth, MB/s')
        self.assertEqual(named('iops').plain_title, 'IOPS')


if __name__ == '__main__':
    unittest.main()
