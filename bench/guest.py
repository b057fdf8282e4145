# SPDX-License-Identifier: GPL-2.0-only
"""Python and this package for the virtual machine: a directory with the
interpreter, those modules of its standard library that `run` needs, compiled,
and the package, each under the name that it has on this system.
"""

import json
import os
import py_compile
import shutil
import subprocess
import sys

from .problem import Problem, program, reason

HERE = os.path.dirname(os.path.realpath(__file__))
# Where the package and its command are in the guest
TOP = '/opt/fio-dmabuf'
INTERPRETER = os.path.realpath(sys.executable)
START = [INTERPRETER, '-I', '-S', '-B']
# What `run` starts besides fio: put in where it is found
TOOLS = ('dmabuf-check', 'fio-dmabuf-sendfile', 'blkid')

# Imports every module of the package that `run` can come to, and names the
# files of the standard library that this took.
LIST = '''
import importlib, json, os, sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2].split():
    importlib.import_module('bench.' + name)
import encodings.ascii, encodings.idna, encodings.latin_1, encodings.utf_8
import encodings.raw_unicode_escape, encodings.unicode_escape, traceback
print(json.dumps(sorted({getattr(module, '__file__', None) or ''
                         for module in sys.modules.values()})))
'''
# What the guest has no use for
OTHERS = {'kernels', 'guest', 'compare', 'judge', 'plot', 'page', 'report'}


def needed(name):
    return name not in OTHERS and not name.startswith(('page_', 'write_'))


def package():
    """The modules of this package for the guest."""
    names = [name[:-3] for name in sorted(os.listdir(HERE))
             if name.endswith('.py')]
    return [name for name in names if needed(name)]


def library():
    """The files of the standard library that they import."""
    names = ' '.join(name for name in package() if name != '__init__')
    done = subprocess.run([*START, '-c', LIST, os.path.dirname(HERE), names],
                          text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ['no reason given'])[-1]
        raise Problem(f'{INTERPRETER}: cannot list what run imports ({last});'
                      ' install fio-dmabuf once more')
    return [path for path in json.loads(done.stdout)
            if path and not path.startswith(HERE + os.sep)]


def put(source, root, dest):
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


def tools(given):
    """Name -> file of the programs that `run` may start."""
    found = {}
    for name in TOOLS:
        path = given.get(name) or shutil.which(name)
        if path:
            found[name] = path
    return found


def tree(root, programs=()):
    """Fills the directory root, for t/vm/run --tree root:/. programs:
    name -> file."""
    try:
        put(INTERPRETER, root, INTERPRETER)
        for path in library():
            put(path, root, path)
        for name in package():
            put(os.path.join(HERE, name + '.py'), root,
                f'{TOP}/bench/{name}.py')
        plans = os.path.join(HERE, 'plans')
        for name in sorted(os.listdir(plans)) if os.path.isdir(plans) else ():
            put(os.path.join(plans, name), root, f'{TOP}/bench/plans/{name}')
        for name, path in dict(programs).items():
            put(path, root, '/usr/bin/' + name)
    except OSError as error:
        raise Problem(f'{error.filename or root}: {reason(error)}')
