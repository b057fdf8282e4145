# SPDX-License-Identifier: GPL-2.0-only
"""The system that a run measures on, as in environment.json, and how two of
them differ.
"""

import glob
import gzip
import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time

from bench import VERSION
from . import fio, hardware, written

# Kernel options that affect the figures
CONFIG = (
    'CC_VERSION_TEXT', 'PREEMPT', 'PREEMPT_VOLUNTARY', 'PREEMPT_NONE',
    'PREEMPT_LAZY', 'PREEMPT_DYNAMIC', 'PREEMPT_RT', 'HZ', 'NO_HZ_FULL',
    'IOMMU_SUPPORT', 'INTEL_IOMMU', 'AMD_IOMMU', 'IOMMU_DEFAULT_DMA_STRICT',
    'IOMMU_DEFAULT_DMA_LAZY', 'IOMMU_DEFAULT_PASSTHROUGH', 'IO_URING',
    'DMA_SHARED_BUFFER', 'DMABUF_TOKEN', 'DMABUF_HEAPS',
    'DMABUF_HEAPS_SYSTEM', 'UDMABUF', 'PCI_P2PDMA', 'BLK_DEV_NVME',
    'NVME_MULTIPATH', 'BLK_WBT', 'BLK_CGROUP_IOCOST', 'BLK_DEV_THROTTLING',
    'BLK_DEBUG_FS', 'CPU_MITIGATIONS', 'MITIGATION_RETPOLINE',
    'MITIGATION_PAGE_TABLE_ISOLATION', 'CFI_CLANG', 'CFI', 'LTO_CLANG',
    'INIT_ON_ALLOC_DEFAULT_ON', 'INIT_ON_FREE_DEFAULT_ON',
    'HARDENED_USERCOPY', 'TRANSPARENT_HUGEPAGE', 'CPU_FREQ', 'PROVE_LOCKING',
    'LOCKDEP', 'KASAN', 'KCSAN', 'KMSAN', 'UBSAN', 'KFENCE', 'DEBUG_LIST',
    'DEBUG_PREEMPT', 'DEBUG_VM', 'DEBUG_PAGEALLOC', 'SLUB_DEBUG_ON',
    'DMA_API_DEBUG', 'FUNCTION_TRACER', 'KPROBES')
SYSCTL = (
    'kernel.io_uring_disabled', 'kernel.io_uring_group',
    'kernel.numa_balancing', 'kernel.sched_autogroup_enabled',
    'kernel.nmi_watchdog', 'kernel.watchdog', 'kernel.randomize_va_space',
    'kernel.perf_event_paranoid', 'vm.swappiness', 'vm.dirty_ratio',
    'vm.dirty_background_ratio', 'vm.nr_hugepages', 'vm.zone_reclaim_mode',
    'vm.compaction_proactiveness')
PARAMETERS = (
    'nvme/parameters/poll_queues', 'nvme/parameters/write_queues',
    'nvme/parameters/use_threaded_interrupts', 'nvme/parameters/sgl_threshold',
    'nvme_core/parameters/multipath', 'nvme_core/parameters/io_timeout',
    'udmabuf/parameters/size_limit_mb')

# Facts that must be the same on both sides: of each drive, of fio and plugin
DRIVE_FACTS = ('kind', 'model', 'serial', 'firmware', 'bytes', 'file_system')
PROGRAM_FACTS = ('version', 'sha256')
# Facts that change from run to run and are not differences
VOLATILE = {'created', 'boot', 'load', 'file', 'name', 'block', 'disk',
            'check', 'host_name'}
# Facts that also change from boot to boot and leave the figures alone: how
# the kernel numbers buses and groups, where its configuration was found, a
# limit that only makes jobs fail
OF_A_BOOT = {'config_file', 'check_missing', 'memlock', 'address',
             'iommu_group'}
# What a boot leaves of the memory varies by some pages: relative
MEMORY_TOLERANCE = 0.01


def collect(drives, fio_file, plugin, plugin_version, root='/'):
    """The environment as a dict. plugin: the file, or None for the installed
    one; plugin_version: None if no point uses it.
    """
    answer, why = ask_check(drives, fio_file, plugin)
    return {
        'created': round(time.time(), 3), 'bench': VERSION,
        'host_name': hardware.read_text(root, '/proc/sys/kernel/hostname'),
        'boot': boot_id(root),
        'kernel': kernel_facts(root),
        'cpu': hardware.cpu_facts(root),
        'mitigations': hardware.mitigations(root),
        'memory': hardware.memory_facts(root),
        'memlock': resource_limit(resource.RLIMIT_MEMLOCK),
        'load': hardware.read_text(root, '/proc/loadavg'),
        'drives': [hardware.drive_facts(root, drive) |
                   {'written': written.facts(root, drive)}
                   for drive in drives],
        'fio': {'file': fio_file, 'version': fio.version(fio_file),
                'sha256': sha256(fio_file)},
        'plugin': plugin_facts(plugin, plugin_version, answer),
        'check': answer, 'check_missing': why}


def boot_id(root='/'):
    return hardware.read_text(root, '/proc/sys/kernel/random/boot_id')


def kernel_facts(root):
    config, file = kernel_config(root)
    return {
        'release': hardware.read_text(root, '/proc/sys/kernel/osrelease'),
        'version': hardware.read_text(root, '/proc/sys/kernel/version'),
        'command_line': hardware.read_text(root, '/proc/cmdline'),
        'config_file': file, 'config': config,
        'sysctl': {name: hardware.read_text(
            root, '/proc/sys/' + name.replace('.', '/')) for name in SYSCTL},
        'parameters': {name.replace('/parameters/', '.'): hardware.read_text(
            root, '/sys/module/' + name) for name in PARAMETERS},
        'clock_source': hardware.read_text(
            root, '/sys/devices/system/clocksource/clocksource0/'
            'current_clocksource')}


def kernel_config(root):
    """The options in CONFIG, and the file they come from. An option that is
    not set is "n". Both are None if the kernel's configuration is not found.
    """
    release = hardware.read_text(root, '/proc/sys/kernel/osrelease')
    for name in ('/proc/config.gz', f'/boot/config-{release}',
                 f'/lib/modules/{release}/config'):
        file = os.path.join(root, name[1:])
        opener = gzip.open if name.endswith('.gz') else open
        try:
            with opener(file, 'rt', errors='replace') as f:
                options = dict(re.findall(r'^CONFIG_(\w+)=(.*)$', f.read(),
                                          re.M))
        except (OSError, EOFError):
            continue
        return {option: options.get(option, 'n').strip('"')
                for option in CONFIG}, name
    return None, None


def resource_limit(what):
    """A soft limit in bytes; None means unlimited."""
    soft = resource.getrlimit(what)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def sha256(file):
    try:
        with open(file, 'rb') as f:
            return hashlib.sha256(f.read()).hexdigest()
    except OSError:
        return None


def plugin_facts(plugin, version, answer):
    if version is None:
        return None
    file = plugin or installed_plugin() or \
        ((answer or {}).get('plugin') or {}).get('module')
    return {'file': file, 'version': version,
            'sha256': sha256(file) if file else None}


def installed_plugin():
    """What the dynamic loader finds under the name "dmabuf"."""
    folders = [folder for folder in os.environ.get('LD_LIBRARY_PATH', '')
               .split(':') if folder]
    for conf in sorted(glob.glob('/etc/ld.so.conf.d/*.conf')):
        words = (hardware.read_text('/', conf) or '').split()
        folders += [word for word in words if word.startswith('/')]
    for folder in folders + ['/lib64', '/usr/lib64', '/lib', '/usr/lib']:
        if os.path.isfile(os.path.join(folder, 'dmabuf')):
            return os.path.realpath(os.path.join(folder, 'dmabuf'))
    return None


def ask_check(drives, fio_file, plugin):
    """The answer of dmabuf-check or None, and why there is none or None."""
    here = os.path.dirname(os.path.realpath(sys.argv[0]))
    program = shutil.which('dmabuf-check') or \
        shutil.which('dmabuf-check', path=here)
    if not program:
        return None, 'dmabuf-check: not found'
    command = [program, '--json', '--fio', fio_file]
    command += ['--module', plugin] if plugin else []
    for drive in drives:
        command += ['--device', drive] if hardware.device_number(drive) else []
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=600,
                              errors='replace')
        return json.loads(done.stdout), None
    except ValueError:
        why = (done.stderr.strip().splitlines() or ['no JSON'])[0]
        return None, f'dmabuf-check: exit status {done.returncode}: {why}'
    except subprocess.TimeoutExpired:
        return None, 'dmabuf-check: no answer in 600 s'
    except OSError as error:
        return None, f'dmabuf-check: {error.strerror}'


# ---- what the figures mean ----

TEST_KERNEL = '-fio-dmabuf-test'


def limits(environment):
    """What a reader must know about the system behind the figures, as lines.
    """
    release = (environment.get('kernel') or {}).get('release') or ''
    lines = []
    if is_emulated(environment):
        lines.append('an emulated machine: the figures compare code, not '
                     'hardware')
    if release.endswith(TEST_KERNEL):
        lines.append('the test kernel: it has the interface of path direct, '
                     'and not its speed')
    return lines + unwritten(environment)


def is_emulated(environment):
    models = [(environment.get('cpu') or {}).get('model')]
    models += [(drive or {}).get('model')
               for drive in environment.get('drives') or []]
    return any(str(model).startswith('QEMU') for model in models)


def unwritten(environment):
    """Lines on drives of which too little was ever written. No figure of an
    emulated drive means anything anyway.
    """
    return [] if is_emulated(environment) else \
        written.lines(environment.get('drives'))


def iommu(environment):
    """The mode of the drives' IOMMU in words, as the kernel names the type of
    a domain; None if not known, as for a file.
    """
    modes = {link.get('iommu') for drive in environment.get('drives') or []
             for link in (drive or {}).get('controllers') or []}
    words = sorted('no IOMMU' if mode == 'none' else f'IOMMU {mode}'
                   for mode in modes if mode)
    return ' and '.join(words) or None


# ---- differences ----

def differences(a, b):
    """Two lists of (what, in a, in b): facts that must be the same for a and b
    to be compared, and all others. Of a long command line only the words that
    differ are shown.
    """
    must = []
    for name in ('fio', 'plugin'):
        one_side = (a.get(name) is None) != (b.get(name) is None)
        keys = PROGRAM_FACTS[:1] if one_side else PROGRAM_FACTS
        must += fact_differences(name, a.get(name), b.get(name), keys)
    left, right = a.get('drives', []), b.get('drives', [])
    if len(left) != len(right):
        must.append(('number of drives', len(left), len(right)))
    for n, (drive, other) in enumerate(zip(left, right), 1):
        name = f'drive {n}' if len(left) > 1 else 'drive'
        must += fact_differences(name, drive, other, DRIVE_FACTS)
    return must, [(what, *differing_words(one, two))
                  if what == 'kernel command_line' else (what, one, two)
                  for what, one, two in leaf_differences(a, b)
                  if not has_to_match(what)]


def boot_differences(a, b):
    """(what, in a, in b) of the facts that must be the same for the rounds of
    a and b to be of one system, though perhaps of two boots: all but
    OF_A_BOOT. The mode of the IOMMU comes first.
    """
    must, other = differences(a, b)
    return sorted(must + [difference for difference in other
                          if not is_of_a_boot(*difference)],
                  key=lambda difference: not is_iommu(difference[0]))


def is_of_a_boot(what, a, b):
    if what == 'memory bytes' and a and b:
        return abs(a - b) <= MEMORY_TOLERANCE * max(a, b)
    return what.split()[-1] in OF_A_BOOT


def is_iommu(what):
    """The gain of path direct depends on the mode of the IOMMU most."""
    return what.split()[-1] == 'iommu'


def has_to_match(what):
    words = what.split()
    return words[0] in ('fio', 'plugin') or what == 'drives' or \
        words[0] == 'drives' and words[-1] in DRIVE_FACTS


def differing_words(a, b):
    """Of each text the words that the other lacks."""
    left, right = (a or '').split(), (b or '').split()
    one, two = (' '.join(word for word in words if word not in others)
                for words, others in ((left, right), (right, left)))
    return (one or 'nothing else', two or 'nothing else') if one or two \
        else (a, b)


def fact_differences(name, a, b, keys):
    return [(f'{name} {key}', (a or {}).get(key), (b or {}).get(key))
            for key in keys if (a or {}).get(key) != (b or {}).get(key)]


def leaf_differences(a, b, name=''):
    """Every leaf in which two values differ, named by the keys that lead to
    it; items of a list are named by their numbers.
    """
    if isinstance(a, dict) and isinstance(b, dict):
        keys = [key for key in list(a) + [key for key in b if key not in a]
                if key not in VOLATILE]
        pairs = [(key, a.get(key), b.get(key)) for key in keys]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = [(str(n) if len(a) > 1 else '', left, right)
                 for n, (left, right) in enumerate(zip(a, b), 1)]
    else:
        return [] if a == b else [(name, a, b)]
    return [difference for key, left, right in pairs
            for difference in leaf_differences(
                left, right, f'{name} {key}'.strip())]
