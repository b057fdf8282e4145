# SPDX-License-Identifier: GPL-2.0-only
"""What is said about the options of a job before it runs."""

import unittest

from bench.plan import cautions, plan, point


class Cautions(unittest.TestCase):
    def said(self, fio, axes='path = host\n'):
        made = plan.parse_plan('x.ini', f'[points]\n{axes}[fio]\n{fio}\n', {})
        return cautions.cautions(point.points_of(made)[0])

    def test_none(self):
        for fio in ('', 'sqthread_poll = 0', 'force_async = 0', 'hipri',
                    'verify_async = 0', 'dmabuf_warmup = 0', 'direct = 0'):
            self.assertEqual(self.said(fio), [], fio)
        self.assertEqual(self.said('verify = crc32c\ndmabuf_warmup = 0',
                                   'path = direct\n'), [])

    def test_other_threads(self):
        for fio in ('sqthread_poll = 1', 'sqthread_poll', 'force_async = 8',
                    'verify_async = 2', 'io_submit_mode = offload'):
            line, = self.said(fio, 'path = host io_uring\n')
            self.assertRegex(line, '2 points: cpu and switches are left out: '
                             'fio does not count .*' + fio.split()[0])
        self.assertRegex(self.said('direct = 0', 'path = io_uring\n'
                                   'rw = randwrite\n')[0], 'direct=0')

    def test_nothing_compared(self):
        for axes in ('path = direct\n',
                     'path = host\nsource = p2pmem:0000:01:00.0\n'):
            line, = self.said('dmabuf_warmup = 0', axes)
            self.assertRegex(line, '1 point: nothing is compared '
                             r'\(dmabuf_warmup=0\)')


if __name__ == '__main__':
    unittest.main()
