# SPDX-License-Identifier: GPL-2.0-only
"""Counts kernel events during one run of fio with perf_event_open(2), by their
numbers in tracefs. Nothing is recorded, so nothing can overflow; nothing is
set in tracefs, so nothing is left behind, however this program ends.

iommu:map and iommu:unmap are counted on every processor, whoever causes them:
the kernel maps and unmaps the memory of an I/O wherever it happens to run.
System calls are counted in the processes that are started meanwhile and in
their children, from their exec(2) on, but not in this process.
"""

import ctypes
import errno
import os
import platform
import struct

from vm.problem import Problem, reason

# Kind, as --trace takes it -> figure -> the event that it counts
KINDS = {'iommu': {'maps': 'iommu/map', 'unmaps': 'iommu/unmap'},
         'syscalls': {'syscalls': 'raw_syscalls/sys_enter'}}
NEEDS = {'iommu': 'CONFIG_IOMMU_API', 'syscalls': 'CONFIG_FTRACE'}
TRACEFS = ('/sys/kernel/tracing', '/sys/kernel/debug/tracing')
LOCKDOWN = '/sys/kernel/security/lockdown'
ONLINE = '/sys/devices/system/cpu/online'

# perf_event_open(2)
SYSCALL = {'x86_64': 298, 'aarch64': 241, 'riscv64': 241, 'ppc64le': 319,
           's390x': 331}
TYPE_TRACEPOINT = 2
CLOSE_ON_EXEC = 8
DISABLED, INHERIT, ENABLE_ON_EXEC = 1 << 0, 1 << 1, 1 << 12
ATTRIBUTES = struct.Struct('=IIQQQQQ72x')  # 112 bytes, PERF_ATTR_SIZE_VER5


def open_event(number, flags, pid, cpu):
    """Opens one counter of the kernel; returns its descriptor."""
    call = SYSCALL.get(platform.machine())
    if call is None:
        raise Problem(f'--trace: not supported on {platform.machine()}; run '
                      'without it')
    attributes = ctypes.create_string_buffer(ATTRIBUTES.pack(
        TYPE_TRACEPOINT, ATTRIBUTES.size, number, 0, 0, 0, flags))
    system = ctypes.CDLL(None, use_errno=True).syscall
    system.restype = ctypes.c_long
    descriptor = system(ctypes.c_long(call), attributes, ctypes.c_long(pid),
                        ctypes.c_long(cpu), ctypes.c_long(-1),
                        ctypes.c_ulong(CLOSE_ON_EXEC))
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), 'perf_event_open')
    return descriptor


def kinds_of(text):
    """The value of --trace, such as "iommu,syscalls", as a list."""
    if text is None:
        return []
    kinds = list(dict.fromkeys(text.split(',')))
    for kind in kinds:
        if kind not in KINDS:
            raise Problem(f'--trace {text}: unknown event; use '
                          f'{" and ".join(KINDS)}, separated by a comma')
    return kinds


def find_tracefs():
    """The directory of events in tracefs, wherever that is mounted."""
    for top in TRACEFS:
        events = os.path.join(top, 'events')
        try:
            os.listdir(events)
            return events
        except FileNotFoundError:
            continue
        except PermissionError:
            raise Problem(f'--trace: {top}: permission denied; run as root')
        except OSError as error:
            raise Problem(f'--trace: {top}: {reason(error)}; run as root')
    if os.path.isdir(TRACEFS[0]):
        raise Problem(f'--trace: no tracefs in {TRACEFS[0]}; as root, run '
                      f'mount -t tracefs tracefs {TRACEFS[0]}')
    raise Problem('--trace: this kernel has no tracefs; it needs '
                  'CONFIG_FTRACE and CONFIG_ENABLE_DEFAULT_TRACERS')


def event_number(events, event, kind):
    path = os.path.join(events, event, 'id')
    try:
        with open(path) as file:
            return int(file.read())
    except FileNotFoundError:
        raise Problem(f'--trace {kind}: this kernel has no event '
                      f'{event.replace("/", ":")}; it needs {NEEDS[kind]} '
                      'and CONFIG_PERF_EVENTS')
    except (OSError, ValueError) as error:
        raise Problem(f'--trace {kind}: {path}: {error}; run as root')


def event_problem(error, kind):
    """The Problem of an event that cannot be opened."""
    try:
        with open(LOCKDOWN) as file:
            locked = '[confidentiality]' in file.read()
    except OSError:
        locked = False
    if locked:
        remedy = 'the kernel is locked down; boot with lockdown=integrity'
    elif error.errno == errno.ENOSYS:
        remedy = 'the kernel needs CONFIG_PERF_EVENTS'
    else:
        remedy = 'run as root, outside a container'
    return Problem(f'--trace {kind}: perf_event_open: {reason(error)}; '
                   f'{remedy}')


def online_processors():
    """The numbers of the processors, from a list like 0-3,6."""
    with open(ONLINE) as file:
        text = file.read().strip()
    numbers = []
    for part in text.split(','):
        first, _, last = part.partition('-')
        numbers += range(int(first), int(last or first) + 1)
    return numbers


class Counter:
    """with Counter(kinds) as counter: run fio; then counter.result(ios).

    Creating one checks all that counting needs, before anything is measured.
    The thread that enters it must be the one that starts fio.
    """

    def __init__(self, kinds):
        self.kinds = list(kinds)
        self.events = []
        events = find_tracefs() if kinds else None
        for kind in kinds:
            for figure, event in KINDS[kind].items():
                self.events.append((figure, kind,
                                    event_number(events, event, kind)))
        self.counts = {}
        self.descriptors = []
        with self:
            pass

    def __enter__(self):
        self.processors = online_processors()
        self.counts = {}
        try:
            for event in self.events:
                self.start(*event)
        except BaseException:
            self.close()
            raise
        return self

    def start(self, figure, kind, number):
        places = [(0, -1)] if kind == 'syscalls' else \
            [(-1, cpu) for cpu in self.processors]
        flags = DISABLED | INHERIT | ENABLE_ON_EXEC \
            if kind == 'syscalls' else 0
        for pid, cpu in places:
            try:
                self.descriptors.append(
                    (figure, open_event(number, flags, pid, cpu)))
            except OSError as error:
                raise event_problem(error, kind)

    def __exit__(self, kind, error, trace):
        try:
            for figure, descriptor in self.descriptors:
                count, = struct.unpack('=Q', os.read(descriptor, 8))
                self.counts[figure] = self.counts.get(figure, 0) + count
        finally:
            self.close()
        if error is None and self.events and \
                online_processors() != self.processors:
            raise Problem('--trace: processors went online or offline '
                          'meanwhile; leave them as they are')

    def close(self):
        for _, descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []

    def result(self, ios):
        """Figure -> events per I/O; ios: the number of all I/Os of fio, those
        in ramp_time included. There are no figures without I/Os.
        """
        if not ios:
            return {}
        return {figure: count / ios for figure, count in self.counts.items()}
