# SPDX-License-Identifier: GPL-2.0-only
"""Which points stand in which picture."""

import itertools
import unittest

from bench.page import labels, looks, plots


def points(**axes):
    """One for each combination of the values of these axes."""
    return [{'name': str(values), 'axes': dict(zip(axes, values)),
             'figures': {'iops': (10, 9, 11)}}
            for values in itertools.product(*axes.values())]


def titles(panels):
    return [panel['title'] for panel in panels]


def lines(panel):
    return [name for name, _, _ in panel['lines']]


class Varying(unittest.TestCase):
    def test_what_the_path_says_is_not_said_again(self):
        some = points(path=['host', 'direct'], iodepth=[1, 2])
        for point in some:
            point['axes']['source'] = 'for ' + point['axes']['path']
        self.assertEqual(labels.varying(some), ['path', 'iodepth'])
        some[0]['axes']['source'] = 'another'
        self.assertEqual(labels.varying(some), ['path', 'source', 'iodepth'])

    def test_empty_is_no_value(self):
        some = points(path=['host'], place=['', None])
        self.assertEqual(labels.varying(some), [])

    def test_sizes_in_bytes(self):
        self.assertEqual(labels.size_in_bytes('128k'), 131072)
        self.assertIsNone(labels.size_in_bytes('4k,64k'))


class Panels(unittest.TestCase):
    def test_lines_are_paths(self):
        some = points(path=['host', 'direct'], rw=['randread', 'randwrite'],
                      bs=[4096, 131072], iodepth=[8, 1])
        panels = plots.panels(some, 'iodepth')
        self.assertEqual(titles(panels), [
            'randread, 4k', 'randread, 128k', 'randwrite, 4k',
            'randwrite, 128k'])
        self.assertEqual(lines(panels[0]), ['host', 'direct'])
        panels = plots.panels(some, 'bs')
        self.assertEqual(titles(panels)[0], 'randread, depth 8')

    def test_points_of_a_line_are_in_order(self):
        panel, = plots.panels(points(path=['host'], iodepth=[8, 1, 4]),
                                'iodepth')
        self.assertEqual([point['axes']['iodepth']
                          for point in panel['lines'][0][2]], [1, 4, 8])

    def test_mixes_of_one_path_share_a_picture(self):
        some = points(path=['host'], rw=['randrw'], bs=[4096, 8192],
                      rwmixread=[0, 5, 35, 50, 65, 95, 100], iodepth=[32])
        panel, = plots.panels(some, 'bs')
        self.assertEqual(len(panel['lines']), 7)

    def test_never_more_lines_than_styles(self):
        some = points(path=['host', 'direct'], iodepth=[1, 2],
                      source=[f's{number}' for number in range(13)],
                      place=['a', 'b'])
        for panel in plots.panels(some, 'iodepth'):
            self.assertLessEqual(len(panel['lines']), looks.MOST)
        self.assertEqual(sum(len(panel['lines']) for panel in
                             plots.panels(some, 'iodepth')), 52)

    def test_more_paths_than_styles(self):
        some = points(path=[f'p{number}' for number in range(15)],
                      iodepth=[1, 2])
        panels = plots.panels(some, 'iodepth')
        self.assertTrue(all(len(panel['lines']) <= looks.MOST
                            for panel in panels))
        self.assertEqual(sum(len(panel['lines']) for panel in panels), 15)

    def test_other_paths_in_each_panel(self):
        some = points(bs=[4096], path=[f'p{number}' for number in range(10)],
                      iodepth=[1, 2])
        some += points(bs=[8192], iodepth=[1, 2],
                       path=[f'q{number}' for number in range(10)])
        for panel in plots.panels(some, 'iodepth'):
            self.assertEqual(len({look for _, look, _ in panel['lines']}), 10)

    def test_a_path_looks_the_same_everywhere(self):
        some = points(bs=[4096, 8192], path=['host', 'direct'],
                      iodepth=[1, 2])
        del some[0:2]   # host at 4k
        for panel in plots.panels(some, 'iodepth'):
            for name, look, _ in panel['lines']:
                self.assertEqual(look, looks.of_path(name))

    def test_places_of_a_path_have_its_colour(self):
        panel, = plots.panels(points(path=['host', 'direct'], iodepth=[1, 2],
                                     place=['a', 'b', 'c']), 'iodepth')
        self.assertEqual({(name.split(',')[0], look.ink)
                          for name, look, _ in panel['lines']},
                         {('host', looks.of_path('host').ink),
                          ('direct', looks.of_path('direct').ink)})
        self.assertEqual(len({look for _, look, _ in panel['lines']}), 6)

    def test_sides_are_lines(self):
        some = points(side=['A', 'B'], path=['host', 'direct'],
                      iodepth=[1, 2])
        panels = plots.panels(some, 'iodepth')
        self.assertEqual(titles(panels), ['host', 'direct'])
        self.assertEqual(lines(panels[0]), ['A', 'B'])
        self.assertEqual([look for _, look, _ in panels[0]['lines']],
                         [looks.of_side(0), looks.of_side(1)])

    def test_one_value_is_no_line(self):
        self.assertEqual(plots.panels(points(path=['a', 'b'], bs=[4096]),
                                        'bs'), [])

    def test_sizes_that_are_none_are_left_out(self):
        some = points(path=['host'], bs=['4k,8k', 4096, 8192])
        panel, = plots.panels(some, 'bs')
        self.assertEqual(len(panel['lines'][0][2]), 2)


class Picture(unittest.TestCase):
    def panel(self, **axes):
        panel, = plots.panels(points(path=['host'], **axes), 'iodepth')
        return panel

    def test_unknown_metric_has_none(self):
        self.assertIsNone(plots.metric_plot(self.panel(iodepth=[1, 2]), 'cpu'))

    def test_axes(self):
        plot = plots.metric_plot(self.panel(iodepth=[1, 2, 64]), 'iops')
        self.assertTrue(plot['logx'])
        self.assertEqual([label for _, label in plot['xticks']],
                         ['1', '2', '64'])
        self.assertIn('host: 10.0 at 1 to 10.0 at 64', plot['alternative'])
        self.assertFalse(plots.metric_plot(self.panel(iodepth=[3, 4]),
                                        'iops')['logx'])

    def test_labels_do_not_lie_on_each_other(self):
        plot = plots.metric_plot(self.panel(iodepth=list(range(1000, 1200))),
                              'iops')
        self.assertLess(len(plot['xticks']), 12)

    def test_latencies_far_apart_are_logarithmic(self):
        panel = self.panel(iodepth=[1, 64])
        for point, value in zip(panel['lines'][0][2], (1e4, 1e6)):
            point['figures'] = {'lat_p99': (value, value, value)}
        plot = plots.metric_plot(panel, 'lat_p99')
        self.assertTrue(plot['logy'])
        self.assertIn('(logarithmic)', plot['title'])
