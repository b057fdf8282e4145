# SPDX-License-Identifier: GPL-2.0-only
"""`run` in the virtual machine: what it needs of Python there, one boot of
it, and the way of its results out of there.
"""

import gzip
import json
import os
import py_compile
import shutil
import signal
import subprocess
import sys
import tarfile
import zlib

from bench import SOURCE
from bench.measure import drive
from bench.plan.paths import PROGRAMS
from vm.problem import Problem, reason

# Where the package is in the guest
TOP = '/opt/fio-dmabuf'
INTERPRETER = os.path.realpath(sys.executable)
PYTHON = [INTERPRETER, '-I', '-S', '-B']
# What `run` starts besides fio: put in where it is found
TOOLS = ('dmabuf-check', 'fio-dmabuf-sendfile')
SYSTEM_TOOLS = ('blkid',)

# Imports what `run` consists of, and names the files that this took.
LIST = '''
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
from bench.main import COMMANDS
importlib.import_module('bench.' + COMMANDS['run'][0])
import encodings.ascii, encodings.idna, encodings.latin_1, encodings.utf_8
import encodings.raw_unicode_escape, encodings.unicode_escape
import gzip, subprocess, tarfile, traceback
print(json.dumps(sorted({getattr(module, '__file__', None) or ''
                         for module in sys.modules.values()})))
'''
# In the guest: this program, and then its results to stdout, which is theirs
# alone. Packing them better would take longer than the serial port.
RUN = f'''
import sys
sys.path.insert(0, '{TOP}')
from bench import FAILED, NAME
from bench.main import main
from vm.problem import run_program
run_program(main, NAME, FAILED)
'''
PACK = '''
import gzip, sys, tarfile
with gzip.GzipFile(fileobj=sys.stdout.buffer, mode='wb', compresslevel=1) as z:
    with tarfile.open(fileobj=z, mode='w|') as tar:
        tar.add('results', '.')
'''


def list_modules():
    """The files of Python that `run` imports, of this program and of the
    standard library.
    """
    done = subprocess.run([*PYTHON, '-c', LIST, SOURCE], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ['no reason given'])[-1]
        raise Problem(f'{INTERPRETER}: cannot list what run imports ({last});'
                      ' install fio-dmabuf once more')
    return list(filter(None, json.loads(done.stdout)))


def guest_path(path):
    """Where a file of Python goes in the guest."""
    if path.startswith(SOURCE + os.sep):
        return os.path.join(TOP, os.path.relpath(path, SOURCE))
    return path


def put_file(source, root, dest):
    """A file under root; a module compiled as well, for good: compiling
    takes the guest seconds, and it does not know this system's times."""
    target = os.path.join(root, dest.lstrip('/'))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)
    shutil.copymode(source, target)
    if target.endswith('.py'):
        directory, name = os.path.split(target)
        compiled = os.path.join(directory, '__pycache__', name[:-2] +
                                sys.implementation.cache_tag + '.pyc')
        py_compile.compile(
            target, compiled, dest, doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def find_built(name):
    """A program of this package: from the build, or an installed one."""
    for top in filter(None, (
            os.environ.get('FIO_DMABUF_BUILD'), os.environ.get(PROGRAMS),
            '.', SOURCE, os.path.join(SOURCE, 'build'))):
        path = os.path.join(top, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return shutil.which(name)


def fill_tree(root, plan):
    """Fills the directory root, for t/vm/run --tree root:/."""
    try:
        put_file(INTERPRETER, root, INTERPRETER)
        for path in list_modules():
            put_file(path, root, guest_path(path))
        programs = [(name, find_built(name)) for name in TOOLS] + \
            [(name, shutil.which(name, path=os.environ.get('PATH', '') +
                                 drive.SBIN)) for name in SYSTEM_TOOLS]
        for name, path in programs:
            if path:
                put_file(path, root, '/usr/bin/' + name)
        put_file(plan, root, '/root/' + os.path.basename(plan))
    except OSError as error:
        raise Problem(f'{error.filename or root}: {reason(error)}; make room '
                      'or set TMPDIR')


def machine_program():
    """The program t/vm/run: in the source tree, or where it is installed."""
    path = os.path.join(SOURCE, 'vm/run')
    if os.path.isfile(path):
        return path
    raise Problem(f'{SOURCE}/vm/run: not there; install fio-dmabuf once more')


def boot_command(options, root, plan, arguments):
    """One boot: options are those of t/vm/run, arguments those of `run`."""
    words = ['run', os.path.basename(plan), '-o', 'results', *arguments]
    script = (f'python="{" ".join(PYTHON)}"; $python -c "$RUN" "$@" >&2; '
              'status=$?; [ ! -d results ] || $python -c "$PACK"; '
              'exit $status')
    return [machine_program(), *options, '--tree', f'{root}:/', '--', 'env',
            f'RUN={RUN}', f'PACK={PACK}', 'sh', '-c', script, 'run', *words]


def boot_guest(words, log, directory):
    """Runs such a command, its stderr to the file log, what comes out of the
    guest into a directory; returns the exit status, and whether all came."""
    with open(log, 'wb') as stderr:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=stderr)
        try:
            whole = unpack_results(process.stdout, directory)
            # a kernel may still complain
            process.stdout.read()
            return process.wait(), whole
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait()
            process.stdout.close()


def unpack_results(stream, directory):
    """Whether the archive came whole: gzip tells, tar does not."""
    directory = os.path.normpath(directory)
    os.makedirs(directory)
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            with tarfile.open(fileobj=packed, mode='r|') as tar:
                for member in tar:
                    if not unpack_member(tar, member, directory):
                        return False
            while packed.read(1 << 16):
                pass
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile):
        return False
    except OSError as error:
        raise Problem(f'{error.filename or directory}: {reason(error)}; make '
                      'room, and run the same command again')
    return True


def unpack_member(tar, member, directory):
    """Whether it was a file or a directory, and has a place below."""
    path = os.path.normpath(os.path.join(directory, member.name))
    if member.isdir() and path == directory:
        return True
    if not path.startswith(directory + os.sep):
        return False
    if member.isdir():
        os.makedirs(path, exist_ok=True)
        return True
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not member.isfile():
        return False
    with open(path, 'wb') as file:
        shutil.copyfileobj(tar.extractfile(member), file)
    return True


def failure_in(log):
    """The reason of a failure: the last line of t/vm/run or of `run`."""
    with open(log, errors='replace') as file:
        lines = [line.strip() for line in file if line.strip()]
    for line in reversed(lines):
        for speaker in ('t/vm/run: ', 'fio-dmabuf-bench: '):
            if line.startswith(speaker):
                return line[len(speaker):]
    return lines[-1] if lines else 'nothing was said'
