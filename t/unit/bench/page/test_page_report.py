# SPDX-License-Identifier: GPL-2.0-only
"""The page of one directory says what was measured and what was not."""

import argparse
import io
import os
import tempfile
import unittest
from unittest import mock

import page_check
import page_sample
import sample
from bench.page import command as report, figures
from vm.problem import Problem


MISSING = 'gnuplot: not found, so the page lacks plots; install the ' \
    'package gnuplot-nox'


class Case(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)
        self.path = os.path.join(self.top.name, 'd')

    def look(self):
        page = page_check.check(report.page_of(self.path))
        self.assertEqual(page.wrong, [])
        return page

    def says(self, *texts):
        """The page says each of them."""
        page = self.look()
        for text in texts:
            self.assertTrue(text in page.text, text)
        return page


class Page(Case):
    def test_figures_pictures_proof_and_system(self):
        sample.directory(self.path, traced=True)
        page = self.says(
            '12 points, 7 rounds of 1 s each, in random order',
            '84 measurements', 'Sample 1 TB', '6.12.57+deb13-amd64',
            'By queue depth', 'By block size', 'Maps per I/O',
            'heap:system', 'p99.9', 'direct-randread-4k-q1-j1')
        self.assertEqual(page.counts['figure'], 4 * 4 + 4)
        for text in ('Not traced', 'failed', 'fewer', 'Only one round'):
            self.assertFalse(text in page.text, text)

    def test_settings_of_a_side(self):
        sample.directory(self.path, sample.points(1))
        self.assertFalse('--ab' in self.look().text)
        ab = {'id': 'ab', 'side': 'B', 'restored': {'/sys/<x>': 'none'},
              'settings': ['scheduler=<kyber>', 'queue:wbt_lat_usec=0']}
        page_sample.change(self.path, 'directory.json', ab=ab)
        self.says('side of --ab B its settings scheduler=<kyber>, '
                  'queue:wbt_lat_usec=0 restored at the end /sys/<x> none')
        page_sample.change(self.path, 'directory.json',
                           ab=ab | {'settings': [], 'restored': {}})
        self.says('its settings none restored at the end nothing')

    def test_not_traced_is_said_and_not_0(self):
        sample.directory(self.path, files=True)
        self.says('Not traced: IOMMU maps per I/O, IOMMU unmaps per I/O, '
                  'system calls per I/O.')

    def test_what_is_left_out_is_said(self):
        sample.directory(self.path)
        few = {'lat_p99': 'too few I/Os, at least 100 are needed'}
        page_sample.lines(self.path, lambda line: line | {
            'left_out': few, 'metrics': {
                name: value for name, value in line['metrics'].items()
                if name != 'lat_p99'}} if '4k-q1' in line['point'] else line)
        self.says('p99 latency of 3 points: too few I/Os, at least 100 are')

    def test_spread(self):
        self.assertAlmostEqual(figures.spread([9, 10, 12]), 30)
        self.assertIsNone(figures.spread([9]))
        self.assertIsNone(figures.spread([0, 0, 9]))

    def test_one_point_of_one_round(self):
        sample.directory(self.path, sample.points(1), rounds=1)
        page = self.says('1 point, 1 round of', 'Only one round')
        # that of the latency
        self.assertEqual(page.counts['figure'], 1)

    def test_two_points_without_depths_have_a_picture_in_the_table(self):
        sample.directory(self.path, sample.points(2))
        text = report.page_of(self.path)
        self.assertFalse('By queue depth' in text)
        # by round, and from minimum to maximum
        self.assertEqual(text.count('class="picture"'), 2 * 2)

    def test_every_round_is_seen(self):
        sample.directory(self.path, sample.points(2), rounds=5)

        def half(line):
            if line['round'] == 4:
                line['boot'] = 'b1'
                line['metrics']['iops'] /= 2
            return line
        page_sample.lines(self.path, half)
        page = self.says('IOPS by round', 'a dashed line is a new boot')
        text = report.page_of(self.path)
        self.assertEqual(text.count('stroke-dasharray'), 2 * 2)
        self.assertEqual(text.count('h0'), 2 * 5)
        self.assertIn('round 4: ', text)
        self.assertIn('IOPS, minimum to maximum', page.text)

    def test_rounds_of_nothing(self):
        sample.directory(self.path, sample.points(2), rounds=3)
        page_sample.lines(self.path, lambda line: line['metrics'].update(
            iops=0) or line)
        self.look()

    def test_names_are_text(self):
        page_sample.hostile(self.path)
        page = self.says(page_sample.HOSTILE)
        self.assertEqual(page.counts['script'], 1)

    def test_failures(self):
        page_sample.failed(self.path)
        self.says('2 of 12 points failed', '1 of 3',
                  'rounds 2, 3: fio: exit status 1: bad <thing>',
                  '1 point with fewer than 3 rounds')

    def test_only_failures(self):
        sample.directory(self.path, sample.points(1), rounds=1)
        page_sample.lines(self.path, lambda line: None)
        with self.assertRaisesRegex(Problem, 'no results yet'):
            report.page_of(self.path)
        with open(os.path.join(self.path, 'failures.jsonl'), 'w',
                  encoding='utf-8') as file:
            file.write('{"round": 1, "point": "host-randread-4k-q1-j1", '
                       '"reason": "drive gone"}\n')
        points = page_sample.load(self.path, 'points.json')['points']
        points[0]['name'] = 'host-randread-4k-q1-j1'
        page_sample.change(self.path, 'points.json', points=points)
        self.says('drive gone')

    def test_a_file_that_is_cut_off(self):
        sample.directory(self.path)
        name = 'direct-randread-4k-q1-j1/r01.json'
        os.truncate(os.path.join(self.path, name), 10)
        self.says(f'{name}: 10 bytes')
        self.assertEqual(self.look().text.count(f'{name}: 10 bytes'), 1)

    def test_measured_by_another_path(self):
        sample.directory(self.path, sample.points(3), rounds=2)

        def other(line):
            if line['point'].startswith('direct') and line['round'] == 2:
                line['measured']['family'] = 'A'
            return line
        page_sample.lines(self.path, other)
        self.says('direct direct B heap:system 1 1',
                  'direct direct A heap:system 1 1')


class Caveats(Case):
    def once(self, *texts):
        text = self.look().text
        for words in texts:
            self.assertEqual(text.count(words), 1, words)

    def test_one_boot(self):
        sample.directory(self.path)
        self.once('in one boot, so that variation between boots is not '
                  'included')

    def test_several_boots(self):
        sample.directory(self.path)
        page_sample.lines(self.path, lambda line: line | {
            'boot': f'b{line["round"] % 2}'})
        self.once('in 2 boots.')
        self.assertNotIn('one boot', self.look().text)

    def test_unknown_boots(self):
        sample.directory(self.path)
        page_sample.lines(self.path, lambda line: line | {'boot': None})
        self.once('boot not recorded.')

    def test_few_rounds(self):
        sample.directory(self.path, rounds=3)
        self.once('Only 3 rounds: too few')

    def test_not_steady(self):
        page_sample.steady(self.path, reached=6)
        self.once('Steady state was not reached (limit: 25 rounds)')

    def test_all_at_once(self):
        page_sample.failed(self.path)
        self.once('2 of 12 points failed', 'Only 3 rounds',
                  '1 point with fewer than 3 rounds', 'one boot')


class WithoutGnuplot(Case):
    def write(self):
        """The page and what is said on stderr, with an empty PATH."""
        with mock.patch.dict(os.environ, PATH=self.top.name), \
                mock.patch('sys.stderr', io.StringIO()) as said:
            status = report.main(argparse.Namespace(
                directory=self.path, output=None))
        self.assertEqual(status, 0)
        with open(os.path.join(self.path, 'report.html'),
                  encoding='utf-8') as file:
            page = page_check.check(file.read())
        self.assertEqual(page.wrong, [])
        return page, said.getvalue()

    def lacks(self, page, said):
        self.assertRegex(said, '^[^\n]*: ' + MISSING + '\n$')
        self.assertEqual(page.text.count(MISSING), 1)

    def test_all_but_the_plots(self):
        sample.directory(self.path, traced=True)
        page, said = self.write()
        self.lacks(page, said)
        for text in ('13.3', 'Comparison of paths', 'IOPS by round',
                     'IOPS, minimum to maximum', 'Maps per I/O'):
            self.assertIn(text, page.text)
        self.assertNotIn('By queue depth', page.text)

    def test_steady_state_in_words(self):
        page_sample.steady(self.path)
        page, said = self.write()
        self.lacks(page, said)
        self.assertIn('rounds 5 to 9: average', page.text)
        self.assertNotIn('Left: all rounds', page.text)

    def test_is_not_missed_where_nothing_is_plotted(self):
        sample.directory(self.path, sample.points(2))
        page, said = self.write()
        self.assertEqual(said, '')
        self.assertNotIn('gnuplot', page.text)


class Steady(Case):
    def test_reached(self):
        page_sample.steady(self.path)
        self.says('Steady state was reached in round 9',
                  'rounds 5 to 9: average', 'Medians of the last 5 rounds')

    def test_not_reached(self):
        page_sample.steady(self.path, reached=6)
        self.says('Steady state was not reached', ': not steady')

    def test_noted_and_not_so(self):
        page_sample.steady(self.path, reached=6)
        page_sample.change(self.path, 'directory.json',
                           steady=page_sample.STEADY)
        self.says('recorded for round 9, but the values below exceed')

    def test_too_few_rounds_for_a_window(self):
        page_sample.steady(self.path, reached=3)
        self.says('fewer than 5 rounds')

    def test_figures_are_those_of_the_window(self):
        page_sample.steady(self.path)

        def plain(line):
            line['metrics']['iops'] = line['round'] * 1e5
            return line
        page_sample.lines(self.path, plain)
        text = report.page_of(self.path)
        self.assertTrue('data-v="700000"' in text)
        self.assertFalse('data-v="500000"' in text)


class Write(Case):
    def test_whole_or_not_at_all(self):
        file = os.path.join(self.top.name, 'page')
        report.write_page(file, 'one')
        report.write_page(file, 'two')
        with self.assertRaisesRegex(Problem, 'page/x: .*; give another'):
            report.write_page(file + '/x', 'three')
        with open(file, encoding='utf-8') as page:
            self.assertEqual(page.read(), 'two')
        self.assertEqual(os.listdir(self.top.name), ['page'])

    def test_a_line_of_an_unknown_point(self):
        sample.directory(self.path, rounds=1)
        page_sample.lines(self.path, lambda line: line | {'point': 'x'})
        with self.assertRaisesRegex(Problem, 'x was measured, but points'):
            report.page_of(self.path)


class Steps(Case):
    def test_paths_side_by_side(self):
        sample.directory(self.path, sample.points(3), traced=True)
        self.says('Comparison of paths', 'direct 0', 'staged 1', 'host 0')
        text = report.page_of(self.path)
        self.assertEqual(text.count('fill-opacity'), 3 * 2)

    def test_what_is_no_known_path_has_no_copies(self):
        page_sample.hostile(self.path)
        self.says('Comparison of paths')

    def test_not_for_two_paths_or_many_groups(self):
        for number, plan in enumerate((sample.points(2),
                                       sample.points(200))):
            path = f'{self.path}{number}'
            sample.directory(path, plan, rounds=1)
            self.assertFalse('Comparison of paths' in report.page_of(path))
