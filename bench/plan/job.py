# SPDX-License-Identifier: GPL-2.0-only
"""The lines of a fio job: option names, and which line of an option counts.
"""

# fio's second names of options, and the first, which its JSON has
ALIASES = {
    'ba': 'blockalign', 'blocksize': 'bs', 'blocksize_range': 'bsrange',
    'blocksize_unaligned': 'bs_unaligned', 'disable_bw':
    'disable_bw_measurement', 'fileoffset': 'offset', 'fill_fs': 'fill_device',
    'io_limit': 'io_size', 'iodepth_batch_complete':
    'iodepth_batch_complete_min', 'iodepth_batch_submit': 'iodepth_batch',
    'mem': 'iomem', 'mem_align': 'iomem_align', 'nr_files': 'nrfiles',
    'ratecycle': 'rate_cycle', 'ratemin': 'rate_min', 'readwrite': 'rw',
    'ss': 'steadystate', 'ss_dur': 'steadystate_duration',
    'ss_ramp': 'steadystate_ramp_time', 'timeout': 'runtime',
    'wait_for_previous': 'stonewall'}
OFF = ('0', 'false')


def options_once(lines):
    """The last line of each option, which is the one that fio uses, in their
    order. fio's JSON would have an option as often as its job file.
    """
    options = {}
    for line in lines:
        name = option_name(line)
        options.pop(name, None)
        options[name] = line
    return list(options.values())


def option_name(line):
    """The name under which fio's JSON has the option of a line."""
    name = line.partition('=')[0].strip()
    return ALIASES.get(name, name)


def options_of(lines):
    """{name: text} of the lines of a job; text is '' without a value."""
    return {option_name(line): line.partition('=')[2].strip()
            for line in lines}


def is_on(options, name):
    return name in options and options[name] not in OFF


def is_uring(options):
    """Whether a job's engine is fio's io_uring, or this project's."""
    engine = options.get('ioengine', '')
    return engine in ('io_uring', 'dmabuf') or engine.startswith('external:')
