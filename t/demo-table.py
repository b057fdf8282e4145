# SPDX-License-Identifier: GPL-2.0-only
"""Prints the results of t/demo as one table.

A path has numbers only when its data was verified; one that failed has the
engine's error instead. Exit status 0 when every path has numbers, except for
path direct where the kernel lacks the interface.
"""

import json
import sys
import textwrap

PATHS = ['host', 'staged', 'pinned', 'direct']
MEANING = {
    'host': 'ordinary fixed buffers, no dma-buf',
    'staged': 'ordinary fixed buffers, copied to the dma-buf by the CPU',
    'pinned': 'ordinary I/O on the memory of the dma-buf',
    'direct': 'the dma-buf itself, registered for the drive',
}
LACKS = ('cannot register dma-bufs with io_uring',
         'the io_uring interface for dma-bufs is compiled out',
         'extended io_uring buffer descriptors exist, but none for dma-bufs')


def read_output(path):
    """The kernel, its IOMMU domain, and {path: (exit status, JSON)}."""
    with open(path) as f:
        lines = f.read().splitlines()
    kernel, iommu = lines[0], lines[1]
    runs, name = {}, None
    for line in lines[2:]:
        if line.startswith('@status '):
            _, name, status = line.split()
            runs[name] = (int(status), [])
        else:
            runs[name][1].append(line)
    return kernel, iommu, {
        name: (status, parse_json('\n'.join(text)))
        for name, (status, text) in runs.items()}


def parse_json(text):
    start = text.find('{')
    try:
        return json.loads(text[start:]) if start >= 0 else None
    except ValueError:
        return None


def read_reasons(path):
    """{path: the first line of the engine in that section}."""
    reasons, name = {}, None
    with open(path) as f:
        for line in f:
            if line.startswith('@section '):
                name = line.split()[1]
            elif line.startswith('dmabuf: ') and name:
                reasons.setdefault(name, line[len('dmabuf: '):].strip())
    return reasons


def figures(run):
    """(IOPS, MiB/s, CPU us per I/O, p50 us, p99 us), or None when the path
    failed or its data was not verified.
    """
    status, result = run
    if status or not result:
        return None
    jobs = {job['jobname']: job for job in result['jobs']}
    check = [job for name, job in jobs.items() if name.endswith('-check')]
    measured = [job for name, job in jobs.items()
                if name + '-check' in jobs]
    if not check or not measured or check[0]['error'] or \
            not check[0]['read']['total_ios']:
        return None
    job = measured[0]
    read = job['read']
    if job['error'] or not read['total_ios']:
        return None
    cpu = (job['usr_cpu'] + job['sys_cpu']) / 100 * read['runtime'] * 1000
    percentile = read['lat_ns']['percentile']
    return (read['iops'], read['bw_bytes'] / 2 ** 20,
            cpu / read['total_ios'], percentile['50.000000'] / 1000,
            percentile['99.000000'] / 1000)


def main():
    kernel, iommu, runs = read_output(sys.argv[1])
    reasons = read_reasons(sys.argv[2])
    failed = False

    test = kernel.endswith('-fio-dmabuf-test')
    print(f'\n4 KiB random reads, queue depth 16, verified data; kernel '
          f'{kernel}, IOMMU domain {iommu}\n')
    print(f'{"path":<8}{"IOPS":>9}{"MiB/s":>9}{"CPU us/IO":>11}'
          f'{"p50 us":>9}{"p99 us":>9}   what it is')
    for path in PATHS:
        row = figures(runs.get(path, (1, None)))
        if row:
            iops, mib, cpu, p50, p99 = row
            print(f'{path:<8}{iops:9.0f}{mib:9.1f}{cpu:11.1f}'
                  f'{p50:9.0f}{p99:9.0f}   {MEANING[path]}')
            if test and path == 'direct':
                print(f'{"":<8}test kernel: its speed on path direct means '
                      'nothing')
            continue
        reason = reasons.get(path, 'failed without an error of the engine')
        lacks = path == 'direct' and any(text in reason for text in LACKS)
        failed = failed or not lacks
        for number, line in enumerate(
                textwrap.wrap('not measured: ' + reason, 72)):
            print(f'{"" if number else path:<8}{line}')
    print('\nThe drive and the machine are emulated: absolute numbers mean '
          'nothing, and\nratios are only a hint. Latency is from queueing an '
          'I/O to its completion.')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
