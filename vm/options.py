# SPDX-License-Identifier: GPL-2.0-only
"""The command line of t/vm/run: its options, its help, and their values."""

import argparse
import platform
import shlex

from .machine import IOMMU
from .problem import Problem, program
from .size import size_option

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
    add_machine_options(cli.add_argument)
    add_guest_options(cli.add_argument)
    return cli


def add_machine_options(add):
    add('--kernel', default='debian', metavar='FILE|debian:VERSION|test',
        help='the kernel to boot (default: the newest 7.x of Debian)')
    add('--list', action='store_true',
        help='list the kernels that Debian has, and end')
    add('--modules', metavar='DIR', help='modules of --kernel FILE, where '
        'make modules_install INSTALL_MOD_PATH=DIR put them')
    add('--module', action='append', default=[], metavar='NAME',
        help='load one more module at boot (repeatable)')
    add('--iommu', default='off', choices=list(IOMMU),
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


def add_guest_options(add):
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
