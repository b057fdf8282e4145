# SPDX-License-Identifier: GPL-2.0-only
"""Figures from fio's JSON, reads and writes together. What fio does not report
is left out, never 0.
"""

DIRECTIONS = ('read', 'write')
PERCENTILES = (('lat_p50', 50), ('lat_p99', 99), ('lat_p999', 99.9))


def metrics(result):
    """The metrics in fio's JSON (parsed)."""
    jobs = result.get('jobs') or []
    sides = [job[name] for job in jobs for name in DIRECTIONS
             if job.get(name, {}).get('total_ios')]
    ios = sum(side['total_ios'] for side in sides)
    if not ios:
        return {}
    figures = {'iops': sum(side['iops'] for side in sides),
               'bw': sum(side['bw_bytes'] for side in sides)}
    figures.update(latency([side.get('lat_ns') or {} for side in sides]))
    figures.update(cost(jobs, ios))
    return figures


def total_ios(result):
    """All I/Os of fio, for events that are not counted per direction."""
    return sum(job.get(name, {}).get('total_ios', 0)
               for job in result.get('jobs') or []
               for name in DIRECTIONS + ('trim',))


def latency(parts):
    """From the total latency: a copy may be before or after submission."""
    figures = {}
    count = sum(part.get('N', 0) for part in parts)
    if count:
        figures['lat_mean'] = sum(part.get('mean', 0) * part.get('N', 0)
                                  for part in parts) / count
    if parts and all(part.get('bins') for part in parts):
        bins = merge([part['bins'] for part in parts])
        for name, percent in PERCENTILES:
            figures[name] = percentile(bins, percent)
    return figures


def merge(histograms):
    """[(ns, count)] in ascending order."""
    merged = {}
    for histogram in histograms:
        for ns, count in histogram.items():
            merged[int(ns)] = merged.get(int(ns), 0) + count
    return sorted(merged.items())


def percentile(bins, percent):
    """The bin that fio itself reports for the percentile."""
    total = sum(count for _, count in bins)
    seen = 0
    for ns, count in bins:
        seen += count
        if seen >= percent / 100 * total:
            return ns
    return bins[-1][0]


def cost(jobs, ios):
    """CPU time in us and context switches per I/O."""
    figures = {}
    if all({'usr_cpu', 'sys_cpu', 'job_runtime'} <= job.keys()
           for job in jobs):
        busy = sum((job['usr_cpu'] + job['sys_cpu']) / 100 *
                   job['job_runtime'] * 1000 for job in jobs)
        figures['cpu'] = busy / ios
    if all('ctx' in job for job in jobs):
        figures['switches'] = sum(job['ctx'] for job in jobs) / ios
    return figures
