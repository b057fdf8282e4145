# SPDX-License-Identifier: GPL-2.0-only
"""The machine: qemu with four serial ports on pipes. The command's output is
passed on to stdout and stderr as it comes, byte for byte; the kernel's
messages are collected; a control line says how the command ended.
"""

import os
import queue
import selectors
import signal
import shutil
import subprocess
import tempfile
import threading
import time

from . import kernellog
from .problem import Problem, note, reason

IOMMU = {'off': ('none', ''),
         'lazy': ('DMA-FQ', 'intel_iommu=on iommu.passthrough=0 '
                            'iommu.strict=0'),
         'strict': ('DMA', 'intel_iommu=on iommu.passthrough=0 '
                           'iommu.strict=1'),
         'pt': ('identity', 'intel_iommu=on iommu=pt')}
# The drives of some versions of qemu (10.0.2) could have two paths, so that
# /dev/nvme0n1 would be a multipath head, which belongs to no PCI device and
# cannot do path direct.
KERNEL = ('console=ttyS0', 'loglevel=7', 'printk.devkmsg=on',
          '8250.nr_uarts=4', 'rdinit=/init', 'panic=-1', 'nokaslr',
          'nvme_core.multipath=N')
# The kernel does not calibrate the clock of an emulated processor, trusts it
# even on a busy host, and does not panic when its timer is late. The guest's
# init starts the other processors.
EMULATED = ('lpj=10000000', 'tsc=reliable', 'no_timer_check', 'maxcpus=1')
# With icount the guest's clock counts its own instructions, 16 ns each, and
# emulating devices takes no time, so what else the host does is not measured.
EMULATION = {'tcg': ('-accel', 'tcg,thread=multi'),
             'icount': ('-accel', 'tcg,thread=single',
                        '-icount', 'shift=4,sleep=on')}
# qemu 7.2 leaves wrong flags behind cmpxchg16b; kernels such as 6.12, which
# use it to allocate memory, crash when an interrupt saves them. Page tables
# of five levels only cost time.
CPU = 'max,cx16=off,la57=off'
# qemu 7.2 leaves out the guest's memory barriers if the machine can never have
# a second processor. Then the drive can miss that commands were submitted, and
# they wait until the kernel aborts them after 30 s. So there is room for one,
# of which the guest knows nothing. icount always leaves the barriers out.
LEAST_ROOM = {'tcg': 2}
# Peer to peer: a device with memory (BAR 2 of ivshmem) and a drive, beside each
# other below a host bridge that the kernel lets pass requests on because of
# the processor (AMD Zen), or behind one switch whose ports pass them on.
MEMORY = ('-object', 'memory-backend-ram,id=p2p-ram,size=64M,share=on',
          '-device', 'ivshmem-plain,memdev=p2p-ram')
P2P = {'host': MEMORY,
       'switch': (
           '-device', 'pcie-root-port,id=p2p-root,chassis=20',
           '-device', 'x3130-upstream,id=p2p-switch,bus=p2p-root',
           '-device', 'xio3130-downstream,id=p2p-drive,bus=p2p-switch,'
                      'chassis=21',
           '-device', 'xio3130-downstream,id=p2p-memory,bus=p2p-switch,'
                      'chassis=22', *MEMORY[:-1],
           MEMORY[-1] + ',bus=p2p-memory')}
P2P_CPU = ',vendor=AuthenticAMD,family=23'
# The first is for such a processor: without its microcode Linux 6.12 warns.
P2P_KERNEL = {None: '', 'host': 'spec_rstack_overflow=off',
              'switch': 'pci=disable_acs_redir=pci:104c:8233'}
P2P_SERIAL = 'fio-dmabuf-p2p'
BOOT_LIMIT = 120
HALT_LIMIT = 30
TAIL = 25


class Writer(threading.Thread):
    """Passes bytes on to a descriptor, so that a slow reader does not hold up
    the guest. error: why writing failed, or None.
    """

    def __init__(self, descriptor):
        super().__init__(daemon=True)
        self.descriptor = descriptor
        self.queue = queue.SimpleQueue()
        self.error = None
        self.start()

    def run(self):
        while True:
            data = self.queue.get()
            while data and not self.error:
                try:
                    data = data[os.write(self.descriptor, data):]
                except OSError as error:
                    self.error = error
            if data is None:
                return

    def close(self):
        self.queue.put(None)
        self.join()


class Machine:
    """options: cpus, memory, drives (count, bytes), null_drives, iommu, p2p
    (None or a key of P2P), gpu, accel, append, qemu (list), timeout,
    allow_kernel_warnings."""

    def __init__(self, kernel, image, options):
        self.kernel = kernel
        self.image = image
        self.options = options
        self.log = bytearray()
        self.control = bytearray()
        self.said = bytearray()
        self.ready = False
        self.status = None
        self.failure = None

    def command(self, drives, ports):
        options = self.options
        command = [options.program, '-no-user-config', '-nodefaults',
                   '-display', 'none', '-no-reboot',
                   '-smp', f'cpus={options.cpus},maxcpus=' +
                   str(max(options.cpus, LEAST_ROOM.get(options.accel, 1))),
                   '-m', f'{options.memory >> 20}M']
        trusted = P2P_CPU if options.p2p == 'host' else ''
        if options.accel == 'kvm':
            command += ['-accel', 'kvm', '-cpu', 'host' + trusted,
                        '-machine', 'q35,kernel-irqchip=split']
        else:
            command += [*EMULATION[options.accel], '-cpu', CPU + trusted,
                        '-machine', 'q35']
        if options.iommu != 'off':
            command += ['-device', 'intel-iommu,intremap=on']
        if options.p2p:
            command += P2P[options.p2p]
        if options.gpu:
            command += ['-device', 'virtio-gpu-pci']
        for number, drive in enumerate(drives):
            place = f'serial=fio-dmabuf-{number}'
            if options.p2p and drive == drives[-1]:
                place = f'serial={P2P_SERIAL}'
                if options.p2p == 'switch':
                    place += ',bus=p2p-drive'
            contents = f'cache=unsafe,discard=unmap,file={path_of(drive)}'
            if options.null_drives:
                contents = (f'file.driver=null-co,file.read-zeroes=on,'
                            f'file.size={options.drives[1]}')
            command += ['-drive',
                        f'if=none,id=drive{number},format=raw,{contents}',
                        '-device', f'nvme,drive=drive{number},{place}']
        for port in ports:
            command += ['-serial', 'file:' + path_of(port)]
        arguments = list(KERNEL) + [IOMMU[options.iommu][1],
                                    P2P_KERNEL[options.p2p],
                                    options.append]
        if options.accel in EMULATION:
            arguments[:0] = EMULATED
        command += ['-kernel', self.kernel.image,
                    '-initrd', path_of(self.image.fileno()),
                    '-append', ' '.join(filter(None, arguments))]
        return command + options.qemu

    def run(self):
        """Boots the kernel; returns the command's exit status."""
        count, length = self.options.drives
        files = []
        try:
            for _ in range(count):
                files.append(tempfile.TemporaryFile())
                os.truncate(files[-1].fileno(), length)
        except OSError as error:
            raise Problem(f'{tempfile.gettempdir()}: {reason(error)}; set '
                          'TMPDIR to a directory with room for the drives')
        pipes = [os.pipe() for _ in range(4)]
        drives = [file.fileno() for file in files]
        command = self.command(drives, [write for _, write in pipes])
        if shutil.which('setpriv'):
            command = ['setpriv', '--pdeathsig', 'KILL'] + command
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
            pass_fds=[self.image.fileno(), *drives,
                      *(write for _, write in pipes)])
        writers = [Writer(1), Writer(2)]
        try:
            for _, write in pipes:
                os.close(write)
            self.serve(process, [read for read, _ in pipes], writers)
        finally:
            process.kill()
            process.wait()
            for writer in writers:
                writer.close()
        self.verdict(process)
        return self.status

    def serve(self, process, ports, writers):
        sinks = {ports[0]: self.hear,
                 ports[1]: writers[0].queue.put,
                 ports[2]: writers[1].queue.put,
                 ports[3]: self.listen,
                 process.stdout.fileno(): self.said.extend}
        start = time.monotonic()
        end = start + self.options.timeout
        halted = None
        with selectors.DefaultSelector() as selector:
            for descriptor in sinks:
                selector.register(descriptor, selectors.EVENT_READ)
            while selector.get_map():
                now = time.monotonic()
                if not self.ready and self.status is None and \
                        now > start + BOOT_LIMIT:
                    raise self.unbooted(f'in {BOOT_LIMIT} s')
                if self.status is None and now > end:
                    what = 'the command did not end' if self.ready else \
                        'the guest did not boot'
                    raise Problem(f'--timeout {self.options.timeout}: {what} '
                                  'in time; give more seconds', 124)
                if self.status is not None:
                    halted = halted or now
                    if now > halted + HALT_LIMIT:
                        raise self.died('did not shut down')
                for key, _ in selector.select(0.5):
                    data = os.read(key.fd, 1 << 16)
                    if data:
                        sinks[key.fd](data)
                    else:
                        selector.unregister(key.fd)
                for writer in writers:
                    if isinstance(writer.error, BrokenPipeError):
                        raise Problem('', 128 + signal.SIGPIPE)
                    if writer.error:
                        raise Problem('the command\'s output: cannot be '
                                      f'written: {reason(writer.error)}')

    def hear(self, data):
        """Keeps the kernel's messages; a command that a drive has lost ends
        the run, for the job would wait until all of them have been aborted.
        """
        before = self.log.rfind(b'\n') + 1
        self.log.extend(data)
        if self.options.allow_kernel_warnings:
            return
        end = self.log.rfind(b'\n') + 1
        lost = kernellog.unanswered(
            self.log[before:end].decode(errors='replace').splitlines())
        if lost:
            raise Problem(f'{self.kernel.label}: an emulated drive does not '
                          f'answer ({lost.strip()}); run it again, or use a '
                          'newer qemu such as 10.0')

    def listen(self, data):
        self.control.extend(data)
        while b'\n' in self.control:
            line, _, rest = self.control.partition(b'\n')
            self.control = bytearray(rest)
            word, _, value = line.decode('latin-1').partition(' ')
            if word == 'ready':
                self.ready = True
            elif word == 'exit':
                self.status = int(value)
            elif word == 'fail':
                self.failure = value
            elif word == 'iommu':
                domain = IOMMU[self.options.iommu][0]
                if value != domain:
                    self.failure = (f'--iommu {self.options.iommu}: the drive '
                                    f'is in a domain of type {value} instead '
                                    f'of {domain}; use a kernel with '
                                    'INTEL_IOMMU')
            if self.failure:
                raise Problem(self.failure)

    def verdict(self, process):
        """Raises a Problem if the guest ended without reporting a status."""
        if self.status is not None:
            return
        if process.returncode and not self.log:
            lines = self.said.decode(errors='replace').strip().splitlines()
            raise Problem(lines[-1] if lines else 'qemu ended with status '
                          f'{process.returncode}')
        raise self.died('died') if self.ready else self.unbooted('')

    def unbooted(self, when):
        self.show_tail()
        return Problem(f'{self.kernel.label}: did not boot {when}'.strip() +
                       '; its messages are above')

    def died(self, what):
        self.show_tail()
        return Problem(f'{self.kernel.label}: the guest {what}; its '
                       'messages are above')

    def show_tail(self):
        """Shows the complaints in the log, or its end."""
        lines = self.lines()
        for line in kernellog.trouble(lines)[1] or lines[-TAIL:]:
            note(line)

    def lines(self):
        text = self.log.decode(errors='replace')
        return [line.rstrip('\r') for line in text.splitlines()]


def path_of(descriptor):
    return f'/proc/self/fd/{descriptor}'
