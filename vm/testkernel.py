# SPDX-License-Identifier: GPL-2.0-only
"""The project's test kernel: Debian's packaged source with the patch and the
configuration of t/kernel, built once and kept in the cache. t/kernel/build
runs main(), which prints the path of the bzImage. With --cached it does not
build, and returns 3 if there is none.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile

from .kernel import Kernel, Store, extract
from .mirror import write_lines
from .problem import Problem, note, reason
from .size import mebibytes

PACKAGE = 'linux-source-6.12'
RECIPE = os.path.join(os.path.dirname(os.path.dirname(
    os.path.realpath(__file__))), 't/kernel')
# The package, its archive, sources and objects have needed 2.2 GiB.
ROOM = 2560 << 20
TOOLS = ('bc', 'bison', 'flex', 'gcc', 'ld', 'make', 'patch', 'tar', 'xz')
INSTALLS = 't/kernel/build installs what is missing'
WITHOUT = 't/check --no-direct and t/demo --kernel debian do without it'
# Keeps the names and times of this machine out of the image
NAMELESS = {'KBUILD_BUILD_USER': 'fio-dmabuf', 'KBUILD_BUILD_HOST': 'vm',
            'KBUILD_BUILD_TIMESTAMP': 'Thu Jan 1 00:00:00 UTC 1970',
            'LOCALVERSION': '', 'LC_ALL': 'C'}
PROGRESS = 20


def age(version):
    """Sorts newer after older, and a backport before its origin."""
    number, backport, _ = version.partition('~')
    return list(map(int, re.findall(r'\d+', number))), not backport


def checksum(path):
    with open(path, 'rb') as file:
        return hashlib.sha256(file.read()).hexdigest()


class Unfetchable(Problem):
    """The mirror cannot be reached, or lacks what it lists."""


class TestKernel:
    """The recipe, and its builds in the cache: test/KEY/bzImage with config
    and info.json, which is written first but renamed into place with it."""

    def __init__(self, recipe=RECIPE):
        self.recipe = recipe
        self.store = Store()
        self.top = os.path.join(self.store.top, 'test')
        os.makedirs(self.top, exist_ok=True)
        digest = hashlib.sha256()
        for name in ('dmabuf-test.patch', 'config'):
            with open(os.path.join(recipe, name), 'rb') as file:
                digest.update(hashlib.sha256(file.read()).digest())
        self.digest = digest.hexdigest()[:16]

    def place(self, version):
        return os.path.join(self.top, f'{version}_{self.digest}')

    def cached(self):
        """Version -> bzImage of every complete build of this recipe."""
        images = {}
        for name in os.listdir(self.top):
            version, _, digest = name.rpartition('_')
            image = os.path.join(self.top, name, 'bzImage')
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                with open(os.path.join(self.top, name, 'info.json')) as file:
                    if digest == self.digest and \
                            json.load(file)['sha256'] == checksum(image):
                        images[version] = image
        return images

    def wanted(self, refresh):
        """The newest version that the mirror has."""
        try:
            versions = self.store.sources(PACKAGE, refresh)
        except Problem as trouble:
            raise Unfetchable(str(trouble))
        if not versions:
            raise Unfetchable(f'{PACKAGE}: the mirror has no such package; '
                              + WITHOUT)
        return max(versions, key=age)

    def find(self, build=True):
        """The path of the bzImage; None if it is not built."""
        have = self.cached()
        for again in (False, True):
            try:
                version = self.wanted(again)
                if build and version not in have:
                    self.build(version)
                    have = self.cached()
                return have.get(version)
            except Unfetchable as trouble:
                if not again and not self.store.asked:
                    continue
                if not have:
                    raise
                version = max(have, key=age)
                note(f'{trouble}; using {version} from the cache')
                return have[version]

    # ---- building ----

    def build(self, version):
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        if missing:
            raise Problem(f'{missing[0]}: not found, needed to build the test '
                          f'kernel; {INSTALLS}')
        with self.store.lock('build', 'that builds the test kernel'):
            if version in self.cached():
                return
            for name in os.listdir(self.top):
                if name.startswith('tmp-'):
                    shutil.rmtree(os.path.join(self.top, name), True)
            free = shutil.disk_usage(self.top).free
            if free < ROOM:
                raise Problem(f'{self.top}: {mebibytes(free)} free, building '
                              f'the test kernel needs {mebibytes(ROOM)}; make '
                              'room, or set XDG_CACHE_HOME')
            try:
                with tempfile.TemporaryDirectory(prefix='tmp-',
                                                 dir=self.top) as work:
                    self.build_in(work, version)
            except OSError as error:
                raise Problem(f'{self.top}: {reason(error)}')

    def build_in(self, work, version):
        tree = self.unpack(work, version)
        self.patch(tree, version)
        self.configure(tree)
        note('building the test kernel, once: about 10 minutes on 2 '
             'processors')
        self.make(tree, 'bzImage', self.compiled)
        place = os.path.join(work, 'built')
        os.mkdir(place)
        shutil.move(os.path.join(tree, 'arch/x86/boot/bzImage'), place)
        shutil.move(os.path.join(tree, '.config'),
                    os.path.join(place, 'config'))
        write_lines(os.path.join(place, 'info.json'), [json.dumps({
            'source': PACKAGE, 'version': version, 'recipe': self.digest,
            'sha256': checksum(os.path.join(place, 'bzImage'))})])
        shutil.rmtree(self.place(version), True)
        os.rename(place, self.place(version))

    def unpack(self, work, version):
        note(f'fetching and unpacking {PACKAGE} {version}')
        try:
            with self.store.lock():
                self.store.mirror.download([f'{PACKAGE}={version}'], work)
        except Problem as trouble:
            raise Unfetchable(f'{trouble}; {WITHOUT}')
        package = [name for name in os.listdir(work)
                   if name.endswith('.deb')][0]
        root = os.path.join(work, 'package')
        extract(['dpkg-deb', '-x', os.path.join(work, package), root], package)
        os.unlink(os.path.join(work, package))
        archive = os.path.join(root, 'usr/src', PACKAGE + '.tar.xz')
        extract(['tar', '-C', work, '-xf', archive], package)
        shutil.rmtree(root)
        return os.path.join(work, PACKAGE)

    def patch(self, tree, version):
        patch = os.path.join(self.recipe, 'dmabuf-test.patch')
        with open(patch, 'rb') as file:
            text = file.read().decode(errors='replace')
        origin = re.search(rf'^Made against {PACKAGE} (\S+)', text,
                           re.MULTILINE)
        done = subprocess.run(['patch', '-p1', '--batch', '--forward',
                               '-i', patch], cwd=tree, text=True,
                              errors='replace', stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, 'LC_ALL': 'C'})
        if not done.returncode:
            return
        failed = rejected(done.stdout.splitlines())
        raise Problem(f'{patch}: made against {PACKAGE} '
                      f'{origin.group(1) if origin else "of another version"}'
                      f', does not apply to {version}: '
                      f'{", ".join(failed) or "patch failed"}; '
                      'adapt it as t/kernel/README.md says')

    def configure(self, tree):
        config = os.path.join(self.recipe, 'config')
        self.make(tree, 'allnoconfig', None, 'KCONFIG_ALLCONFIG=' + config)
        with open(config) as file:
            asked = {line.strip() for line in file
                     if line.startswith('CONFIG_')}
        with open(os.path.join(tree, '.config')) as file:
            lost = sorted(asked - set(file.read().splitlines()))
        if lost:
            raise Problem(f'{config}: {", ".join(lost)}: not possible in this '
                          'source, which lacks it or what it depends on; see '
                          't/kernel/README.md')

    def make(self, tree, target, progress, *more):
        """Runs make; if it fails, shows the end of its output."""
        log = os.path.join(self.top, 'build.log')
        with open(log, 'w') as output:
            process = subprocess.Popen(
                ['make', '-C', tree, f'-j{os.cpu_count() or 1}', target,
                 *more],
                stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
                env=clean_environment())
            try:
                while True:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(PROGRESS)
                        break
                    if progress:
                        progress(log)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if not process.returncode:
            return
        with open(log, errors='replace') as file:
            lines = file.read().splitlines()
        for line in [line for line in lines if 'rror' in line][:15] or \
                lines[-15:]:
            note(line)
        raise Problem(f'{tree}: make {target} failed, see above and {log}; '
                      + INSTALLS)

    @staticmethod
    def compiled(log):
        with open(log, errors='replace') as file:
            count = sum(line.startswith('  ') for line in file)
        note(f'building the test kernel: {count} of about 1800 steps done')


def rejected(lines):
    """The output of patch -> which hunks of which files failed, and why."""
    where, failed = '', []
    for line in lines:
        name = re.match(r'(?:patching file |\|\+\+\+ (?:b/)?|'
                        r'The next patch would create the file )([^\s,]+)',
                        line)
        if name:
            where = name.group(1)
        elif re.search(r'FAILED at \d+', line):
            failed.append(f'{where} ({line.strip().rstrip(".")})')
        elif line.startswith('No file to patch'):
            failed.append(f'{where} (no such file)')
        elif re.search('previously applied|already exists', line):
            failed.append(f'{where} (already there)')
    return failed


def clean_environment():
    """The environment without what would change the kernel, such as LLVM=1 or
    KCFLAGS.
    """
    ours = {'PATH', 'HOME', 'TMPDIR'} & set(os.environ)
    return {**{name: os.environ[name] for name in ours}, **NAMELESS}


def find_test_kernel(recipe=RECIPE):
    """--kernel test -> Kernel"""
    return Kernel(TestKernel(recipe).find())


def main(arguments):
    recipe = [word for word in arguments if word != '--cached'] or [RECIPE]
    image = TestKernel(recipe[0]).find(build='--cached' not in arguments)
    if not image:
        return 3
    print(image)
    return 0

