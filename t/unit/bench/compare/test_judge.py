# SPDX-License-Identifier: GPL-2.0-only
"""Known changes are found, none is invented, and what cannot be told is said.
"""

import gc
import multiprocessing
import resource
import time
import unittest

import sample
from bench.compare import judge, statistics
from sides import made, row, significant
from vm.problem import Problem

# 12 points in so many rounds are what doc/bench.md promises to be enough.
ROUNDS = 12
TRIALS = 100
WANTED = 95


def trial(seed):
    """Whether a change is found that there is: of all points, with few rounds
    and much noise, and of one point; and whether one is where there is none.
    """
    # intervals take time, and are not asked for
    statistics.median_distribution = lambda values: []
    few = {'rounds': 7, 'noise': (0.01, 0.03)}
    worse = {'speed': 0.95}
    plan = sample.points()
    point = plan[seed % len(plan)]['name']
    every = judge.judge([made('a', plan, 2 * seed, **few),
                         made('b', plan, 2 * seed + 1,
                              changes={'*': worse}, **few)])
    base = made('a', plan, 2 * seed, rounds=ROUNDS)
    one = judge.judge([base, made('b', plan, 2 * seed + 1, rounds=ROUNDS,
                                  changes={point: worse})])
    none = judge.judge([base, made('b', plan, 2 * seed + 1, rounds=ROUNDS)])
    return (row(every, 'iops')['verdict'] == 'worse',
            row(one, 'iops', point)['verdict'] == 'worse',
            bool(significant(none)))


class Trials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with multiprocessing.Pool(2) as pool:
            done = pool.map(trial, range(TRIALS), 10)
        cls.every, cls.one, cls.wolf = map(sum, zip(*done))

    def test_five_percent_of_all_points_are_found(self):
        self.assertGreaterEqual(self.every, WANTED)

    def test_five_percent_of_one_point_are_found(self):
        self.assertGreaterEqual(self.one, WANTED)

    def test_no_change_is_none(self):
        self.assertLessEqual(self.wolf, TRIALS - WANTED)


class Judgement(unittest.TestCase):
    def test_a_side_against_itself(self):
        for how in ({}, {'boots': 5, 'boot_noise': 0.01}, {'traced': True}):
            base = made('a', **how)
            found = judge.judge([base, base])
            self.assertEqual(significant(found), [])
            self.assertEqual(found['status'], 0)
            self.assertEqual({each['changes'][1]['percent']
                              for each in found['rows']} - {None}, {0})

    def test_figures(self):
        base, other = made('a'), made('b', seed=2)
        found = judge.judge([base, other])
        name = found['points'][0]['name']
        mine = [each for each in found['rows']
                if (each['point'], each['metric']) == (name, 'iops')][0]
        values = sorted(metrics['iops'] for _, metrics in base.entries[name])
        self.assertEqual(sorted(mine['figures'][0]['samples']), values)
        self.assertEqual(mine['figures'][0]['median'], values[3])
        change = mine['changes'][1]
        self.assertAlmostEqual(
            change['percent'], 100 * (mine['figures'][1]['median'] /
                                      values[3] - 1))
        self.assertTrue(change['interval'][0] <= change['percent'] <=
                        change['interval'][1])

    def test_better_is_worse_for_what_costs(self):
        found = judge.judge([made('a'), made('b', seed=2, changes={
            '*': {'speed': 1.2, 'cpu': 1.2}})])
        self.assertEqual(row(found, 'iops')['verdict'], 'better')
        self.assertEqual(row(found, 'lat_p99')['verdict'], 'better')
        self.assertEqual(row(found, 'cpu')['verdict'], 'worse')
        self.assertEqual({each['metric'] for each in found['regressions']},
                         {'cpu'})

    def test_regression_is_beyond_the_limit(self):
        sides = [made('a'), made('b', seed=2,
                                 changes={'*': {'speed': 0.9}})]
        for limit, status in ((None, 1), (0, 1), (5, 1), (30, 0)):
            self.assertEqual(judge.judge(sides, fail_above=limit)['status'],
                             status)
        self.assertEqual(judge.judge(sides, failing=['cpu'])['status'], 0)
        self.assertEqual(judge.judge(sides, metrics=['lat_p50'])['status'], 0)

    def test_each_side_against_the_first(self):
        found = judge.judge([made('a'), made('b', seed=2),
                             made('c', seed=3,
                                  changes={'*': {'speed': 0.8}})])
        changes = found['summary'][0]['changes']
        self.assertIsNone(changes[0])
        self.assertEqual([each['verdict'] for each in changes[1:]],
                         ['same', 'worse'])
        self.assertEqual({each['side'] for each in found['regressions']}, {2})

    def test_maps_go_to_nothing(self):
        paths = ('staged',)
        found = judge.judge([
            made('a', sample.points(4, paths), traced=True),
            made('b', sample.points(4, paths), traced=True,
                 changes={'*': {'maps': 0}})], metrics=['maps'])
        change = found['rows'][0]['changes'][1]
        self.assertEqual((change['percent'], change['verdict']),
                         (-100, 'better'))
        self.assertEqual(found['summary'], [])

    def test_maps_come_from_nothing(self):
        plan = sample.points(4, ('direct',))
        other = made('b', plan, traced=True)
        for entries in other.entries.values():
            for _, metrics in entries:
                metrics['maps'] = 1.0
        found = judge.judge([made('a', plan, traced=True), other],
                            metrics=['maps'], failing=['maps'],
                            fail_above=50)
        change = found['rows'][0]['changes'][1]
        self.assertIsNone(change['percent'])
        self.assertEqual(change['verdict'], 'worse')
        self.assertEqual(found['status'], 1)

    def test_a_change_of_speed_does_not_make_others_significant(self):
        base = made('a')
        same, fast = (judge.judge([base, made('b', seed=2, changes=changes)])
                      for changes in ({}, {'*': {'speed': 1.3}}))
        for one, two in zip(same['rows'], fast['rows']):
            if one['metric'] in ('cpu', 'switches'):
                self.assertAlmostEqual(one['changes'][1]['adjusted'],
                                       two['changes'][1]['adjusted'])

    def test_a_small_change_of_many_points_shows_in_the_summary(self):
        plan = sample.points(200)
        found = judge.judge([
            made('a', plan, rounds=5),
            made('b', plan, 2, rounds=5, changes={'*': {'speed': 0.99}})])
        self.assertEqual(row(found, 'iops')['verdict'], 'worse')
        self.assertEqual(row(found, 'cpu')['verdict'], 'same')
        self.assertEqual({each['point'] for each in found['regressions']},
                         {None})

    def test_unchanged_counts_need_no_correction(self):
        sides = [made(name, traced=True, seed=seed)
                 for name, seed in (('a', 1), ('b', 2))]
        one = judge.judge(sides, metrics=['iops'])
        two = judge.judge(sides, metrics=['iops', 'maps', 'syscalls'])
        name = one['points'][0]['name']
        self.assertEqual(row(one, 'iops', name), row(two, 'iops', name))


class Limits(unittest.TestCase):
    """What a judgement says of itself."""

    def notes(self, *sides, **how):
        return judge.judge(list(sides), **how)['notes']

    def test_one_round(self):
        found = judge.judge([made('a', rounds=1), made('b', rounds=1)])
        self.assertTrue(any('only one round on a side: no interval' in each
                            for each in found['notes']))
        change = found['rows'][0]['changes'][1]
        self.assertIsNone(change['interval'])
        self.assertEqual(change['verdict'], 'few')

    def test_three_rounds(self):
        sides = [made('a', rounds=3),
                 made('b', rounds=3, changes={'*': {'speed': 0.1}})]
        found = judge.judge(sides)
        self.assertIn('too few rounds: nothing can be significant; measure '
                      'at least 4 on each side', found['notes'])
        self.assertEqual({each['changes'][1]['verdict']
                          for each in found['rows']}, {'few'})
        self.assertEqual(found['status'], 0)

    def test_few_rounds_for_many_rows(self):
        notes = self.notes(made('a', rounds=5), made('b', rounds=5))
        self.assertTrue(any('in a single row cannot be significant; measure '
                            'at least 8 on' in note for note in notes))
        notes = self.notes(made('a', rounds=8), made('b', rounds=8))
        self.assertFalse(any('few rounds' in each for each in notes))

    def test_boots(self):
        several = [made('a', boots=4, rounds=2), made('b', boots=4, rounds=2)]
        found = judge.judge(several)
        self.assertEqual(found['samples'], 'boots')
        self.assertEqual(len(found['rows'][0]['figures'][0]['samples']), 4)
        self.assertFalse(any('between boots' in each
                             for each in found['notes']))
        found = judge.judge(several, samples='rounds')
        self.assertEqual(len(found['rows'][0]['figures'][0]['samples']), 8)
        self.assertTrue(any('only in part' in each
                            for each in found['notes']))
        found = judge.judge([several[0], made('b')])
        self.assertEqual(found['samples'], 'rounds')
        self.assertTrue(any('only one boot of b: the intervals do not '
                            'include variation between boots' in each
                            for each in found['notes']))

    def test_boots_that_differ_are_no_change(self):
        """Rounds of one boot agree with each other and say nothing of others.
        """
        wolf = 0
        for seed in range(1, 21):
            sides = [made(name, sample.points(4), 2 * seed + number, boots=6,
                          rounds=3, noise=0.003, boot_noise=0.03)
                     for number, name in enumerate('ab')]
            wolf += bool(significant(judge.judge(sides)))
        self.assertLessEqual(wolf, 2)

    def test_missing_points(self):
        plan = sample.points(6)
        base = made('a', plan[:4])
        base.failures[plan[5]['name']] = 'out of memory'
        found = judge.judge([base, made('b', plan[1:])])
        self.assertEqual([each['name'] for each in found['points']],
                         [each['name'] for each in plan[1:4]])
        self.assertEqual(found['missing'],
                         [{'side': 0, 'point': plan[4]['name'],
                           'reason': None},
                          {'side': 0, 'point': plan[5]['name'],
                           'reason': 'out of memory'},
                          {'side': 1, 'point': plan[0]['name'],
                           'reason': None}])

    def test_points_that_no_side_has_are_missing_too(self):
        plan = sample.points(3)
        sides = [made(name, plan) for name in 'ab']
        gone = plan[2]['name']
        for each in sides:
            del each.entries[gone]
            each.failures[gone] = f'not on {each.path}'
        found = judge.judge(sides)
        self.assertEqual(found['missing'],
                         [{'side': number, 'point': gone,
                           'reason': f'not on {name}'}
                          for number, name in enumerate('ab')])
        self.assertEqual(found['status'], 0)

    def test_no_common_point(self):
        plan = sample.points(6)
        with self.assertRaisesRegex(Problem, 'no point was measured on all'):
            judge.judge([made('a', plan[:3]), made('b', plan[3:])])

    def test_metric_of_one_side(self):
        sides = [made('a', traced=True), made('b')]
        self.assertIn('maps: not measured on b; not judged',
                      self.notes(*sides))
        with self.assertRaisesRegex(Problem, 'maps: not measured on all'):
            judge.judge(sides, metrics=['maps'])

    def test_rounds_that_not_all_points_have(self):
        base, other = made('a', rounds=8), made('b', rounds=8)
        name = base.points[0]['name']
        del base.entries[name][6:]
        found = judge.judge([base, other])
        first = found['summary'][0]
        self.assertEqual(first['points'], 12)
        self.assertEqual([len(each['samples']) for each in first['figures']],
                         [6, 8])
        del base.entries[name][3:]
        self.assertEqual(judge.judge([base, other])['summary'][0]['points'],
                         11)


class Size(unittest.TestCase):
    def test_ten_thousand_points(self):
        """In a process of its own, whose memory counts."""
        with multiprocessing.get_context('fork').Pool(1) as pool:
            rows, status, seconds, kib = pool.apply(judge_many)
        print(f'# 10000 points judged in {seconds:.1f} s, {kib >> 10} MiB '
              'with all that made them', flush=True)
        self.assertEqual((rows, status), (20000, 0))
        self.assertLess(kib, 1 << 20)


def judge_many():
    plan = sample.points(10000)
    sides = [made(name, plan, seed, rounds=5)
             for name, seed in (('a', 1), ('b', 2))]
    gc.disable()
    start = time.process_time()
    found = judge.judge(sides, metrics=['iops', 'lat_p99'])
    return (len(found['rows']), found['status'],
            time.process_time() - start,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
