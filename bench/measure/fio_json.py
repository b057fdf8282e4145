# SPDX-License-Identifier: GPL-2.0-only
"""Figures from fio's JSON, reads and writes together. What fio does not report
is left out, never 0.
"""

from bench.plan.cautions import uncounted_cpu

DIRECTIONS = ('read', 'write')
# Metric, percent, and how many I/Os it takes to have one beyond it: with fewer
# it is the maximum, or worse
PERCENTILES = (('lat_p50', 50, 2), ('lat_p99', 99, 100),
               ('lat_p999', 99.9, 1000))


def metrics(result):
    """The metrics in fio's JSON (parsed)."""
    jobs = result.get('jobs') or []
    sides = sides_of(jobs)
    ios = sum(side['total_ios'] for side in sides)
    if not ios:
        return {}
    figures = {'iops': sum(side['iops'] for side in sides),
               'bw': sum(side['bw_bytes'] for side in sides)}
    figures.update(latency([side.get('lat_ns') or {} for side in sides]))
    figures.update(cost(jobs, ios))
    return figures


def sides_of(jobs):
    """The reads and the writes of each job that has any."""
    return [job[name] for job in jobs for name in DIRECTIONS
            if job.get(name, {}).get('total_ios')]


def left_out(result):
    """{metric: why it is not one of metrics(), though fio has a figure}."""
    ios = sum(count for _, count in histogram(
        [side.get('lat_ns') or {} for side in
         sides_of(result.get('jobs') or [])]))
    why = uncounted_cpu_of(result.get('jobs') or [])
    return {name: f'too few I/Os, at least {least} are needed'
            for name, _, least in PERCENTILES if 0 < ios < least} | \
        (dict.fromkeys(('cpu', 'switches'), why) if why else {})


def work_time(result):
    """Seconds that the jobs worked, all together, and that they should have:
    each works for its runtime, but a job that is killed counts as 0, and one
    that fio ends early as less, although fio reports no error. (0, 0) for jobs
    that end when their work is done.
    """
    worked = asked = 0
    for job in result.get('jobs') or []:
        options = job.get('job options') or {}
        runtime = options.get('runtime', '')
        if options.get('time_based') == '1' and runtime.isdigit() and \
                'steadystate' not in options:
            worked += job.get('job_runtime', 0) / 1000
            asked += int(runtime) * int(options.get('numjobs') or 1)
    return worked, asked


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
    bins = histogram(parts)
    ios = sum(number for _, number in bins)
    for name, percent, least in PERCENTILES:
        if ios >= least:
            figures[name] = percentile(bins, percent)
    return figures


def histogram(parts):
    """All bins together; none if a part has none."""
    if not all(part.get('bins') for part in parts):
        return []
    return merge([part['bins'] for part in parts])


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
    """CPU time in us and context switches per I/O, unless other threads work
    for the jobs.
    """
    figures = {}
    if uncounted_cpu_of(jobs):
        return figures
    if all({'usr_cpu', 'sys_cpu', 'job_runtime'} <= job.keys()
           for job in jobs):
        busy = sum((job['usr_cpu'] + job['sys_cpu']) / 100 *
                   job['job_runtime'] * 1000 for job in jobs)
        figures['cpu'] = busy / ios
    if all('ctx' in job for job in jobs):
        figures['switches'] = sum(job['ctx'] for job in jobs) / ios
    return figures


def uncounted_cpu_of(jobs):
    reasons = (uncounted_cpu(job.get('job options') or {}) for job in jobs)
    return next(filter(None, reasons), None)
