# SPDX-License-Identifier: GPL-2.0-only
"""Boots a kernel in an emulated machine with NVMe drives and runs a command
in it, with fio, the plugin and the command's files; see README.md.
"""

import os

from . import initramfs, kernel as kernels, kernellog, machine, testkernel
from .modules import Modules
from .options import parse_arguments
from .problem import Problem, note, program, reason
from .size import mebibytes

SOURCE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BUILT = '.libs/fio-dmabuf.so'
# The project's programs, which the guest has in /bin if they are built
PROGRAMS = ('dmabuf-check', 'fio-dmabuf-sendfile', 't/dmabuf-give')
# Memory that the guest needs beside its files
ROOM = 192 << 20
# The modules of --gpu, unless they are built in
GPU = ['vgem', 'virtio-gpu']


def find_built(name):
    """A file of the build directory, or None if it is not built yet."""
    for top in (os.environ.get('FIO_DMABUF_BUILD'), '.', SOURCE,
                os.path.join(SOURCE, 'build')):
        path = os.path.join(top or '.', name)
        if os.path.isfile(path):
            return path
    return None


def find_plugin(options):
    """The plugin's file, or None if none is built yet."""
    given = options.plugin or os.environ.get('FIO_DMABUF_MODULE')
    if given:
        if not os.path.isfile(given):
            raise Problem(f'{given}: no such plugin; build it with make')
        return given
    plugin = find_built(BUILT)
    if plugin:
        return plugin
    note('no plugin is built, ioengine=dmabuf will not work; run make, or '
         'give one with --plugin')
    return None


def add_programs(tree):
    for name in PROGRAMS:
        path = find_built(name)
        if path:
            tree.file('/bin/' + os.path.basename(name), path)


def add_files(tree, options):
    for word in options.command:
        if os.path.isfile(word) and not \
                os.path.abspath(word).startswith(('/proc/', '/sys/')):
            tree.user_file(os.path.join('/root', word), os.path.abspath(word))
    for text in options.file:
        source, dest = text, ''
        if not os.path.exists(text):
            source, _, dest = text.rpartition(':')
        if not os.path.isfile(source):
            raise Problem(f'--file {text}: no such file; write SRC or '
                          'SRC:DEST')
        dest = dest or source
        if dest.endswith('/'):
            dest += os.path.basename(source)
        tree.user_file(os.path.join('/root', dest), os.path.abspath(source))
    for text in options.tree:
        add_tree(tree, text)


def add_tree(tree, text):
    top, _, dest = text.rpartition(':')
    if not os.path.isdir(top) or not dest:
        raise Problem(f'--tree {text}: no such directory; write DIR:DEST')
    for directory, _, names in os.walk(top):
        below = os.path.relpath(directory, top)
        for name in names:
            tree.user_file(os.path.join('/root', dest, below, name),
                           os.path.abspath(os.path.join(directory, name)))


def memory_size(options, image_size):
    """Bytes of the guest's memory: the packed and the unpacked image must fit,
    with room to work in.
    """
    least = 2 * image_size + ROOM
    if options.least is None:
        return max(2 << 30, least)
    if options.least < least:
        raise Problem(f'--memory {options.memory}: too small for the guest\'s '
                      f'files; give at least {mebibytes(least)}')
    return options.least


def build_image(kernel, options):
    """The guest's file system, as a file in memory."""
    fio = options.fio or program('fio', 'fio', '--fio FILE')
    loaded = Modules(kernel.modules, kernel.release, options.module +
                     (GPU if options.gpu and kernel.modules else []),
                     options.p2p)
    drives = ' '.join(map(str, range(options.drives[0])))
    iommu = 'yes' if options.drives[0] else ''
    tree = initramfs.base(fio, find_plugin(options), loaded,
                          f'drives="{drives}"\niommu={iommu}\n'
                          f'p2p={machine.P2P_SERIAL if options.p2p else ""}\n',
                          options.command)
    config = os.path.join(os.path.dirname(kernel.image), 'config')
    if os.path.isfile(config):
        tree.file(f'/boot/config-{kernel.release}', config)
    add_programs(tree)
    add_files(tree, options)
    options.memory = memory_size(options, tree.size())
    image = os.fdopen(os.memfd_create('initramfs'), 'wb')
    tree.write(image)
    image.flush()
    return image


def examine(guest, options):
    """Searches the kernel's messages; returns the exit status."""
    if guest.status is None or options.allow_kernel_warnings:
        return guest.status
    count, shown = kernellog.trouble(guest.lines())
    if not count:
        return guest.status
    for line in shown:
        note(line)
    raise Problem(f'{guest.kernel.label}: the kernel complained, see above '
                  f'(the command\'s exit status was {guest.status})')


def main(argv):
    options = parse_arguments(argv)
    if options.list:
        print_table(kernels.Store().rows())
        return 0
    if options.kernel == 'test':
        if options.modules:
            raise Problem('--modules: the test kernel has none; leave it out')
        kernel = testkernel.find_test_kernel()
    else:
        kernel = kernels.find_kernel(options.kernel, options.modules)
    with build_image(kernel, options) as image:
        guest = machine.Machine(kernel, image, options)
        try:
            guest.run()
        finally:
            if options.kernel_log:
                save_log(guest, options.kernel_log)
    return examine(guest, options)


def print_table(rows):
    """Prints rows as a table."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print('  '.join(map(str.ljust, row, widths)).rstrip())


def save_log(guest, path):
    try:
        with open(path, 'w') as file:
            file.writelines(line + '\n' for line in guest.lines())
    except OSError as error:
        raise Problem(f'--kernel-log {path}: {reason(error)}; give another '
                      'file')


def fill_standard_descriptors():
    """Opens 0, 1 and 2 if they are closed, so that no other file gets them."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
