# SPDX-License-Identifier: GPL-2.0-only
"""Continuing a directory on another system, or on this one as it is now."""

import os
import tempfile
import unittest

import sample
from bench.measure import resume
from bench.results import directory
from vm.problem import Problem

HEADER = {'plan': 'sample', 'runtime': sample.RUNTIME, 'ramp': 0,
          'order': 'random', 'host': None, 'seed': None, 'rounds': 3}


class Resume(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.points = sample.points(2)
        self.path = sample.directory(os.path.join(folder.name, 'dir'),
                                     self.points, rounds=3, files=False)
        with open(os.path.join(self.path, directory.PLAN)) as f:
            self.plan = f.read()

    def resume(self, **changes):
        system = sample.environment(**changes)
        return resume.resume(self.path, HEADER, self.plan, self.points,
                             system)

    def test_the_same_system_after_a_boot(self):
        self.assertEqual(self.resume(boot='another')['rounds'], 3)

    def more(self, rounds):
        header = resume.resume(self.path, HEADER | {'rounds': rounds},
                               self.plan, self.points, sample.environment())
        return header.get('extended')

    def test_more_rounds_after_a_result(self):
        self.assertIsNone(self.more(3))
        self.assertEqual(self.more(5), [3])
        # nobody saw a result of the five
        self.assertEqual(self.more(7), [3])

    def test_another(self):
        for changes, words in (
                ({'iommu': 'identity'}, 'drives controllers iommu differs: '
                 'DMA there, identity now; give another directory'),
                ({'iommu': None}, 'DMA there, unknown now; give'),
                ({'governor': 'powersave'}, 'cpu governor differs: '
                 'performance there, powersave now; give another'),
                ({'kernel': '7.3'}, 'kernel release differs: .* 7.3 now'),
                ({'drive': 'Other'}, 'drive model differs: .* Other now')):
            with self.assertRaisesRegex(Problem, words) as caught:
                self.resume(boot='another', **changes)
            self.assertNotIn('\n', str(caught.exception))


if __name__ == '__main__':
    unittest.main()
