# SPDX-License-Identifier: GPL-2.0-only
"""The kernel to boot: a file, or one of Debian's, which is chosen by version
from what the mirror has, fetched once and kept in the cache.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from .mirror import Mirror, OWN_KERNEL, write_lines
from .problem import Problem, note, reason
from .version import best, rank, upstream

DAY = 24 * 3600
FLAVOURS = ('cloud', 'full')


def release_of(path):
    """The release in a bzImage; a Problem if the file is not one."""
    try:
        with open(path, 'rb') as file:
            head = file.read(0x10000)
    except OSError as error:
        raise Problem(f'{path}: {reason(error)}')
    if len(head) < 0x400 or head[0x202:0x206] != b'HdrS' or \
            head[0x1fe:0x200] != b'\x55\xaa':
        raise Problem(f'{path}: not a bzImage; give the file arch/x86/boot/'
                      'bzImage of a kernel build or a vmlinuz')
    at = int.from_bytes(head[0x20e:0x210], 'little') + 0x200
    return head[at:at + 256].split(b'\0')[0].split(b' ')[0].decode('latin-1')


class Kernel:
    def __init__(self, image, modules=None, label=None):
        self.image = image
        self.modules = modules
        self.release = release_of(image)
        self.label = label or f'{image} ({self.release})'


class Store:
    """The cache: kernels.json is what the mirror had when it was last asked,
    kernels/ABI_VERSION/ a fetched kernel with info.json, written last."""

    def __init__(self):
        base = os.environ.get('XDG_CACHE_HOME')
        if not base or not os.path.isabs(base):
            home = os.environ.get('HOME')
            if not home:
                raise Problem('HOME: not set, no directory for the cache; '
                              + OWN_KERNEL)
            base = os.path.join(home, '.cache')
        self.top = os.path.join(base, 'fio-dmabuf', 'vm')
        self.kernels = os.path.join(self.top, 'kernels')
        self.list = os.path.join(self.top, 'kernels.json')
        self.mirror = Mirror(os.path.join(self.top, 'apt'))
        self.asked = False
        try:
            os.makedirs(self.kernels, exist_ok=True)
        except OSError as error:
            raise Problem(f'{self.top}: {reason(error)}; set XDG_CACHE_HOME '
                          'to a writable directory')

    @contextlib.contextmanager
    def lock(self, name='lock', who='that fetches a kernel'):
        """Only one process at a time has the lock; others wait."""
        with open(os.path.join(self.top, name), 'w') as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                note('waiting for another run ' + who)
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def read_list(self):
        try:
            with open(self.list) as file:
                return json.load(file)
        except (OSError, ValueError):
            return {'kernels': [], 'sources': {}, 'next': 0}

    def table(self, refresh=False):
        return self.known(refresh)['kernels']

    def sources(self, package, refresh=False):
        """The versions of a source package that the mirror has."""
        known = self.known(refresh or 'sources' not in self.read_list())
        return known.get('sources', {}).get(package, [])

    def known(self, refresh=False):
        """What the mirror has. It is asked once a day at most, and at refresh.
        """
        known = self.read_list()
        if self.asked or (not refresh and time.time() < known['next'] and
                          known['next'] - time.time() <= DAY):
            return known
        seen = known['next']
        with self.lock():
            known = self.read_list()
            if known['next'] != seen:
                self.asked = True
                return known
            note('asking the Debian mirror which kernels it has')
            self.asked = True
            complaints = self.mirror.refresh()
            kernels = self.mirror.kernels()
            if not kernels and not known['kernels']:
                why = complaints[0] if complaints else 'it has no kernels'
                raise Problem(f'the Debian mirror gives no list of kernels '
                              f'({why}); {OWN_KERNEL}')
            if complaints:
                note(f'using older lists ({complaints[0]})')
            known = {'kernels': kernels or known['kernels'],
                     'sources': self.mirror.sources() or
                     known.get('sources', {}),
                     'next': time.time() + (600 if complaints else DAY)}
            write_lines(self.list, [json.dumps(known, indent=1)])
        return known

    def cached(self):
        kernels = []
        for name in os.listdir(self.kernels):
            try:
                with open(os.path.join(self.kernels, name,
                                       'info.json')) as file:
                    kernels.append(json.load(file))
            except (OSError, ValueError):
                continue
        return kernels

    def place(self, kernel):
        return os.path.join(self.kernels,
                            f'{kernel["abi"]}_{kernel["version"]}')

    def has(self, kernel):
        return os.path.exists(os.path.join(self.place(kernel), 'info.json'))

    def fetch(self, kernel):
        if self.has(kernel):
            return
        with self.lock():
            if self.has(kernel):
                return
            for name in os.listdir(self.kernels):
                if name.startswith('tmp-'):
                    shutil.rmtree(os.path.join(self.kernels, name), True)
            note(f'fetching Linux {kernel["version"]} ({kernel["flavour"]}, '
                 f'{kernel["suite"]})')
            with tempfile.TemporaryDirectory(prefix='tmp-',
                                             dir=self.kernels) as work:
                self.mirror.download(kernel['packages'], work)
                place = os.path.join(work, 'kernel')
                try:
                    unpack_packages(kernel, work, place)
                    shutil.rmtree(self.place(kernel), True)
                    os.rename(place, self.place(kernel))
                except OSError as error:
                    raise Problem(f'{self.place(kernel)}: {reason(error)}')

    def debian(self, version, flavour):
        """The Kernel for a version like 6.12; fetched unless in the cache."""
        wish = f'debian:{version}/{flavour}'
        local = best(self.cached(), version, flavour)
        for again in (False, True):
            try:
                kernel = best(self.table(again), version, flavour)
                if not kernel and not again:
                    continue
                if not kernel:
                    raise Problem(f'{wish}: no such kernel; use one of '
                                  f'{self.versions(flavour)}, see --list')
                self.fetch(kernel)
                return self.boot(kernel)
            except Problem as problem:
                if again or self.asked:
                    if not local:
                        raise
                    note(f'{problem}; using {local["version"]} from the cache')
                    return self.boot(local)

    def boot(self, kernel):
        place = self.place(kernel)
        modules = os.path.join(place, 'modules')
        return Kernel(os.path.join(place, 'vmlinuz'),
                      modules if os.path.isdir(modules) else None,
                      f'Linux {kernel["version"]} ({kernel["flavour"]})')

    def versions(self, flavour):
        numbers = sorted({upstream(kernel['version'])[0][:2]
                          for kernel in self.read_list()['kernels']
                          if kernel['flavour'] == flavour})
        return ', '.join('%d.%d' % (pair + (0,))[:2] for pair in numbers)

    def rows(self):
        """What --list shows, the newest first."""
        rows = [('VERSION', 'FLAVOUR', 'SUITE', 'PACKAGE', '')]
        for kernel in sorted(self.table(), key=rank, reverse=True):
            rows.append((kernel['version'], kernel['flavour'],
                         kernel['suite'], kernel['package'],
                         'in the cache' if self.has(kernel) else ''))
        return rows


def extract(command, what):
    """Runs a command that unpacks a package or an archive."""
    done = subprocess.run(command, text=True, errors='replace',
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [command[0] + ' failed']
        raise Problem(f'{what}: cannot be unpacked ({lines[0]}); make room, '
                      'or try again')


def unpack_packages(kernel, work, place):
    """The packages in work -> place/vmlinuz, place/modules."""
    root = os.path.join(work, 'root')
    for name in sorted(os.listdir(work)):
        if not name.endswith('.deb'):
            continue
        path = os.path.join(work, name)
        extract(['dpkg-deb', '-x', path, root], name)
        os.unlink(path)
    abi = kernel['abi']
    os.mkdir(place)
    images = [f'boot/vmlinuz-{abi}', f'usr/lib/modules/{abi}/vmlinuz',
              f'usr/lib/modules/{abi}/vmlinuz.unsigned']
    for image in (os.path.join(root, name) for name in images):
        if os.path.exists(image):
            os.rename(image, os.path.join(place, 'vmlinuz'))
            break
    else:
        raise Problem(f'{kernel["package"]}: no kernel in this package; '
                      + OWN_KERNEL)
    for top in ('lib', 'usr/lib'):
        tree = os.path.join(root, top, 'modules', abi)
        if os.path.isdir(os.path.join(tree, 'kernel')):
            os.rename(tree, os.path.join(place, 'modules'))
            break
    for name in (f'boot/config-{abi}', f'usr/lib/modules/{abi}/config'):
        if os.path.exists(os.path.join(root, name)):
            os.rename(os.path.join(root, name),
                      os.path.join(place, 'config'))
    write_lines(os.path.join(place, 'info.json'),
                [json.dumps(kernel, indent=1)])


def module_tree(directory, release):
    """lib/modules/RELEASE, or any directory above it that the user gives."""
    for path in (directory, os.path.join(directory, release),
                 os.path.join(directory, 'lib/modules', release),
                 os.path.join(directory, 'usr/lib/modules', release)):
        if os.path.isdir(os.path.join(path, 'kernel')):
            return path
    raise Problem(f'--modules {directory}: no modules of {release} in it; '
                  'give the INSTALL_MOD_PATH of make modules_install')


def find_kernel(wish, modules=None):
    """--kernel's argument -> Kernel."""
    match = re.fullmatch(r'debian(?::([^/]*))?(?:/(\w+))?', wish)
    if not match:
        kernel = Kernel(wish)
        if modules:
            kernel.modules = module_tree(modules, kernel.release)
        return kernel
    if modules:
        raise Problem('--modules: Debian\'s kernels bring their own; leave it '
                      'out')
    version, flavour = match.group(1) or '7', match.group(2) or 'cloud'
    if flavour not in FLAVOURS:
        raise Problem(f'--kernel {wish}: unknown flavour {flavour}; use '
                      f'{" or ".join(FLAVOURS)}')
    return Store().debian(version, flavour)
