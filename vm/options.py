# SPDX-License-Identifier: GPL-2.0-only
"""The command line of t/vm/run: its options, their help and their values."""

import argparse
import platform
import shlex

from .machine import IOMMU, P2P
from .problem import Problem, program
from .size import size_option

ABOUT = '''\
Boots a kernel in qemu (emulated, without hardware virtualization) with NVMe
drives /dev/nvme0n1 and so on, and runs COMMAND in it as root in /root. Passes
on the output of COMMAND and exits with its status. If an ARG names a file, the
guest gets that file under the same name. It has the programs of the project
that are built, such as dmabuf-check.'''

MORE = '''\
kernels:
  FILE                 your own bzImage
  debian:VERSION       the newest matching kernel in any suite of Debian:
                       debian:6.12, debian:7, debian:7.3~rc7
  debian:VERSION/full  the flavour for all hardware; the default flavour,
                       cloud, is smaller and boots faster
  test                 the project's test kernel, which has the interface of
                       path direct but not its speed; it is built when it is
                       first used, see t/kernel/README.md
  The default is the newest 7.x. Releases are preferred to release candidates,
  and signed kernels to unsigned ones of the same version. Kernels are fetched
  from the mirror that apt uses and kept in ~/.cache/fio-dmabuf/vm.

exit status:
  the status of COMMAND, or 128 + N if signal N ended it
  124  --timeout expired
  125  the guest's kernel complained (WARNING, BUG, Oops, hung task, DMAR
       fault and the like; the lines are shown), a drive did not answer, the
       machine could not be started, or an option was invalid
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
        help='boot this kernel (default: the newest 7.x of Debian)')
    add('--list', action='store_true',
        help='list the kernels that Debian has, and exit')
    add('--modules', metavar='DIR', help='use the modules of --kernel FILE '
        'that make modules_install INSTALL_MOD_PATH=DIR installed')
    add('--module', action='append', default=[], metavar='NAME',
        help='load this module at boot, too (repeatable)')
    add('--iommu', default='off', choices=list(IOMMU),
        help='add an Intel IOMMU in this mode, which the guest checks '
        '(default: off, no IOMMU)')
    add('--p2p', nargs='?', const='host', choices=tuple(P2P),
        metavar='switch',
        help='add a device with 64 MiB of memory, bind it to vfio-pci, and '
        'have the kernel trust the host bridge with peer to peer between it '
        'and a drive; the command finds the two in $P2P_DEVICE and '
        '$P2P_DRIVE (needs an IOMMU). --p2p=switch puts them behind one PCIe '
        'switch, where data arrives only with --iommu pt')
    add('--drives', default='1,1G', metavar='N[,SIZE]',
        help='add N NVMe drives, which start empty and are discarded at the '
        'end (default: 1,1G)')
    add('--null-drives', action='store_true',
        help='make the drives take no time: they read as zeroes and forget '
        'what is written')
    add('--memory', metavar='SIZE', help='memory of the guest (default: 2G, '
        'or more if its files need more)')
    add('--gpu', action='store_true', help='add /dev/dri/card0, of driver '
        'vgem, and card1, a display of driver virtio-gpu')
    add('--cpus', default='2', metavar='N', help='processors (default: 2)')
    add('--accel', default='tcg', choices=('tcg', 'icount', 'kvm'),
        help='tcg: emulate (default); icount: emulate, and let the guest\'s '
        'clock count its instructions, so that figures repeat; kvm: use '
        'hardware virtualization')
    add('--append', default='', metavar='TEXT',
        help='append this to the kernel command line')
    add('--qemu', action='append', default=[], metavar='ARGS',
        help='pass these arguments to qemu, split as a shell does '
        '(repeatable)')


def add_guest_options(add):
    add('--file', action='append', default=[], metavar='SRC[:DEST]',
        help='copy a file into the guest, a program with its libraries '
        '(repeatable; default DEST: the same name)')
    add('--tree', action='append', default=[], metavar='DIR:DEST',
        help='copy everything in a directory into the guest (repeatable)')
    add('--fio', metavar='FILE', help='use this fio in the guest (default: '
        'fio in PATH)')
    add('--plugin', metavar='FILE', help='install this plugin in the guest '
        '(default: $FIO_DMABUF_MODULE, or the one built in '
        '$FIO_DMABUF_BUILD, here, or in the source tree, if any)')
    add('--timeout', default='600', metavar='SECONDS',
        help='time limit for boot and command together (default: 600)')
    add('--kernel-log', metavar='FILE', help='save the kernel\'s messages to '
        'this file')
    add('--allow-kernel-warnings', action='store_true',
        help='do not search the kernel\'s messages for complaints and for '
        'drives that do not answer')


def parse_arguments(argv):
    """Options and command; an option's value may begin with '-'."""
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
                raise Problem(f'{word}: no value; see t/vm/run --help')
            word += '=' + value
        elif not word.startswith('-'):
            raise Problem(f'{word}: not an option; write -- before the '
                          'command')
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
        raise Problem(f'{option} {text}: invalid; give a number from {least} '
                      f'to {most}')
    return int(text)


def convert_options(options):
    """Checks the values, and replaces texts by numbers."""
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
        raise Problem(f'this machine is {platform.machine()}, and the guest '
                      'runs x86_64 programs; use an x86_64 machine')
    options.program = program('qemu-system-x86_64', 'qemu-system-x86')
