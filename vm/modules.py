# SPDX-License-Identifier: GPL-2.0-only
"""The kernel modules that the guest needs: finds them in a module tree,
unpacks them and puts them in the order of loading. What is not in the tree
should be built in; the guest notices if something is missing.
"""

import os
import re
import subprocess

from .problem import Problem, program, reason

# Loaded at boot unless they are built in; --module adds to them.
WANTED = ('nvme', 'udmabuf', 'system_heap', 'virtio_pci', 'virtio_blk',
          'null_blk')
VFIO = ('vfio-pci', 'vfio_iommu_type1')  # with --p2p
SUFFIX = re.compile(r'\.ko(\.xz|\.zst|\.gz)?$')
TOOLS = {'.gz': ('busybox', 'busybox-static', 'gunzip', '-c'),
         '.xz': ('busybox', 'busybox-static', 'unxz', '-c'),
         '.zst': ('zstd', 'zstd', '-dcq')}
DEPENDS = re.compile(rb'\0depends=([^\0]*)\0')


def plain(name):
    return SUFFIX.sub('', name).replace('-', '_')


def read_module(path):
    """A module's bytes, unpacked."""
    packed = SUFFIX.search(path).group(1)
    try:
        if not packed:
            with open(path, 'rb') as file:
                return file.read()
        tool, package, *arguments = TOOLS[packed]
        done = subprocess.run([program(tool, package), *arguments, path],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    except OSError as error:
        raise Problem(f'{path}: {reason(error)}')
    if done.returncode:
        raise Problem(f'{path}: {tool} cannot unpack it; install the modules '
                      'again')
    return done.stdout


def builtin(tree):
    """The names in modules.builtin; none if there is no such file."""
    try:
        with open(os.path.join(tree, 'modules.builtin')) as file:
            return {plain(os.path.basename(line.strip())) for line in file}
    except OSError:
        return set()


class Modules:
    """files: guest path -> content; load: guest paths in loading order."""

    def __init__(self, tree=None, release=None, extra=(), vfio=False):
        self.files = {}
        self.load = []
        self.paths = {}
        self.known = set()
        if tree:
            self.known = builtin(tree)
            for directory, _, names in os.walk(tree):
                for name in names:
                    if SUFFIX.search(name):
                        self.paths[plain(name)] = os.path.join(directory,
                                                               name)
        self.tree = tree
        self.top = f'/lib/modules/{release}'
        self.needs = {}
        for name in WANTED + (VFIO if vfio else ()):
            if plain(name) in self.paths:
                self.add(plain(name))
        for name in extra:
            if plain(name) in self.paths:
                self.add(plain(name))
            elif plain(name) not in self.known:
                raise Problem(f'--module {name}: this kernel has no such '
                              'module; leave it out or use another kernel')
        if self.needs:
            self.files[self.top + '/modules.dep'] = ''.join(
                f'{path}: {" ".join(below)}\n'
                for path, below in self.needs.items())

    def add(self, name):
        """Adds a module after those that it depends on; returns their paths,
        its own first.
        """
        relative = os.path.relpath(self.paths[name], self.tree)
        relative = re.sub(r'\.ko\.\w+$', '.ko', relative)
        module_path = f'{self.top}/{relative}'
        if relative in self.needs:
            return [relative] + self.needs[relative]
        data = read_module(self.paths[name])
        match = DEPENDS.search(data)
        needs = match.group(1).decode().split(',') if match else []
        self.files[module_path] = data
        below = []
        for need in filter(None, map(plain, needs)):
            if need in self.paths:
                below += [path for path in self.add(need)
                          if path not in below]
        self.load.append(module_path)
        self.needs[relative] = below
        return [relative] + below
