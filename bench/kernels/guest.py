# SPDX-License-Identifier: GPL-2.0-only
"""`run` in the virtual machine: puts Python and the package into the guest,
boots it once, and gets the results out of it.
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

# The directory of the package in the guest
TOP = '/opt/fio-dmabuf'
INTERPRETER = os.path.realpath(sys.executable)
PYTHON = [INTERPRETER, '-I', '-S', '-B']
# What `run` starts besides fio: put into the guest if it is found
TOOLS = ('dmabuf-check', 'fio-dmabuf-sendfile')
SYSTEM_TOOLS = ('blkid',)

# Imports all of `run`, and lists the files that were loaded.
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
# In the guest: this program, and then its results on stdout, which has nothing
# else. Better compression would take longer than the serial port.
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
    """The Python files that `run` imports, of this program and of the standard
    library.
    """
    done = subprocess.run([*PYTHON, '-c', LIST, SOURCE], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ['no error message'])[-1]
        raise Problem(f'{INTERPRETER}: cannot list what run imports ({last});'
                      ' reinstall fio-dmabuf')
    return list(filter(None, json.loads(done.stdout)))


def guest_path(path):
    """The path of a Python file in the guest."""
    if path.startswith(SOURCE + os.sep):
        return os.path.join(TOP, os.path.relpath(path, SOURCE))
    return path


def put_file(source, root, dest):
    """Copies a file to dest below root. Modules are compiled as well, and
    their age is not checked later: compiling takes the guest seconds, and it
    does not have this system's times.
    """
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
    """A program of this package: a built or an installed one, or None."""
    for top in filter(None, (
            os.environ.get('FIO_DMABUF_BUILD'), os.environ.get(PROGRAMS),
            '.', SOURCE, os.path.join(SOURCE, 'build'))):
        path = os.path.join(top, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return shutil.which(name)


def fill_tree(root, plan):
    """Fills the directory root for t/vm/run --tree root:/."""
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
    """The program behind t/vm/run, in the source tree or installed."""
    path = os.path.join(SOURCE, 'vm/run')
    if os.path.isfile(path):
        return path
    raise Problem(f'{SOURCE}/vm/run: not found; reinstall fio-dmabuf')


def boot_command(options, root, plan, arguments):
    """The command of one boot; options: those of t/vm/run; arguments: those
    of `run`.
    """
    words = ['run', os.path.basename(plan), '-o', 'results', *arguments]
    script = (f'python="{" ".join(PYTHON)}"; $python -c "$RUN" "$@" >&2; '
              'status=$?; [ ! -d results ] || $python -c "$PACK"; '
              'exit $status')
    return [machine_program(), *options, '--tree', f'{root}:/', '--', 'env',
            f'RUN={RUN}', f'PACK={PACK}', 'sh', '-c', script, 'run', *words]


def boot_guest(words, log, directory):
    """Runs the command of a boot, with its stderr in the file log and the
    guest's results in a directory; returns the exit status, and whether the
    results are complete.
    """
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
    """Whether the archive is complete, which gzip knows and tar does not."""
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
    """Whether the member is a file or directory below the directory."""
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
    """The reason for a failure: the last line of t/vm/run or of `run`."""
    with open(log, errors='replace') as file:
        lines = [line.strip() for line in file if line.strip()]
    for line in reversed(lines):
        for speaker in ('t/vm/run: ', 'fio-dmabuf-bench: '):
            if line.startswith(speaker):
                return line[len(speaker):]
    return lines[-1] if lines else 'no error message'
