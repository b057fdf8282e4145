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
from sides import change_of, fake, significant
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
    every = judge.judge([fake('a', plan, 2 * seed, **few),
                         fake('b', plan, 2 * seed + 1,
                              changes={'*': worse}, **few)])
    base = fake('a', plan, 2 * seed, rounds=ROUNDS)
    one = judge.judge([base, fake('b', plan, 2 * seed + 1, rounds=ROUNDS,
                                  changes={point: worse})])
    none = judge.judge([base, fake('b', plan, 2 * seed + 1, rounds=ROUNDS)])
    return (change_of(every, 'iops')['verdict'] == 'worse',
            change_of(one, 'iops', point)['verdict'] == 'worse',
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
            base = fake('a', **how)
            result = judge.judge([base, base])
            self.assertEqual(significant(result), [])
            self.assertEqual(result['status'], 0)
            self.assertEqual({row['changes'][1]['percent']
                              for row in result['rows']} - {None}, {0})

    def test_figures(self):
        base, other = fake('a'), fake('b', seed=2)
        result = judge.judge([base, other])
        name = result['points'][0]['name']
        mine = [row for row in result['rows']
                if (row['point'], row['metric']) == (name, 'iops')][0]
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
        result = judge.judge([fake('a'), fake('b', seed=2, changes={
            '*': {'speed': 1.2, 'cpu': 1.2}})])
        self.assertEqual(change_of(result, 'iops')['verdict'], 'better')
        self.assertEqual(change_of(result, 'lat_p99')['verdict'], 'better')
        self.assertEqual(change_of(result, 'cpu')['verdict'], 'worse')
        self.assertEqual({entry['metric'] for entry in result['regressions']},
                         {'cpu'})

    def test_regression_is_beyond_the_limit(self):
        sides = [fake('a'), fake('b', seed=2,
                                 changes={'*': {'speed': 0.9}})]
        for limit, status in ((None, 1), (0, 1), (5, 1), (30, 0)):
            self.assertEqual(judge.judge(sides, fail_above=limit)['status'],
                             status)
        self.assertEqual(judge.judge(sides, failing=['cpu'])['status'], 0)
        self.assertEqual(judge.judge(sides, metrics=['lat_p50'])['status'], 0)

    def test_each_side_against_the_first(self):
        result = judge.judge([fake('a'), fake('b', seed=2),
                             fake('c', seed=3,
                                  changes={'*': {'speed': 0.8}})])
        changes = result['summary'][0]['changes']
        self.assertIsNone(changes[0])
        self.assertEqual([change['verdict'] for change in changes[1:]],
                         ['same', 'worse'])
        self.assertEqual({entry['side'] for entry in result['regressions']},
                         {2})

    def test_maps_go_to_nothing(self):
        paths = ('staged',)
        result = judge.judge([
            fake('a', sample.points(4, paths), traced=True),
            fake('b', sample.points(4, paths), traced=True,
                 changes={'*': {'maps': 0}})], metrics=['maps'])
        change = result['rows'][0]['changes'][1]
        self.assertEqual((change['percent'], change['verdict']),
                         (-100, 'better'))
        self.assertEqual(result['summary'], [])

    def test_maps_come_from_nothing(self):
        plan = sample.points(4, ('direct',))
        other = fake('b', plan, traced=True)
        for entries in other.entries.values():
            for _, metrics in entries:
                metrics['maps'] = 1.0
        result = judge.judge([fake('a', plan, traced=True), other],
                            metrics=['maps'], failing=['maps'],
                            fail_above=50)
        change = result['rows'][0]['changes'][1]
        self.assertIsNone(change['percent'])
        self.assertEqual(change['verdict'], 'worse')
        self.assertEqual(result['status'], 1)

    def test_a_change_of_speed_does_not_make_others_significant(self):
        base = fake('a')
        same, fast = (judge.judge([base, fake('b', seed=2, changes=changes)])
                      for changes in ({}, {'*': {'speed': 1.3}}))
        for one, two in zip(same['rows'], fast['rows']):
            if one['metric'] in ('cpu', 'switches'):
                self.assertAlmostEqual(one['changes'][1]['adjusted'],
                                       two['changes'][1]['adjusted'])

    def test_a_small_change_of_many_points_shows_in_the_summary(self):
        plan = sample.points(200)
        result = judge.judge([
            fake('a', plan, rounds=5),
            fake('b', plan, 2, rounds=5, changes={'*': {'speed': 0.99}})])
        self.assertEqual(change_of(result, 'iops')['verdict'], 'worse')
        self.assertEqual(change_of(result, 'cpu')['verdict'], 'same')
        self.assertEqual({entry['point'] for entry in result['regressions']},
                         {None})

    def test_unchanged_counts_need_no_correction(self):
        sides = [fake(name, traced=True, seed=seed)
                 for name, seed in (('a', 1), ('b', 2))]
        one = judge.judge(sides, metrics=['iops'])
        two = judge.judge(sides, metrics=['iops', 'maps', 'syscalls'])
        name = one['points'][0]['name']
        self.assertEqual(change_of(one, 'iops', name),
                         change_of(two, 'iops', name))


class Limits(unittest.TestCase):
    """What a judgement says of itself."""

    def notes(self, *sides, **how):
        return judge.judge(list(sides), **how)['notes']

    def test_one_round(self):
        result = judge.judge([fake('a', rounds=1), fake('b', rounds=1)])
        self.assertTrue(any('only one round on a side: no interval' in note
                            for note in result['notes']))
        change = result['rows'][0]['changes'][1]
        self.assertIsNone(change['interval'])
        self.assertEqual(change['verdict'], 'few')

    def test_three_rounds(self):
        sides = [fake('a', rounds=3),
                 fake('b', rounds=3, changes={'*': {'speed': 0.1}})]
        result = judge.judge(sides)
        self.assertIn('too few rounds: nothing can be significant; measure '
                      'at least 4 on each side', result['notes'])
        self.assertEqual({row['changes'][1]['verdict']
                          for row in result['rows']}, {'few'})
        self.assertEqual(result['status'], 0)

    def test_few_rounds_for_many_rows(self):
        notes = self.notes(fake('a', rounds=5), fake('b', rounds=5))
        self.assertTrue(any('in a single row cannot be significant; measure '
                            'at least 8 on' in note for note in notes))
        notes = self.notes(fake('a', rounds=8), fake('b', rounds=8))
        self.assertFalse(any('few rounds' in note for note in notes))

    def test_boots(self):
        several = [fake('a', boots=4, rounds=2), fake('b', boots=4, rounds=2)]
        result = judge.judge(several)
        self.assertEqual(result['samples'], 'boots')
        self.assertEqual(len(result['rows'][0]['figures'][0]['samples']), 4)
        self.assertFalse(any('between boots' in note
                             for note in result['notes']))
        result = judge.judge(several, samples='rounds')
        self.assertEqual(len(result['rows'][0]['figures'][0]['samples']), 8)
        self.assertTrue(any('only in part' in note
                            for note in result['notes']))
        result = judge.judge([several[0], fake('b')])
        self.assertEqual(result['samples'], 'rounds')
        self.assertTrue(any('only one boot of b: the intervals do not '
                            'include variation between boots' in note
                            for note in result['notes']))

    def test_boots_that_differ_are_no_change(self):
        """Rounds of one boot agree with each other and say nothing of others.
        """
        wolf = 0
        for seed in range(1, 21):
            sides = [fake(name, sample.points(4), 2 * seed + number, boots=6,
                          rounds=3, noise=0.003, boot_noise=0.03)
                     for number, name in enumerate('ab')]
            wolf += bool(significant(judge.judge(sides)))
        self.assertLessEqual(wolf, 2)

    def test_missing_points(self):
        plan = sample.points(6)
        base = fake('a', plan[:4])
        base.failures[plan[5]['name']] = 'out of memory'
        result = judge.judge([base, fake('b', plan[1:])])
        self.assertEqual([point['name'] for point in result['points']],
                         [point['name'] for point in plan[1:4]])
        self.assertEqual(result['missing'],
                         [{'side': 0, 'point': plan[4]['name'],
                           'reason': None},
                          {'side': 0, 'point': plan[5]['name'],
                           'reason': 'out of memory'},
                          {'side': 1, 'point': plan[0]['name'],
                           'reason': None}])

    def test_points_that_no_side_has_are_missing_too(self):
        plan = sample.points(3)
        sides = [fake(name, plan) for name in 'ab']
        gone = plan[2]['name']
        for side in sides:
            del side.entries[gone]
            side.failures[gone] = f'not on {side.path}'
        result = judge.judge(sides)
        self.assertEqual(result['missing'],
                         [{'side': number, 'point': gone,
                           'reason': f'not on {name}'}
                          for number, name in enumerate('ab')])
        self.assertEqual(result['status'], 0)

    def test_no_common_point(self):
        plan = sample.points(6)
        with self.assertRaisesRegex(Problem, 'no point was measured on all'):
            judge.judge([fake('a', plan[:3]), fake('b', plan[3:])])

    def test_metric_of_one_side(self):
        sides = [fake('a', traced=True), fake('b')]
        self.assertIn('maps: not measured on b; not judged',
                      self.notes(*sides))
        with self.assertRaisesRegex(Problem, 'maps: not measured on all'):
            judge.judge(sides, metrics=['maps'])

    def test_rounds_that_not_all_points_have(self):
        base, other = fake('a', rounds=8), fake('b', rounds=8)
        name = base.points[0]['name']
        del base.entries[name][6:]
        result = judge.judge([base, other])
        first = result['summary'][0]
        self.assertEqual(first['points'], 12)
        self.assertEqual([len(figure['samples'])
                          for figure in first['figures']], [6, 8])
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
    sides = [fake(name, plan, seed, rounds=5)
             for name, seed in (('a', 1), ('b', 2))]
    gc.disable()
    start = time.process_time()
    result = judge.judge(sides, metrics=['iops', 'lat_p99'])
    return (len(result['rows']), result['status'],
            time.process_time() - start,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
