# SPDX-License-Identifier: GPL-2.0-only
"""Boots a kernel in an emulated machine with NVMe drives and runs a command
in it, with fio, the plugin and the command's files; see README.md here.
"""

import argparse
import os
import platform
import shlex

from . import initramfs, kernel as kernels, kernellog, machine, testkernel
from .modules import Modules
from .problem import Problem, note, program, reason
from .size import mebibytes, size_option

SOURCE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
BUILT = ('.libs/fio-dmabuf.so', 'engines/.libs/fio-dmabuf.so')
ROOM = 192 << 20
# What --gpu loads where they are modules
GPU = ['vgem', 'virtio-gpu']

ABOUT = '''\
Boots a kernel in qemu (emulated, no hardware virtualization) with NVMe
drives /dev/nvme0n1 and so on, runs COMMAND in it as root in /root, passes
its output on and returns its exit status. An ARG that names a file is put
into the guest under the same name.'''

MORE = '''\
kernels:
  FILE                 a bzImage of your own
  debian:VERSION       the newest match that Debian has in any suite:
                       debian:6.12, debian:7, debian:7.3~rc7
  debian:VERSION/full  the flavour for all hardware; the default, cloud, is
                       smaller and boots faster
  test                 the project's own, which has the interface of path
                       direct (only that, not its speed); it is built the
                       first time, see t/kernel/README.md
  Without --kernel: the newest 7.x. Releases come before candidates, signed
  kernels before unsigned ones of the same version. Kernels are fetched from
  the mirror that apt uses and kept in ~/.cache/fio-dmabuf/vm.

exit status:
  that of COMMAND; 128 + N when signal N ended it
  124  --timeout was over
  125  the guest's kernel complained (WARNING, BUG, Oops, hung task, DMAR
       fault and the like; the lines are shown), the machine could not be
       started, or an option was wrong
  130, 143  interrupted, terminated

examples:
  t/vm/run -- fio examples/ladder.fio
  t/vm/run --kernel debian:6.12 --iommu strict -- fio examples/randread.fio
  t/vm/run --kernel ~/linux/arch/x86/boot/bzImage --drives 2,4G -- \\
      sh -c 'cat /sys/block/nvme*/size'
'''


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise Problem(f'{message}; see t/vm/run --help')


def make_parser():
    cli = Parser(prog='t/vm/run', description=ABOUT, epilog=MORE,
                 usage='t/vm/run [OPTION...] -- COMMAND [ARG...]',
                 allow_abbrev=False,
                 formatter_class=argparse.RawDescriptionHelpFormatter)
    add = cli.add_argument
    add('--kernel', default='debian', metavar='FILE|debian:VERSION|test',
        help='the kernel to boot (default: the newest 7.x of Debian)')
    add('--list', action='store_true',
        help='list the kernels that Debian has, and end')
    add('--modules', metavar='DIR', help='modules of --kernel FILE, where '
        'make modules_install INSTALL_MOD_PATH=DIR put them')
    add('--module', action='append', default=[], metavar='NAME',
        help='load one more module at boot (repeatable)')
    add('--iommu', default='off', choices=list(machine.IOMMU),
        help='off: none; else an Intel IOMMU in this mode, checked in the '
        'guest (default: off)')
    add('--p2p', action='store_true',
        help='put one drive and a device with 64 MiB of memory behind '
        'one PCIe switch and bind the device to vfio-pci; the command finds '
        'them in $P2P_DRIVE and $P2P_DEVICE (needs an IOMMU)')
    add('--drives', default='1,1G', metavar='N[,SIZE]',
        help='NVMe drives, empty and gone afterwards (default: 1,1G)')
    add('--null-drives', action='store_true',
        help='drives that cost nothing: they read as zeroes and forget what '
        'is written')
    add('--memory', metavar='SIZE', help='of the guest (default: 2G, more if '
        'the files put into it need more)')
    add('--gpu', action='store_true', help='/dev/dri/card0 of driver vgem, and '
        'card1, a display of driver virtio-gpu')
    add('--cpus', default='2', metavar='N', help='processors (default: 2)')
    add('--accel', default='tcg', choices=('tcg', 'icount', 'kvm'),
        help='tcg: emulate (default); icount: emulate, and let the guest\'s '
        'clock count its instructions, so that figures repeat; kvm: use '
        'hardware virtualization')
    add('--append', default='', metavar='TEXT',
        help='more for the kernel\'s command line')
    add('--qemu', action='append', default=[], metavar='ARGS',
        help='more arguments for qemu, split as a shell does (repeatable)')
    add('--file', action='append', default=[], metavar='SRC[:DEST]',
        help='put a file into the guest, a program with its libraries '
        '(repeatable; default DEST: the same name)')
    add('--tree', action='append', default=[], metavar='DIR:DEST',
        help='put everything in a directory into the guest (repeatable)')
    add('--fio', metavar='FILE', help='the fio to put into the guest '
        '(default: the one in PATH)')
    add('--plugin', metavar='FILE', help='the plugin to install in the guest '
        '(default: $FIO_DMABUF_MODULE, or the one built in '
        '$FIO_DMABUF_BUILD, here, or in the source tree, if any)')
    add('--timeout', default='600', metavar='SECONDS',
        help='for boot and command together (default: 600)')
    add('--kernel-log', metavar='FILE', help='save the kernel\'s messages')
    add('--allow-kernel-warnings', action='store_true',
        help='do not search the kernel\'s messages')
    return cli


def parse_arguments(argv):
    """Options and command; the value of an option may begin with '-'."""
    cli = make_parser()
    at = argv.index('--') if '--' in argv else len(argv)
    valued = [text for action in cli._actions if action.nargs is None
              for text in action.option_strings]
    words = []
    rest = iter(argv[:at])
    for word in rest:
        if word in valued:
            value = next(rest, None)
            if value is None:
                raise Problem(f'{word}: needs a value; see t/vm/run --help')
            word += '=' + value
        elif not word.startswith('-'):
            raise Problem(f'{word}: write -- before the command')
        words.append(word)
    options = cli.parse_args(words)
    options.command = argv[at + 1:]
    if not options.command and not options.list:
        raise Problem('no command; write: t/vm/run -- COMMAND [ARG...]')
    convert_options(options)
    return options


def number_option(text, option, least, most):
    if not text.isascii() or not text.isdigit() or \
            not least <= int(text) <= most:
        raise Problem(f'{option} {text}: not a number from {least} to {most}')
    return int(text)


def convert_options(options):
    count, comma, length = options.drives.partition(',')
    options.drives = (number_option(count, '--drives', 0, 32),
                      size_option(length if comma else '1G', '--drives'))
    if options.drives[1] < 1 << 20:
        raise Problem(f'--drives {count},{length}: too small; give at least '
                      '1M')
    options.cpus = number_option(options.cpus, '--cpus', 1, 64)
    options.timeout = number_option(options.timeout, '--timeout', 1, 1 << 30)
    if options.p2p and options.iommu == 'off':
        raise Problem('--p2p: vfio needs an IOMMU; add --iommu strict, lazy '
                      'or pt')
    if options.p2p and not options.drives[0]:
        raise Problem('--p2p: needs a drive; give --drives at least 1')
    options.least = None
    if options.memory:
        options.least = size_option(options.memory, '--memory')
    try:
        options.qemu = [word for text in options.qemu
                        for word in shlex.split(text)]
    except ValueError as error:
        raise Problem(f'--qemu: {error}'.lower())
    if platform.machine() != 'x86_64':
        raise Problem(f'this machine is {platform.machine()}: only x86_64 '
                      'programs run in the guest')
    options.program = program('qemu-system-x86_64', 'qemu-system-x86')


def find_plugin(options):
    """The plugin's file, or None when none is built yet."""
    given = options.plugin or os.environ.get('FIO_DMABUF_MODULE')
    if given:
        if not os.path.isfile(given):
            raise Problem(f'{given}: no such plugin; build it with make')
        return given
    for top in (os.environ.get('FIO_DMABUF_BUILD'), '.', SOURCE,
                os.path.join(SOURCE, 'build')):
        for name in BUILT:
            path = os.path.join(top or '.', name)
            if os.path.isfile(path):
                return path
    note('no plugin is built, ioengine=dmabuf will not work; run make, or '
         'name one with --plugin')
    return None


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
    """Packed and unpacked image must fit, with room to work in."""
    least = 2 * image_size + ROOM
    if options.least is None:
        return max(2 << 30, least)
    if options.least < least:
        raise Problem(f'--memory {options.memory}: the guest\'s files need '
                      f'at least {mebibytes(least)}')
    return options.least


def build_image(kernel, options):
    """The guest's file system, in memory."""
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
    add_files(tree, options)
    options.memory = memory_size(options, tree.size())
    image = os.fdopen(os.memfd_create('initramfs'), 'wb')
    tree.write(image)
    image.flush()
    return image


def examine(guest, options):
    """The kernel's messages; returns the exit status."""
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
            raise Problem('--modules: the test kernel has none')
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
    """A table on stdout."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print('  '.join(map(str.ljust, row, widths)).rstrip())


def save_log(guest, path):
    try:
        with open(path, 'w') as file:
            file.writelines(line + '\n' for line in guest.lines())
    except OSError as error:
        raise Problem(f'--kernel-log {path}: {reason(error)}')


def fill_standard_descriptors():
    """A closed stdout must not become some other file's descriptor."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)

