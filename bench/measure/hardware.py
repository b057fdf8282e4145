# SPDX-License-Identifier: GPL-2.0-only
"""Facts about drives, CPUs and memory from sysfs and procfs. Every function
takes the root of the file system to read; what is missing is None.
"""

import os
import re
import stat

QUEUE = ('scheduler', 'nr_requests', 'logical_block_size',
         'physical_block_size', 'max_sectors_kb', 'max_hw_sectors_kb',
         'max_segments', 'rotational', 'write_cache', 'wbt_lat_usec',
         'rq_affinity', 'nomerges', 'io_poll', 'io_poll_delay', 'iostats')
LINK = ('current_link_speed', 'current_link_width', 'max_link_speed',
        'max_link_width')
PCI = re.compile(r'[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]')


def read_text(root, path):
    """The contents of a file, stripped."""
    try:
        with open(os.path.join(root, path.lstrip('/')), 'rb') as f:
            return f.read().decode(errors='replace').strip(' \n\t\0') or None
    except OSError:
        return None


def read_number(root, path):
    text = read_text(root, path)
    return int(text) if text and re.fullmatch(r'-?\d+', text) else None


def list_names(root, path):
    try:
        return sorted(os.listdir(os.path.join(root, path.lstrip('/'))))
    except OSError:
        return []


def resolve(root, path):
    """Follows links; the path below the root, or None."""
    full = os.path.realpath(os.path.join(root, path.lstrip('/')))
    if not os.path.exists(full):
        return None
    return '/' + os.path.relpath(full, os.path.realpath(root))


def bracketed(value):
    """The word in brackets of "none [mq-deadline] kyber"."""
    match = re.search(r'\[(.+?)\]', value or '')
    return match[1] if match else value


# ---- drives ----

def device_number(file):
    """MAJOR:MINOR of a block device, or None."""
    try:
        status = os.stat(file)
    except FileNotFoundError:
        return None
    if not stat.S_ISBLK(status.st_mode):
        return None
    return f'{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}'


def block_directory(root, file):
    """The sysfs directory of a block device; None if it is not one."""
    number = device_number(file)
    return number and resolve(root, f'/sys/dev/block/{number}')


def size_of(root, file):
    """The bytes of a block device or a file, or None."""
    block = block_directory(root, file)
    if block:
        size = read_number(root, block + '/size')
        return None if size is None else size * 512
    try:
        return os.stat(file).st_size
    except OSError:
        return None


def disk_of(root, block):
    """The sysfs directory of the whole disk of a disk or partition."""
    if read_text(root, block + '/partition') is None:
        return block
    return os.path.dirname(block)


def drive_facts(root, file):
    """Facts about a drive or file of the plan."""
    block = block_directory(root, file)
    if not block:
        return file_facts(root, file)
    disk = disk_of(root, block)
    device = disk + '/device'
    size = read_number(root, block + '/size')
    queue = {name: read_text(root, f'{disk}/queue/{name}') for name in QUEUE}
    queue['scheduler'] = bracketed(queue['scheduler'])
    return {'name': file, 'kind': drive_kind(disk),
            'block': os.path.basename(block), 'disk': os.path.basename(disk),
            'model': read_text(root, device + '/model'),
            'serial': read_text(root, device + '/serial') or
            read_text(root, disk + '/serial'),
            'firmware': read_text(root, device + '/firmware_rev') or
            read_text(root, device + '/rev'),
            'wwid': read_text(root, disk + '/wwid') or
            read_text(root, device + '/wwid'),
            'bytes': None if size is None else size * 512,
            'queue': queue,
            'hardware_queues': len(list_names(root, disk + '/mq')) or None,
            'controllers': [controller_facts(root, controller)
                            for controller in controllers(root, disk)]}


def drive_kind(disk):
    name = os.path.basename(disk)
    if not name.startswith('nvme'):
        return 'block'
    return 'nvme-multipath' if '/nvme-subsystem/' in disk else 'nvme'


def file_facts(root, file):
    """Facts about a regular file: the file system that it is on."""
    full = os.path.realpath(file)
    best = ('', None, None)
    for line in (read_text(root, '/proc/self/mounts') or '').splitlines():
        device, where, system = line.split()[:3]
        inside = full == where or full.startswith(where.rstrip('/') + '/')
        if inside and len(where) >= len(best[0]):
            best = where, system, device
    return {'name': file, 'kind': 'file', 'file_system': best[1],
            'on': best[2]}


def controllers(root, disk):
    """The sysfs directories of the controllers that lead to a drive, several
    with NVMe multipath; or of its PCI device.
    """
    if '/nvme-subsystem/' in disk:
        subsystem = os.path.dirname(disk)
        paths = [resolve(root, f'{subsystem}/{name}')
                 for name in list_names(root, subsystem)
                 if re.fullmatch(r'nvme\d+', name)]
        return [path for path in paths if path]
    path = resolve(root, disk + '/device')
    return [path] if path else []


def controller_facts(root, path):
    """PCIe link and IOMMU of a controller: those of the nearest PCI device
    above it.
    """
    pci = path
    while pci not in ('/', '') and not PCI.fullmatch(os.path.basename(pci)):
        pci = os.path.dirname(pci)
    name = os.path.basename(path)
    facts = {'name': name, 'transport': read_text(root, path + '/transport'),
             'state': read_text(root, path + '/state'), 'address': None}
    if pci in ('/', ''):
        return facts
    group = resolve(root, pci + '/iommu_group')
    facts |= {'address': os.path.basename(pci),
              'numa_node': read_number(root, pci + '/numa_node'),
              'iommu_group': group and os.path.basename(group),
              'iommu': read_text(root, pci + '/iommu_group/type')
              if group else 'none'}
    return facts | {file: read_text(root, f'{pci}/{file}') for file in LINK}


# ---- processors and memory ----

def cpu_facts(root):
    info = read_text(root, '/proc/cpuinfo') or ''

    def first(key):
        match = re.search(rf'^{key}\s*: (.*)$', info, re.M)
        return match[1].strip() if match else None
    online = len(re.findall(r'^processor\s*:', info, re.M))
    return {'model': first('model name') or first('Processor'),
            'count': online or None, 'microcode': first('microcode'),
            'smt': read_text(root, '/sys/devices/system/cpu/smt/control'),
            'governor': all_cpus(root, 'cpufreq/scaling_governor'),
            'driver': all_cpus(root, 'cpufreq/scaling_driver'),
            'preference': all_cpus(
                root, 'cpufreq/energy_performance_preference'),
            'boost': read_text(
                root, '/sys/devices/system/cpu/cpufreq/boost') or read_text(
                root, '/sys/devices/system/cpu/intel_pstate/no_turbo'),
            'numa_nodes': len([name for name in list_names(
                root, '/sys/devices/system/node')
                if re.fullmatch(r'node\d+', name)]) or None}


def all_cpus(root, what):
    """The word that is the same on all CPUs, "mixed", or None."""
    top = '/sys/devices/system/cpu'
    words = {read_text(root, f'{top}/{name}/{what}')
             for name in list_names(root, top)
             if re.fullmatch(r'cpu\d+', name)} - {None}
    return words.pop() if len(words) == 1 else 'mixed' if words else None


def mitigations(root):
    top = '/sys/devices/system/cpu/vulnerabilities'
    return {name: read_text(root, f'{top}/{name}')
            for name in list_names(root, top)}


def memory_facts(root):
    text = read_text(root, '/proc/meminfo') or ''
    info = dict(re.findall(r'^(\w+):\s+(\d+)', text, re.M))
    total = info.get('MemTotal')
    top = '/sys/kernel/mm/transparent_hugepage'
    return {'bytes': int(total) * 1024 if total else None,
            'huge_pages': int(info['HugePages_Total'])
            if 'HugePages_Total' in info else None,
            'thp': bracketed(read_text(root, top + '/enabled')),
            'thp_defrag': bracketed(read_text(root, top + '/defrag'))}
