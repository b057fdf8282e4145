# SPDX-License-Identifier: GPL-2.0-only
"""What simulation.py prints, for few trials. They are seeded, so nothing here
is left to chance; the limits leave room for what so few trials can come to
where the truth is 5, 90 or 95 %. By hand, with 2000 trials, there is no room.
"""

import multiprocessing
import unittest

import simulation

TRIALS = 120
# With 5 %, more than 12 of 120 come to pass in 1 case of 100.
MOST = 12 / TRIALS


class Simulation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pool = multiprocessing.get_context('fork').Pool(2)

    @classmethod
    def tearDownClass(cls):
        cls.pool.terminate()

    def rates(self, cases, names):
        for name in names:
            yield name, simulation.rates(cases[name], TRIALS, self.pool)

    def test_nothing_is_found_where_there_is_nothing(self):
        for name, found in self.rates(simulation.NOTHING, (
                '7 boots in turn, 0.5 %',
                '7 boots one after the other, loses 0.2 % a round',
                '--ab, 7 rounds', '--ab, 12 rounds, correlated (AR(1), 0.5)',
                '--ab, 7 rounds, t with 2 degrees of freedom',
                '--ab, 7 rounds, 5 % outliers')):
            self.assertLessEqual(found.found, MOST, name)
            self.assertLessEqual(found.regression, MOST, name)
            self.assertGreaterEqual(found.covered, 1 - MOST, name)

    def test_one_boot_a_side_is_never_believed(self):
        for name, found in self.rates(simulation.NOTHING, [
                name for name in simulation.NOTHING
                if name.startswith('one boot')]):
            self.assertEqual((found.found, found.regression, found.covered),
                             (0, 0, None), name)

    def test_one_bad_point_of_many_is_named(self):
        for name, least in (('--ab, 7 rounds, 36 points, one halved', 0.95),
                            ('--ab, 7 rounds, 36 points, one -5 %', 0.75),
                            ('7 boots in turn, 36 points, one halved', 0.95),
                            ('--ab, 12 rounds, 5 % outliers, one -5 %', 0.75)):
            found = simulation.rates(simulation.SOMETHING[name], TRIALS,
                                     self.pool)
            self.assertGreaterEqual(found.named, least, name)
            self.assertLessEqual(found.found, MOST, name)
