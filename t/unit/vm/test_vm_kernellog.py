# SPDX-License-Identifier: GPL-2.0-only
"""vm/kernellog.py: what a kernel must not print, and lost commands."""

import unittest

from vm import kernellog

QUIET = [
    '[    1.518170] nvme nvme0: pci function 0000:00:01.0',
    '[    1.700462] nvme nvme0: 1/0/0 default/read/poll queues',
    '[    1.9] nvme nvme1: Shutdown timeout set to 10 seconds',
    '[    2.0] DMAR: IOMMU enabled',
    '[    3.0] nvme0n1: p1 p2']
# As Linux 7.3 and 6.1 print it
LOST = [
    '[  136.1] nvme nvme0: I/O tag 990 (83de) opcode 0x2 (I/O Cmd) QID 1 '
    'timeout, aborting req_op:READ(0) size:4096',
    '[   80.8] nvme nvme0: I/O tag 448 (71c0) opcode 0x1 (I/O Cmd) QID 1 '
    'timeout, reset controller',
    '[   33.3] nvme nvme12: I/O 3 QID 1 timeout, completion polled']
COMPLAINTS = [
    'WARNING: CPU: 0 PID: 1 at mm/slub.c:1', 'BUG: kernel NULL pointer',
    'Oops: 0000 [#1]', 'INFO: task fio:12 blocked for more than 120 seconds.',
    'DMAR: [DMA Read] Request device [00:01.0] fault addr 0x1',
    'watchdog: BUG: soft lockup - CPU#0 stuck',
    'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks']


class KernelLog(unittest.TestCase):
    def test_unanswered(self):
        self.assertIsNone(kernellog.unanswered(QUIET))
        for line in LOST:
            self.assertEqual(kernellog.unanswered([*QUIET, line, 'x']), line)

    def test_trouble(self):
        self.assertEqual(kernellog.trouble(QUIET), (0, []))
        for line in COMPLAINTS:
            count, shown = kernellog.trouble(['a', 'b', 'c', line, 'd'])
            self.assertEqual((count, shown), (1, ['b', 'c', line, 'd']))

    def test_lines_between(self):
        """Lines near two complaints are shown once; a flood is cut off."""
        lines = ['BUG: 1', 'x', 'BUG: 2'] + ['y'] * 100
        count, shown = kernellog.trouble(lines)
        self.assertEqual((count, shown.count('x'), shown[:3]),
                         (2, 1, lines[:3]))
        shown = kernellog.trouble(['BUG: again'] * 100)[1]
        self.assertEqual((len(shown), shown[-1]), (61, '... 40 more lines'))


if __name__ == '__main__':
    unittest.main()
