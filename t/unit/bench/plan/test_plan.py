# SPDX-License-Identifier: GPL-2.0-only
"""Plans and their points: what is taken, what is refused, and the jobs."""

import os
import unittest
from unittest import mock

from bench import units
from bench.measure import options
from bench.plan import job, paths, plan, point
from vm.problem import Problem

VARIABLES = {'DRIVE': '/dev/nvme0n1', 'DRIVE1': '/dev/nvme0n1',
             'DRIVE2': '/dev/nvme1n1', 'PURGE': 'nvme format'}


def points(text, variables=VARIABLES):
    return point.points_of(plan.parse_plan('x.ini', text, variables))


def names(text):
    return [each['name'] for each in points(text)[0]]


class Units(unittest.TestCase):
    def test_sizes(self):
        for text, size in (('4k', 4096), ('4K', 4096), ('4KiB', 4096),
                           ('512', 512), ('1m', 1 << 20), ('2g', 2 << 30),
                           ('1t', 1 << 40), ('128kb', 131072)):
            self.assertEqual(units.parse_size(text), size)
        for text in ('', 'k', '0', '0k', '4kk', '-4k', '4.5k', '4 k'):
            self.assertRaises(ValueError, units.parse_size, text)
        for size, text in ((4096, '4k'), (1536, '1536'), (1 << 20, '1m'),
                           (3 << 30, '3g'), (512, '512')):
            self.assertEqual(units.show_size(size), text)

    def test_times(self):
        for text, seconds in (('10', 10), ('10s', 10), ('2m', 120),
                              ('2min', 120), ('1h', 3600), ('1d', 86400)):
            self.assertEqual(units.parse_time(text), seconds)
        for text in ('', 's', '-1', '1.5', '1w'):
            self.assertRaises(ValueError, units.parse_time, text)
        for seconds, text in ((0, '0 s'), (59.6, '1 min'), (90, '1 min 30 s'),
                              (3600, '1 h'), (5400, '1 h 30 min'),
                              (200000, '2 days 7 h')):
            self.assertEqual(units.show_time(seconds), text)


class Points(unittest.TestCase):
    def test_product(self):
        found = names('[points]\npath = host direct\nbs = 4k 128k\n'
                      'iodepth = 1 32\n')
        self.assertEqual(len(found), 8)
        self.assertEqual(found[0], 'host-randread-4k-q1-j1')
        self.assertEqual(found[-1], 'direct-randread-128k-q32-j1')

    def test_defaults(self):
        made, left_out = points('[points]\n')
        self.assertEqual(left_out, [])
        self.assertEqual(made[0]['axes'], {
            'path': 'direct', 'source': 'heap:system', 'rw': 'randread',
            'rwmixread': None, 'bs': 4096, 'iodepth': 32, 'numjobs': 1,
            'place': 'packed', 'drives': ''})

    def test_job(self):
        job = points('[plan]\nruntime = 7\nramp = 2\n[points]\n'
                     'path = staged\nrw = randrw\nrwmixread = 70\n'
                     'bs = 8k\niodepth = 3\nnumjobs = 2\n'
                     'place = spread:256m\n[fio]\nsize = 1g\nnorandommap\n'
                     '[fio host]\ncpus_allowed = 1\n')[0][0]['job']
        for line in ('rw=randrw', 'rwmixread=70', 'bs=8192', 'iodepth=3',
                     'numjobs=2', 'direct=1', 'dmabuf_path=staged',
                     'dmabuf_source=heap:system', 'dmabuf_place=spread',
                     'dmabuf_size=256m', 'time_based=1', 'runtime=7',
                     'ramp_time=2', 'group_reporting=1', 'size=1g',
                     'norandommap'):
            self.assertIn(line, job)
        self.assertNotIn('cpus_allowed=1', job)
        self.assertFalse([each for each in job if each.startswith('filename')])

    def test_options_of_a_path(self):
        made, _ = points('[points]\npath = host direct\n[fio host]\n'
                         'cpus_allowed = 1\n')
        self.assertIn('cpus_allowed=1', made[0]['job'])
        self.assertNotIn('cpus_allowed=1', made[1]['job'])

    def test_jobs_in_order_have_parts(self):
        text = '[points]\npath = host\nrw = {}\nnumjobs = {}\n'
        parts = 'offset_increment={0}%', 'size={0}%'
        for rw in ('read', 'write', 'rw', 'readwrite'):
            for jobs, percent in ((4, 25), (3, 33), (100, 1)):
                made, said = points(text.format(rw, jobs))
                self.assertEqual(said, [])
                for part in parts:
                    self.assertIn(part.format(percent), made[0]['job'])
        for rw, jobs in (('read', 1), ('randread', 4), ('randrw', 4)):
            made, said = points(text.format(rw, jobs))
            self.assertEqual(said, [])
            self.assertNotIn('size=', ' '.join(made[0]['job']))

    def test_jobs_that_share_blocks_are_said(self):
        text = '[points]\npath = host\nrw = read\nbs = 4k 8k\nnumjobs = {}\n'
        made, said = points(text.format('1 4') + '[fio]\nsize = 1g\n')
        self.assertEqual(len(said), 1)
        self.assertRegex(said[0], 'rw read, numjobs 4: .* same block, because '
                         r'\[fio\] sets size; add offset_increment')
        self.assertEqual([line for line in made[-1]['job'] if 'size=' in line],
                         ['size=1g'])
        made, said = points(text.format(101))
        self.assertRegex(said[0], 'numjobs 101: .* more than 100; give fewer')
        self.assertNotIn('size=', ' '.join(made[0]['job']))
        for own in ('[fio]\noffset_increment = 1g\nsize = 2g\n',
                    '[fio host]\nsize = 2g\noffset_increment = 1g\n'):
            made, said = points(text.format(4) + own)
            self.assertEqual(said, [])
            self.assertNotIn('size=25%', made[0]['job'])

    def test_an_option_is_there_once(self):
        """The last one, with all names of an option taken together."""
        made, _ = points('[points]\npath = buffered mmap host\niodepth = 1\n'
                         '[fio]\nrandrepeat = 1\nsize = 4m\nio_limit = 1m\n'
                         'verify_pattern = 0xff\n'
                         '[fio host]\nsize = 8m\nio_size = 2m\n'
                         'norandommap\ndirect = 0\n')
        for each in made:
            found = [job.option_name(line) for line in each['job']]
            self.assertEqual(len(found), len(set(found)), each['job'])
            self.assertLessEqual({'randrepeat=1', 'verify_pattern=0xff'},
                                 set(each['job']))
        self.assertLessEqual({'size=4m', 'io_limit=1m', 'norandommap=0',
                              'time_based=0', 'direct=0'},
                             set(made[0]['job']))
        self.assertLessEqual({'size=8m', 'io_size=2m', 'norandommap',
                              'time_based=1', 'direct=0'},
                             set(made[2]['job']))

    def test_mix_is_for_mixes(self):
        made, _ = points('[points]\npath = host\nrw = randread randrw\n'
                         'rwmixread = 0 65 100\n')
        self.assertEqual([each['axes']['rwmixread'] for each in made],
                         [None, 0, 65, 100])
        self.assertEqual(points('[points]\nrw = rw\n')[0][0]['axes']
                         ['rwmixread'], 50)

    def test_source_of_another_path_is_left_out_and_said(self):
        made, left_out = points('[points]\npath = host direct\n'
                                'source = memory udmabuf\n')
        self.assertEqual([(each['axes']['path'], each['axes']['source'])
                          for each in made],
                         [('host', 'memory'), ('direct', 'udmabuf')])
        self.assertEqual(left_out, [
            '[points]: path host does not take source udmabuf; left out',
            '[points]: path direct does not take source memory; left out'])

    def test_too_much_for_io_uring_is_left_out_and_said(self):
        made, left_out = points(
            '[points]\npath = io_uring fixed host\nbs = 4k 1g 2g\n'
            'iodepth = 16384 32768 32769\n')
        self.assertEqual(
            {(each['axes']['path'], each['axes']['bs'],
              each['axes']['iodepth']) for each in made},
            {(path, bs, depth) for path, most, sizes in (
                ('io_uring', 32768, (4096, 1 << 30, 2 << 30)),
                ('fixed', 16384, (4096, 1 << 30)),
                ('host', 32768, (4096, 1 << 30))) for bs in sizes
             for depth in (16384, 32768) if depth <= most})
        self.assertIn("[points]: path host takes a bs of at most 1g (io_uring's"
                      ' limit of a buffer; bs 2g); left out', left_out)

    def test_place_on_host_is_left_out_and_said(self):
        made, left_out = points('[points]\npath = host direct\n'
                                'place = packed tail\n')
        self.assertEqual([each['axes']['place'] for each in made],
                         [None, 'packed', 'tail'])
        self.assertEqual(left_out,
                         ['[points]: path host has no place; left out'])

    def test_sections_together(self):
        found = names('[points a]\npath = host\niodepth = 1 32\n'
                      '[points b]\npath = host\niodepth = 32 64\n')
        self.assertEqual(found, [f'host-randread-4k-q{n}-j1'
                                 for n in (1, 32, 64)])

    def test_names(self):
        made, _ = points('[points]\nsource = drm:/dev/dri/card0,vram\n'
                         'drives = ${DRIVE1} ${DRIVE1}:${DRIVE2}\n')
        for each in made:
            self.assertRegex(each['name'], r'^[\w.+-]+$')
        self.assertTrue(made[1]['name'].endswith('nvme0n1+nvme1n1'))
        self.assertEqual(made[1]['axes']['drives'],
                         '/dev/nvme0n1:/dev/nvme1n1')

    def test_equal_names_are_refused(self):
        with self.assertRaisesRegex(Problem, 'two points have the name'):
            points('[points]\nsource = fd:/a_b fd:/a/b\n')

    def test_colons_in_names_of_drives(self):
        name = '/dev/disk/by-path/pci-0000:01:00.0-nvme-1'
        text = point.filename([name, '/dev/sda'])
        self.assertEqual(text.count('\\:'), 2)
        self.assertEqual(point.drive_names(text), [name, '/dev/sda'])

    def test_a_drive_given_twice_is_refused(self):
        made, _ = points('[points]\ndrives = /dev/a /dev/a:/dev/b\n')
        self.assertEqual(point.drives_of(made, None), ['/dev/a', '/dev/b'])
        for text in '/dev/a:/dev/a', '/dev/a:/dev/b:/dev/a':
            made, _ = points(f'[points]\ndrives = {text}\n')
            with self.assertRaisesRegex(Problem, '/dev/a: given twice'):
                point.drives_of(made, None)

    def test_paths_as_functions(self):
        row = paths.Path('x', '', 0, lambda axes: [f'y={axes["bs"]}'])
        self.assertEqual(paths.path_options(row, {'bs': 1}), ['y=1'])
        self.assertFalse(paths.is_engine(row))

    def test_sources(self):
        for asked, reported, same in (
                ('heap', 'heap:system', True), ('heap:system', 'heap', True),
                ('heap:cma', 'heap:system', False),
                ('udmabuf', 'udmabuf:2M', False), ('heap', 'udmabuf', False),
                ('drm:card0', 'drm:/dev/dri/card0', True),
                ('memory', None, False)):
            self.assertIs(paths.same_source(asked, reported), same, asked)


REFUSED = (
    ('', r'no section \[points\]'),
    ('bs = 4k\n', 'no section headers'),
    ('[points]\nbs = 4k\nbs = 8k\n', "'bs' in section 'points' already"),
    ('[points]\n[points]\n', "section 'points' already exists"),
    ('[axes]\n', r'\[axes\]: unknown section; use plan, points'),
    ('[fio elsewhere]\n[points]\n', r'\[fio elsewhere\]: unknown'),
    ('[points]\ndepth = 1\n', r'\[points\] depth: unknown key; use one of'),
    ('[plan]\nround = 3\n[points]\n', r'\[plan\] round: unknown key'),
    ('[points]\nbs = 4x\n', r'\[points\] bs: 4x: not a size'),
    ('[points]\nbs = 4k 4096\n', 'bs: 4096: given twice'),
    ('[points]\nbs =\n', 'bs: no value'),
    ('[points]\nbs\n', 'bs: no value'),
    ('[points]\nrw = trim\n', 'rw: trim: unknown; use one of read'),
    ('[points]\npath = fast\n', 'path: fast: unknown; use one of buffered'),
    ('[points]\niodepth = 0\n', 'iodepth: 0: not a number from 1'),
    ('[points]\niodepth = many\n', 'iodepth: many: not a number'),
    ('[points]\nrwmixread = 101\n', 'rwmixread: 101: not a number from 0'),
    ('[points]\nplace = middle\n', 'place: middle: unknown; use one of pack'),
    ('[points]\nplace = tail:big\n', 'place: big: not a size'),
    ('[points]\ndrives = ${OTHER}\n', r'\$\{OTHER\} is not set; set it in'),
    ('[points]\ndrives = ${DRIVE3}\n', r'\$\{DRIVE3\} is not set; give --dr'),
    ('[points]\npath = pinned\nsource = heap\n', 'no points left'),
    ('[plan]\nrounds = 0\n[points]\n', 'rounds: 0: not a number from 1'),
    ('[plan]\nruntime = 0\n[points]\n', 'runtime: 0 measures nothing'),
    ('[plan]\nruntime = long\n[points]\n', 'runtime: long: not a time'),
    ('[plan]\norder = any\n[points]\n', 'order: any: unknown; use one of'),
    ('[fio]\nbs = 4k\n[points]\n', r'\[fio\] bs: the axes and the plan set'),
    ('[fio]\ntimeout = 4\n[points]\n', r'\[fio\] timeout: the axes and'),
    ('[fio]\nfilename = x\n[points]\n', r'\[fio\] filename: the axes and'),
    ('[points]\npath = host direct\niodepth = 65536\n',
     'no points left: path host takes an iodepth of at most 32768 .*65536'),
    ('[points]\npath = fixed\niodepth = 16385\n', 'at most 16384 .*16385'),
    ('[points]\npath = staged\nbs = 2g\n', 'a bs of at most 1g .*bs 2g'),
    ('[precondition]\niodepth = 32769\n[points]\n',
     'iodepth: 32769: not a number from 1 to 32768'),
    ('[precondition]\nsteps = wipe\n[points]\n', 'steps: wipe: unknown'),
    ('[precondition]\nsteps = fill*x\n[points]\n', 'steps: x: not a number'),
    ('[steady]\nmost = 3\n[points]\n', 'most: 3 rounds are fewer than the'),
    ('[steady]\npoints = depth=1\n[points]\n', 'points: depth: unknown'),
)


class OfPaths(unittest.TestCase):
    def lists(self, text, *paths):
        return point.points_of_paths(plan.parse_plan(
            'x.ini', '[points]\n' + text, VARIABLES), paths)

    def test_names_are_the_same(self):
        (one, two), left_out = self.lists(
            'path = host direct\niodepth = 1 8\n[fio staged]\nmem = mmap\n',
            'staged', 'io_uring')
        names = ['randread-4k-q1-j1', 'randread-4k-q8-j1']
        for points in one, two:
            self.assertEqual([each['name'] for each in points], names)
        self.assertEqual(left_out, [])
        self.assertEqual([each['axes']['path'] for each in one + two],
                         ['staged'] * 2 + ['io_uring'] * 2)
        self.assertEqual(one[0]['axes']['source'], 'heap:system')
        self.assertIn('mem=mmap', one[0]['job'])
        self.assertNotIn('mem=mmap', two[0]['job'])

    def test_a_name_has_what_the_plan_asks_for(self):
        (one, two), _ = self.lists('source = udmabuf heap\nplace = tail\n',
                                   'direct', 'io_uring')
        for points in one, two:
            self.assertEqual([each['name'] for each in points], [
                'udmabuf-randread-4k-q32-j1-tail',
                'heap_system-randread-4k-q32-j1-tail'])
        self.assertEqual([each['axes']['source'] for each in one + two],
                         ['udmabuf', 'heap:system', None, None])

    def test_what_one_cannot_do_is_left_out_of_both(self):
        (one, two), left_out = self.lists('iodepth = 1 8\n', 'psync', 'fixed')
        self.assertEqual([each['name'] for each in one + two],
                         ['randread-4k-q1-j1'] * 2)
        self.assertEqual(left_out, ['[points]: path psync does one I/O at a '
                                    'time (give iodepth = 1); left out'])
        with self.assertRaisesRegex(Problem, 'no points that path psync and '
                                    'path fixed can do: .*psync does one'):
            self.lists('iodepth = 8\n', 'psync', 'fixed')


class Refused(unittest.TestCase):
    def test_each_in_one_line(self):
        for text, words in REFUSED:
            with self.subTest(text=text), \
                    self.assertRaisesRegex(Problem, words) as caught:
                points(text)
            line = str(caught.exception)
            self.assertNotIn('\n', line)
            self.assertTrue(line.startswith('x.ini: '), line)

    def test_no_such_plan(self):
        for name, words in (('quickly', 'no such plan; give a file or one of'),
                            ('/nowhere/x.ini', 'No such file'),
                            ('/', 'Is a directory'),
                            ('/bin/true', 'not text')):
            with self.assertRaisesRegex(Problem, words):
                plan.load_plan(name, {})


class Sections(unittest.TestCase):
    def test_precondition(self):
        found = plan.parse_plan(
            'x', '[points]\n[precondition]\nsteps = fill*2 random\n'
            'purge = nvme\n  format\n', {}).precondition
        self.assertEqual(found, plan.Precondition(
            [('fill', 2), ('random', 1)], None, 32, 'nvme format'))
        for text in ('', '[precondition]\nsteps = none\n'):
            self.assertEqual(plan.parse_plan('x', '[points]\n' + text, {})
                             .precondition.steps, [])

    def test_steady(self):
        found = plan.parse_plan('x', '[points]\n[steady]\nwindow = 4\n'
                                'points =\n'
                                '  rwmixread=0 bs=4k\n  rwmixread=100\n',
                                {}).steady
        self.assertEqual(found, plan.Steady(
            4, 20, 10, 25, 'iops',
            [{'rwmixread': 0, 'bs': 4096}, {'rwmixread': 100}]))
        self.assertIsNone(plan.parse_plan('x', '[points]\n', {}).steady)

    def test_steady_without_points(self):
        text = ('[points]\npath = host\nrw = randrw\nrwmixread = 0 100\n'
                '[steady]\npoints =\n  rwmixread=0\n  {}\n')
        made, _ = points(text.format('rwmixread=100 bs=4k'))
        for line in 'rwmixread=50', 'bs=8k rwmixread=100', 'rw=randread':
            with self.assertRaisesRegex(
                    Problem, r'\[steady\] points: no point has .*; change '
                    'that line'):
                points(text.format(line))
        found = plan.parse_plan('x', text.format('bs=4k'), {})
        point.check_steady(found, made)
        with self.assertRaisesRegex(Problem, 'no point has rwmixread=0,'):
            point.check_steady(found, made[1:])

    def test_fewer_rounds_than_the_window(self):
        found = plan.parse_plan('x', '[points]\n[steady]\nwindow = 4\n', {})
        given = mock.Mock(rounds=3, seed=None, trace=None, runtime=None,
                          patience=None)
        with self.assertRaisesRegex(Problem, '--rounds: 3 are fewer than the '
                                    'window of 4 .*; give at least 4'):
            options.override_plan(given, found)
        given.rounds = 4
        self.assertEqual(options.override_plan(given, found).steady.most, 4)


class Shipped(unittest.TestCase):
    def test_all(self):
        found = plan.shipped_plans()
        self.assertLessEqual({'quick', 'iommu', 'ladder', 'sources', 'place',
                              'pts'}, set(found))
        for name, file in found.items():
            made = plan.load_plan(name, VARIABLES)
            self.assertTrue(made.description, name)
            self.assertEqual(made.name, name)
            self.assertTrue(os.path.isfile(file))
            self.assertTrue(point.points_of(made)[0])


if __name__ == '__main__':
    unittest.main()
