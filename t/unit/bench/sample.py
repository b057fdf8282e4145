#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Directories of results as doc/bench.md describes them (format 1), made up
from a seed: their rounds scatter as those of real drives do. By hand:

    t/unit/bench/sample.py DIR [--boots N] [--rounds N] [--speed FACTOR] ...

The noise of a point, 1 to 3 % from one round to the next, is its own; one
round in fifty is an outlier; all slow down a little from round to round.
"""

import argparse
import itertools
import json
import math
import os
import random

NOISE = (0.01, 0.03)    # relative, of each point
OUTLIER = 0.01          # of all measurements
DRIFT = 0.002           # per round
RUNTIME = 1             # seconds
BINS = 8                # between one percentile and the next
START = 1700000000
HOUR = 3600

# What one I/O of 4 KiB costs on each path: ns, CPU us, switches, syscalls,
# maps
PATHS = {
    'direct': (9000, 1.1, 0.4, 0.5, 0),
    'pinned': (9500, 1.4, 0.4, 0.5, 1),
    'staged': (9800, 1.9, 0.4, 0.5, 1),
    'host': (9600, 1.5, 0.4, 0.5, 1),
}
# how much longer a larger one takes
SIZES = {'4k': 1, '128k': 9, '16k': 2, '1m': 70}
DEPTHS = (1, 32, 8, 128, 4, 64, 2, 16)
SIZE = {'k': 1024, 'm': 1024 ** 2}
LONGER = {int(size[:-1]) * SIZE[size[-1]]: times
          for size, times in SIZES.items()}
SOURCES = {'direct': 'heap:system', 'pinned': 'udmabuf',
           'staged': 'heap:system', 'host': None}


def point(path, size, depth, jobs=1, rw='randread', place='packed'):
    source = SOURCES[path]
    bytes_ = int(size[:-1]) * SIZE[size[-1]]
    name = f'{path}-{rw}-{size}-q{depth}-j{jobs}'
    if place != 'packed':
        name += '-' + place
    axes = {'path': path, 'source': source, 'rw': rw, 'rwmixread': None,
            'bs': bytes_, 'iodepth': depth, 'numjobs': jobs,
            'place': place if source else None, 'drives': ''}
    job = [f'rw={rw}', f'bs={bytes_}', f'iodepth={depth}',
           f'numjobs={jobs}', 'ioengine=dmabuf', f'dmabuf_path={path}']
    if source:
        job += [f'dmabuf_source={source}', f'dmabuf_place={place}']
    job += [f'runtime={RUNTIME}', 'ramp_time=0', 'time_based=1',
            'group_reporting=1', 'lat_percentiles=1']
    return {'name': name, 'axes': axes, 'job': job}


def points(count=12, paths=('direct', 'staged', 'host')):
    """That many points: paths, then depths, sizes, jobs."""
    every = itertools.product(range(1, 1000), SIZES, DEPTHS, paths)
    if count <= len(paths) * 4:
        every = itertools.product((1,), ('4k', '128k'), (1, 32), paths)
    return [point(path, size, depth, jobs)
            for jobs, size, depth, path in itertools.islice(every, count)]


def base(point):
    """The figures of a point without noise."""
    axes = point['axes']
    cost, cpu, switches, syscalls, maps = PATHS[axes['path']]
    size = LONGER[axes['bs']]
    depth = axes['iodepth'] * axes['numjobs']
    ios = 1e9 / (cost * size) * min(1, 0.12 * depth ** 0.7)
    return {'iops': ios, 'cpu': cpu * (0.9 + 0.1 * size), 'maps': maps,
            'unmaps': maps, 'switches': switches / axes['iodepth'] ** 0.3,
            'syscalls': syscalls}


def noisy(point, number, random_, changes, noise, boot):
    """The metrics of one round. `changes` are factors of metrics; "speed"
    changes the rate and with it the latencies."""
    size, depth = point['axes']['bs'], point['axes']['iodepth']
    depth *= point['axes']['numjobs']
    figures = base(point)

    def spread(scale=1.0):
        return max(0.2, 1 + random_.gauss(0, noise * scale))

    rate = figures['iops'] * spread() * boot * changes.get('speed', 1)
    rate *= 1 - DRIFT * number
    if random_.random() < OUTLIER:
        rate *= random_.uniform(0.7, 0.92)
    mean = depth * 1e9 / rate
    metrics = {
        'iops': rate, 'lat_mean': mean,
        'lat_p50': 0.95 * mean * spread(0.3), 'lat_p99': 1.8 * mean * spread(),
        'lat_p999': 3 * mean * spread(2),
        'cpu': figures['cpu'] * spread(0.8),
        'switches': figures['switches'] * spread(0.5)}
    for name in list(metrics):
        metrics[name] *= changes.get(name, 1)
    metrics['bw'] = metrics['iops'] * size * changes.get('bw', 1)
    return metrics


def records(plan=None, rounds=7, seed=1, changes=None, noise=NOISE,
            traced=False, boot_noise=0.0, boot='b0', size=0, start=START):
    """The lines of an index. `changes` is {name of a point or "*": {metric
    or "speed": factor}}, `noise` a number or the two ends of a range."""
    random_ = random.Random(seed)
    plan = points() if plan is None else plan
    changes = changes or {}
    low, high = noise if isinstance(noise, tuple) else (noise, noise)
    # a point is as noisy on one side as on the other
    levels = {point['name']: random.Random(point['name']).uniform(low, high)
              for point in plan}
    boots = {point['name']: 1 + random_.gauss(0, boot_noise) for point in plan}
    sequence = 0
    for number in range(1, rounds + 1):
        order = list(plan)
        random_.shuffle(order)
        for point in order:
            name = point['name']
            factors = {**changes.get('*', {}), **changes.get(name, {})}
            metrics = noisy(point, number, random_, factors, levels[name],
                            boots[name])
            if traced:
                for key in ('syscalls', 'maps', 'unmaps'):
                    metrics[key] = base(point)[key] * factors.get(key, 1)
            sequence += 1
            yield {'seq': sequence, 'round': number, 'point': name,
                   'file': f'{name}/r{number:02}.json', 'bytes': size,
                   'start': start, 'boot': boot, 'metrics': metrics,
                   'measured': {'path': point['axes']['path'], 'family': 'B',
                                'source': point['axes']['source'] or
                                'memory'}}
            start += RUNTIME + 1


def latency(metrics, count):
    """A histogram that has these percentiles, and bins between them."""
    p50, p99, p999 = (int(metrics[name])
                      for name in ('lat_p50', 'lat_p99', 'lat_p999'))
    ends = [(0, max(p50 // 2, 1)), (0.5, p50), (0.99, p99), (0.999, p999),
            (1, int(p999 * 1.4))]
    bins, seen = {}, 0
    for (share, ns), (next_share, next_ns) in zip(ends, ends[1:]):
        for step in range(1, BINS + 1):
            upto = math.ceil(count * (next_share - (next_share - share) *
                                      (1 - step / BINS) ** 2))
            at = next_ns
            if step < BINS:
                upto = min(upto, math.ceil(count * next_share) - 1)
                at = int(ns * (next_ns / ns) ** (step / BINS))
            if upto > seen:
                bins[at] = bins.get(at, 0) + upto - seen
                seen = upto
    return {'min': p50 // 2, 'max': max(bins), 'mean': metrics['lat_mean'],
            'stddev': p50 / 10, 'N': count,
            'percentile': {'50.000000': p50, '99.000000': p99,
                           '99.900000': p999},
            'bins': {str(at): number for at, number in bins.items()}}


def json_plus(point, metrics):
    """What fio writes, as far as anybody reads it."""
    count = int(metrics['iops'] * RUNTIME)
    none = {'io_bytes': 0, 'bw_bytes': 0, 'iops': 0.0, 'runtime': 0,
            'total_ios': 0,
            'lat_ns': {'min': 0, 'max': 0, 'mean': 0.0, 'stddev': 0.0,
                       'N': 0}}
    reads = {'io_bytes': int(metrics['bw'] * RUNTIME),
             'bw_bytes': int(metrics['bw']), 'iops': metrics['iops'],
             'runtime': RUNTIME * 1000, 'total_ios': count,
             'lat_ns': latency(metrics, count)}
    busy = metrics['cpu'] * count / (RUNTIME * 1e6) * 100
    options = dict(line.split('=', 1) for line in point['job'])
    return {'fio version': 'fio-3.33', 'timestamp': START,
            'jobs': [{'jobname': point['name'], 'groupid': 0, 'error': 0,
                      'elapsed': RUNTIME + 1, 'job options': options,
                      'read': reads, 'write': none, 'trim': none,
                      'job_runtime': RUNTIME * 1000,
                      'usr_cpu': busy * 0.2, 'sys_cpu': busy * 0.8,
                      'ctx': int(metrics['switches'] * count)}],
            'disk_util': []}


def report(point):
    """The engine's dmabuf_report, as far as anybody reads it."""
    return {'job': point['name'], 'job_number': 1,
            'path': point['axes']['path'], 'interface_family': 'B',
            'source': point['axes']['source'] or 'memory',
            'place': point['axes']['place'] or 'packed', 'errors': {},
            'fio': 'fio-3.33', 'fio_dmabuf': '0.1.0'}


def environment(kernel='6.12.57+deb13-amd64', iommu='DMA', drive='Sample 1 TB',
                fio='fio-3.33', plugin='0.1.0', governor='performance',
                boot='boot-1'):
    """As environment.collect() returns it, with what a test may change."""
    controller = {'name': 'nvme0', 'transport': 'pcie', 'state': 'live',
                  'address': '0000:01:00.0', 'numa_node': 0,
                  'iommu_group': '12', 'iommu': iommu,
                  'current_link_speed': '16.0 GT/s PCIe',
                  'current_link_width': '4'}
    return {
        'created': START, 'bench': '0.1.0', 'host_name': 'sample',
        'boot': boot,
        'kernel': {'release': kernel, 'version': f'#1 SMP {kernel}',
                   'command_line': 'quiet', 'config_file': '/proc/config.gz',
                   'config': {'HZ': '250', 'IOMMU_DEFAULT_DMA_LAZY': 'y'},
                   'sysctl': {'kernel.io_uring_disabled': '0'},
                   'parameters': {}, 'clock_source': 'tsc'},
        'cpu': {'model': 'Sample CPU', 'count': 16, 'microcode': '0x1',
                'smt': 'on', 'governor': governor},
        'mitigations': {'meltdown': 'Not affected'},
        'memory': {'bytes': 64 << 30, 'huge_pages': 0, 'thp': 'madvise'},
        'memlock': None, 'load': '0.00 0.00 0.00 1/100 1',
        'drives': [{'name': '/dev/nvme0n1', 'kind': 'nvme',
                    'block': 'nvme0n1', 'disk': 'nvme0n1', 'model': drive,
                    'serial': 'S1', 'firmware': '1.0', 'bytes': 10 ** 12,
                    'queue': {'scheduler': 'none'},
                    'controllers': [controller]}],
        'fio': {'file': '/usr/bin/fio', 'version': fio, 'sha256': None},
        'plugin': {'file': None, 'version': plugin, 'sha256': None},
        'check': None, 'check_missing': 'dmabuf-check: not found'}


def write(path, content):
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(content, file)
        file.write('\n')


def directory(path, plan=None, rounds=7, seed=1, system=None, files=True,
              **how):
    """A directory of results; what else can be said is said to records().
    `system` is what environment() gives. Without `files` an index alone."""
    plan = points() if plan is None else plan
    os.makedirs(path)
    write(os.path.join(path, 'directory.json'), {
        'format': 1, 'plan': 'sample', 'rounds': rounds, 'runtime': RUNTIME,
        'ramp': 0, 'seed': seed, 'order': 'random', 'created': START,
        'host': None})
    with open(os.path.join(path, 'plan.ini'), 'w', encoding='utf-8') as file:
        file.write(f'[plan]\nname = sample\nrounds = {rounds}\n'
                   f'runtime = {RUNTIME}\n')
    write(os.path.join(path, 'points.json'), {'points': plan})
    write(os.path.join(path, 'environment.json'), system or environment())
    named = {point['name']: point for point in plan}
    with open(os.path.join(path, 'index.jsonl'), 'w',
              encoding='utf-8') as index:
        for record in records(plan, rounds, seed, **how):
            if files:
                one_file(path, named[record['point']], record)
            index.write(json.dumps(record) + '\n')
    return path


def one_file(path, point, record):
    file = os.path.join(path, record['file'])
    os.makedirs(os.path.dirname(file), exist_ok=True)
    write(file, json_plus(point, record['metrics']))
    write(file[:-len('.json')] + '.report', report(point))
    with open(file[:-len('.json')] + '.log', 'w', encoding='utf-8'):
        pass
    record['bytes'] = os.path.getsize(file)


def boots(path, count, seed=1, **how):
    """A side of several boots: a directory of directories. Those of two sides
    took turns; the order within a turn is that of the seeds.
    """
    for number in range(1, count + 1):
        directory(os.path.join(path, f'boot{number:02}'),
                  seed=seed * 1000 + number, boot=f'boot-{seed}-{number}',
                  start=START + (number * 100 + seed % 100) * HOUR, **how)
    return path


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('directory')
    parser.add_argument('--points', type=int, default=12)
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--boots', type=int)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--speed', type=float, default=1, metavar='FACTOR')
    parser.add_argument('--kernel', default='6.12.57+deb13-amd64')
    parser.add_argument('--traced', action='store_true')
    parser.add_argument('--no-files', dest='files', action='store_false')
    return parser.parse_args()


def main(options):
    how = {'plan': points(options.points), 'rounds': options.rounds,
           'seed': options.seed, 'traced': options.traced,
           'files': options.files,
           'system': environment(kernel=options.kernel),
           'changes': {'*': {'speed': options.speed}}}
    if options.boots:
        boots(options.directory, options.boots, boot_noise=0.003, **how)
    else:
        directory(options.directory, boot=f'boot-{options.seed}', **how)


if __name__ == '__main__':
    main(arguments())
