# SPDX-License-Identifier: GPL-2.0-only
"""The guest's file system: busybox, fio, the plugin, the user's files, each
with the libraries it needs, written as one uncompressed newc archive.
"""

import os
import posixpath
import shlex
import shutil
import stat
import subprocess

from .problem import Problem, program, reason
from .size import mebibytes

# Debian's fio finds an engine by name in the directories of the loader.
PLUGIN = '/usr/lib/x86_64-linux-gnu/dmabuf'
MERGED = ('bin', 'sbin', 'lib', 'lib32', 'lib64')
DIRECTORIES = ('dev', 'etc', 'mnt', 'proc', 'root', 'run', 'sys', 'tmp',
               'usr', 'usr/bin', 'usr/sbin', 'usr/lib', 'usr/lib32',
               'usr/lib64', 'var', 'var/tmp', 'vm')
LARGEST = (1 << 32) - 1
# Directories that the user's files must not be in
OURS = ('init', 'vm', 'dev', 'proc', 'sys')


def is_elf(path):
    with open(path, 'rb') as file:
        return file.read(4) == b'\x7fELF'


def libraries(path):
    """The libraries and the loader that the dynamic loader would use."""
    try:
        output = subprocess.run(['ldd', path], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True,
                                env={**os.environ, 'LC_ALL': 'C'}).stdout
    except FileNotFoundError:
        raise Problem('ldd: not found; install the package libc-bin')
    for line in output.splitlines():
        name, arrow, target = line.strip().partition(' => ')
        target = target if arrow else name
        if target == 'not found':
            raise Problem(f'{path}: needs {name}, which is not installed; '
                          'install it')
        if target.startswith('/'):
            yield target.rsplit(' (', 1)[0]


def normal(path):
    """A guest path without leading slash, and without '..'."""
    return posixpath.normpath('/' + path.lstrip('/')).lstrip('/')


class Tree:
    """Guest path -> what it is. Paths are kept without leading slash."""

    def __init__(self):
        self.entries = {}
        for name in DIRECTORIES:
            self.entries[name] = (stat.S_IFDIR | 0o755, None, None)
        for name in MERGED:
            self.link('/' + name, 'usr/' + name)
        for name in ('tmp', 'var/tmp'):
            self.entries[name] = (stat.S_IFDIR | 0o1777, None, None)
        self.entries['dev/console'] = (stat.S_IFCHR | 0o600, None, None)

    def place(self, path):
        """Normalises a guest path and creates its directories."""
        path = normal(path)
        if path.split('/')[0] in MERGED:
            path = 'usr/' + path
        parent = posixpath.dirname(path)
        while parent:
            mode = self.entries.setdefault(
                parent, (stat.S_IFDIR | 0o755, None, None))[0]
            if not stat.S_ISDIR(mode):
                raise Problem(f'/{path}: /{parent} is not a directory in the '
                              'guest; give another DEST')
            parent = posixpath.dirname(parent)
        return path

    def link(self, path, target):
        where = path.lstrip('/')
        if where not in MERGED:
            where = self.place(path)
        self.entries.setdefault(where, (stat.S_IFLNK | 0o777,
                                        os.fsencode(target), None))

    def text(self, path, text, mode=0o644):
        data = text if isinstance(text, bytes) else os.fsencode(text)
        self.entries[self.place(path)] = (stat.S_IFREG | mode, data, None)

    def user_file(self, path, source):
        top = normal(path).split('/')[0]
        if top in OURS:
            raise Problem(f'{source}: /{top} in the guest is reserved; give '
                          'another place with --file SRC:DEST')
        self.file(path, source)

    def file(self, path, source):
        """Adds a file of the host at path, with its libraries if it is ELF."""
        path = self.place(path)
        if stat.S_ISDIR(self.entries.get(path, (0,))[0]):
            raise Problem(f'{source}: /{path} is a directory in the guest; '
                          'give another place with --file SRC:DEST')
        try:
            mode = os.stat(source).st_mode
            if not stat.S_ISREG(mode):
                raise Problem(f'{source}: not a regular file; leave it out')
            self.entries[path] = (stat.S_IFREG | mode & 0o777, None, source)
            if is_elf(source):
                for library in libraries(source):
                    target = self.place(library)
                    if target not in self.entries:
                        self.entries[target] = (stat.S_IFREG | 0o755, None,
                                                library)
        except OSError as error:
            raise Problem(f'{source}: {reason(error)}')

    def size(self):
        total = 0
        for mode, data, source in self.entries.values():
            total += len(data) if data else 0
            total += os.stat(source).st_size if source else 0
        return total

    def write(self, out):
        """Writes the archive; directories come before what they hold."""
        for number, path in enumerate(sorted(self.entries), 1):
            mode, data, source = self.entries[path]
            try:
                if source:
                    with open(source, 'rb') as file:
                        length = os.fstat(file.fileno()).st_size
                        if length > LARGEST:
                            raise Problem(f'{source}: {mebibytes(length)}, '
                                          'too large for the guest; leave it '
                                          'out')
                        header(out, number, path, mode, length)
                        shutil.copyfileobj(file, out, 1 << 20)
                        pad(out)
                else:
                    data = data or b''
                    header(out, number, path, mode, len(data))
                    out.write(data)
                    pad(out)
            except OSError as error:
                raise Problem(f'{source or "the guest image"}: '
                              f'{reason(error)}')
        header(out, 0, 'TRAILER!!!', 0, 0)


def header(out, number, path, mode, length):
    name = os.fsencode(path) + b'\0'
    device = (5, 1) if stat.S_ISCHR(mode) else (0, 0)
    fields = (number, mode, 0, 0, 1, 0, length, 0, 0, *device, len(name), 0)
    out.write(b'070701' + b''.join(b'%08X' % field for field in fields))
    out.write(name)
    pad(out)


def pad(out):
    out.write(b'\0' * (-out.tell() % 4))


def base(fio, plugin, modules, settings, command):
    """The guest's file system without the user's files."""
    tree = Tree()
    here = os.path.dirname(os.path.realpath(__file__))
    busybox = program('busybox', 'busybox-static')
    tree.file('/bin/busybox', busybox)
    applets = subprocess.run([busybox, '--list'], text=True,
                             stdout=subprocess.PIPE).stdout.split()
    for applet in applets:
        tree.link('/bin/' + applet, 'busybox')
    tree.file('/bin/fio', fio)
    if plugin:
        tree.file(PLUGIN, plugin)
    if os.path.exists('/etc/ld.so.cache'):
        tree.file('/etc/ld.so.cache', '/etc/ld.so.cache')
    tree.text('/etc/passwd', 'root::0:0:root:/root:/bin/sh\n')
    tree.text('/etc/group', 'root:x:0:\n')
    tree.file('/init', os.path.join(here, 'init'))
    for path, data in modules.files.items():
        tree.text(path, data)
    tree.text('/vm/modules', ''.join(path + '\n' for path in modules.load))
    tree.text('/vm/settings', settings)
    words = ' '.join(shlex.quote(word) for word in command)
    tree.text('/vm/command', f'exec {words}\n')
    return tree
