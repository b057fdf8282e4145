# SPDX-License-Identifier: GPL-2.0-only
"""Known changes get the right answer, and what cannot be told is said. How
often they do: test_simulation.py.
"""

import gc
import multiprocessing
import resource
import time
import unittest

import sample
from bench.compare import answers, judge, words
from sides import change_of, differing, fake
from vm.problem import Problem


def pair(changes=None, plan=None, boots=7, **how):
    """A base and a side with changes, whose boots took turns."""
    how = {'apart': False, 'boots': boots} | how
    return [fake('a', plan, **how), fake('b', plan, 2, changes=changes, **how)]


class Judgement(unittest.TestCase):
    def test_a_side_against_itself(self):
        for how in ({}, {'boot_noise': 0.01}, {'traced': True}):
            base = fake('a', **how)
            result = judge.judge([base, base])
            self.assertEqual({row['changes'][1]['answer']
                              for row in result['rows']}, {'equivalent'})
            self.assertEqual(result['status'], 0)

    def test_figures(self):
        base, other = pair()
        result = judge.judge([base, other])
        name = result['points'][0]['name']
        mine = [row for row in result['rows']
                if (row['point'], row['metric']) == (name, 'iops')][0]
        self.assertEqual(len(mine['figures'][0]['samples']), 7)
        self.assertEqual(mine['figures'][0]['starts'], list(range(7)))
        change = mine['changes'][1]
        low, high = change['interval']
        self.assertTrue(low <= change['percent'] <= high)
        self.assertAlmostEqual(change['least'], high - change['percent'],
                               delta=0.1)

    def test_better_is_worse_for_what_costs(self):
        result = judge.judge(pair({'*': {'speed': 1.2, 'cpu': 1.2}}))
        self.assertEqual(change_of(result, 'iops')['answer'], 'better')
        self.assertEqual(change_of(result, 'lat_p99')['answer'], 'better')
        self.assertEqual(change_of(result, 'cpu')['answer'], 'worse')
        self.assertEqual({entry['metric'] for entry in result['regressions']},
                         {'cpu'})

    def test_the_culprit_comes_before_the_mean(self):
        plan = sample.points(36)
        name = plan[20]['name']
        result = judge.judge(pair({name: {'iops': 0.5}}, plan))
        self.assertEqual((result['regressions'][0]['point'],
                          result['regressions'][0]['metric']),
                         (name, 'iops'))
        self.assertEqual([row['point'] for row in differing(result)
                          if row['metric'] == 'iops' and row['point']],
                         [name])
        self.assertEqual(result['status'], 1)

    def test_regression_is_surely_beyond_the_limit(self):
        sides = pair({'*': {'speed': 0.9}})
        for limit, status in ((None, 1), (0, 1), (5, 1), (9.9, 3), (30, 0)):
            self.assertEqual(judge.judge(sides, failing=['iops'],
                                         fail_above=limit)['status'],
                             status, limit)
        self.assertEqual(judge.judge(sides, metrics=['lat_p50'])['status'], 3)

    def test_each_side_against_the_first(self):
        sides = pair(boots=8) + [fake('c', seed=3, boots=8, apart=False,
                                      changes={'*': {'speed': 0.8}})]
        result = judge.judge(sides)
        changes = result['summary'][0]['changes']
        self.assertIsNone(changes[0])
        self.assertEqual([change['answer'] for change in changes[1:]],
                         ['equivalent', 'worse'])
        self.assertEqual({entry['side'] for entry in result['regressions']},
                         {2})

    def test_maps_go_to_nothing(self):
        plan = sample.points(4, ('staged',))
        result = judge.judge(pair({'*': {'maps': 0}}, plan, traced=True),
                             metrics=['maps'])
        change = result['rows'][0]['changes'][1]
        self.assertAlmostEqual(change['percent'], -100)
        self.assertEqual(change['answer'], 'better')
        self.assertEqual(result['summary'], [])
        self.assertIn('no mean over all points', ''.join(result['notes']))
        self.assertIn('There is no mean over all points; see each.',
                      words.headline(result, 1)[1])

    def test_nothing_falls_by_more_than_all(self):
        plan = sample.points(4, ('staged',))
        sides = pair(None, plan, traced=True)
        for place, (_, _, metrics) in enumerate(
                sides[1].entries[plan[0]['name']]):
            metrics['maps'] = float(place == 0)
        result = judge.judge(sides, metrics=['maps'])
        change = result['rows'][0]['changes'][1]
        self.assertEqual(change['answer'], 'better')
        self.assertGreaterEqual(change['interval'][0], -100)

    def test_maps_come_from_nothing(self):
        plan = sample.points(4, ('direct',))
        sides = pair(None, plan, traced=True)
        for entries in sides[1].entries.values():
            for _, _, metrics in entries:
                metrics['maps'] = 1.0
        result = judge.judge(sides, metrics=['maps'], failing=['maps'],
                             fail_above=50)
        change = result['rows'][0]['changes'][1]
        self.assertIsNone(change['percent'])
        self.assertEqual((change['answer'], result['status']), ('worse', 1))

    def test_nothing_stays_nothing(self):
        plan = sample.points(4, ('direct',))
        for boots in (1, 7):
            result = judge.judge(pair(None, plan, boots, traced=True),
                                 metrics=['maps'])
            change = result['rows'][0]['changes'][1]
            self.assertEqual(change['percent'], 0)
            self.assertEqual(change['interval'],
                             (0, 0) if boots == 7 else None)


class Answers(unittest.TestCase):
    def answer(self, low, high, better='higher', margin=2):
        row = {'metric': 'iops' if better == 'higher' else 'cpu'}
        within = -margin < low and high < margin
        return answers.answer(row, within, (low, high))

    def test_by_the_bounds(self):
        self.assertEqual(self.answer(-1.9, 1.9), 'equivalent')
        self.assertEqual(self.answer(0.5, 1.5), 'equivalent')
        self.assertEqual(self.answer(-2.1, 1.9), 'undetermined')
        self.assertEqual(self.answer(-5, -0.1), 'worse')
        self.assertEqual(self.answer(0.1, 5), 'better')
        self.assertEqual(self.answer(0.1, 5, 'lower'), 'worse')

    def test_the_margin_decides_what_is_equivalent(self):
        sides = pair(None, sample.points(4), noise=0.003)
        for margin, answer in ((5, 'equivalent'), (0.01, 'undetermined')):
            result = judge.judge(sides, metrics=['iops'], margin=margin)
            self.assertEqual({row['changes'][1]['answer']
                              for row in result['rows']}, {answer})
            self.assertEqual(result['status'],
                             0 if answer == 'equivalent' else 3)

    def test_outliers_are_left_out_and_said(self):
        name = sample.points()[4]['name']
        sides = pair({name: {'iops': 0.95}}, noise=0.005)
        figures = sides[0].entries[name]
        for place, _, metrics in figures:
            if place[0] == 3:
                metrics['iops'] *= 0.7
        result = judge.judge(sides)
        change = change_of(result, 'iops', name)
        self.assertEqual(change['outliers'], [(0, 3)])
        self.assertEqual(change['answer'], 'worse')
        self.assertTrue(any('outliers, left out of the changes: ' in note
                            for note in result['notes']))


class Lost(unittest.TestCase):
    def lose(self, boots=7):
        sides = pair(boots=boots)
        name = sides[0].points[2]['name']
        del sides[1].entries[name]
        sides[1].failures[name] = ['first', 'dmabuf: no heap']
        return name, judge.judge(sides)

    def test_a_point_that_cannot_be_measured_is_a_regression(self):
        for boots in (1, 7):
            name, result = self.lose(boots)
            self.assertEqual(result['lost'], [
                {'side': 1, 'point': name, 'reason': 'dmabuf: no heap'}])
            self.assertEqual(result['status'], 1)
            self.assertEqual(result['missing'], [])

    def test_all_points_lost(self):
        sides = pair()
        for point in sides[0].points:
            sides[1].failures[point['name']] = ['dmabuf: no']
        sides[1].entries.clear()
        result = judge.judge(sides)
        self.assertEqual((len(result['lost']), result['status']), (12, 1))

    def test_a_point_that_the_base_lacks_is_none(self):
        sides = pair()
        name = sides[0].points[2]['name']
        del sides[0].entries[name]
        sides[0].failures[name] = ['dmabuf: no heap']
        result = judge.judge(sides)
        self.assertEqual(result['lost'], [])
        self.assertEqual(result['missing'], [
            {'side': 0, 'point': name, 'reason': 'dmabuf: no heap'}])

    def test_a_point_that_failed_in_part_is_a_note(self):
        sides = pair()
        name = sides[0].points[2]['name']
        sides[1].failures[name] = ['dmabuf: no heap']
        self.assertIn(f'{name}: failed 1 time on b, where 21 rounds '
                      'succeeded (dmabuf: no heap)',
                      judge.judge(sides)['notes'])


class Hidden(unittest.TestCase):
    """What is not compared is no success."""

    def status(self, change, **how):
        sides = pair(noise=0.001)
        self.assertEqual(judge.judge(sides, metrics=['iops'])['status'], 0)
        change(sides[1], sides[1].points[2]['name'])
        return judge.judge(sides, **{'metrics': ['iops']} | how)['status']

    def test_a_point_that_failed_in_part(self):
        self.assertEqual(self.status(
            lambda side, name: side.failures.update({name: ['no']})), 3)

    def test_a_point_that_was_not_measured(self):
        self.assertEqual(self.status(
            lambda side, name: side.entries.pop(name)), 3)

    def test_a_metric_that_one_side_lacks(self):
        def change(side, _):
            for entries in side.entries.values():
                for _, _, metrics in entries:
                    del metrics['cpu']
        self.assertEqual(self.status(change, metrics=['iops', 'cpu'],
                                     failing=['iops', 'cpu']), 3)

    def test_rounds_that_are_often_slow_are_no_outliers(self):
        def change(side, _):
            for entries in side.entries.values():
                for (boot, _, _), _, metrics in entries:
                    metrics['iops'] *= 0.5 if boot in (1, 4) else 1
        self.assertEqual(self.status(change), 3)


class Limits(unittest.TestCase):
    def test_missing_points(self):
        plan = sample.points(6)
        result = judge.judge([fake('a', plan[:4]), fake('b', plan[1:])])
        self.assertEqual([point['name'] for point in result['points']],
                         [point['name'] for point in plan[1:4]])
        self.assertEqual([(entry['side'], entry['point'])
                          for entry in result['missing']],
                         [(0, plan[4]['name']), (0, plan[5]['name']),
                          (1, plan[0]['name'])])

    def test_no_common_point(self):
        plan = sample.points(6)
        with self.assertRaisesRegex(Problem, 'no point was measured on all'):
            judge.judge([fake('a', plan[:3]), fake('b', plan[3:])])

    def test_metric_of_one_side(self):
        sides = [fake('a', traced=True), fake('b')]
        self.assertIn('maps: not measured on b; not judged',
                      judge.judge(sides)['notes'])
        with self.assertRaisesRegex(Problem, 'maps: not measured on all'):
            judge.judge(sides, metrics=['maps'])

    def test_a_point_that_lacks_a_boot_is_not_in_the_mean(self):
        sides = pair(boots=8)
        name = sides[0].points[0]['name']
        sides[0].entries[name] = [
            one for one in sides[0].entries[name] if one[0][0] != 2]
        result = judge.judge(sides)
        self.assertEqual(result['summary'][0]['points'], 11)
        row = next(row for row in result['rows'] if row['point'] == name)
        self.assertEqual([len(figure['samples'])
                          for figure in row['figures']], [7, 8])
        self.assertIsNotNone(row['changes'][1]['interval'])


class Size(unittest.TestCase):
    def test_ten_thousand_points(self):
        """In a process of its own, whose memory counts."""
        with multiprocessing.get_context('fork').Pool(1) as pool:
            rows, seconds, kib = pool.apply(judge_many)
        print(f'# 10000 points judged in {seconds:.1f} s, {kib >> 10} MiB '
              'with all that made them', flush=True)
        self.assertEqual(rows, 20000)
        self.assertLess(kib, 1 << 20)


def judge_many():
    sides = pair(None, sample.points(10000), 6, rounds=1)
    gc.disable()
    start = time.process_time()
    result = judge.judge(sides, metrics=['iops', 'lat_p99'])
    return (len(result['rows']), time.process_time() - start,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
