# SPDX-License-Identifier: GPL-2.0-only
"""Fetches Debian's kernel packages with apt, but with its own settings, lists
and cache: this needs no root rights and changes nothing on the system. The
mirror is that of the system's package sources.
"""

import contextlib
import glob
import operator
import os
import re
import shutil
import subprocess

from .problem import Problem, reason
from .size import mebibytes

SUITES = ('bookworm', 'bookworm-backports', 'trixie', 'trixie-backports',
          'sid', 'experimental')
DEBIAN = {'stable', 'oldstable', 'testing', 'unstable', 'sid',
          'experimental', 'bookworm', 'trixie', 'forky'}
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
ROOM = 384 << 20
LIMIT = 900
OWN_KERNEL = 'give your own kernel with --kernel FILE'
PACKAGE = re.compile(r'linux-(image|binary|binary-unsigned|modules|base)-'
                     r'([0-9][^-]*(?:-[0-9]+)?)(-cloud)?-amd64(-unsigned)?')


def codename():
    try:
        with open('/etc/os-release') as file:
            match = re.search(r'^VERSION_CODENAME="?(\w+)', file.read(),
                              re.MULTILINE)
            return match.group(1) if match else 'sid'
    except OSError:
        return 'sid'


def read_or_empty(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return file.read()
    except OSError:
        return ''


def one_line_sources(text):
    """deb [signed-by=FILE trusted=yes] URI SUITE COMPONENT..."""
    for line in text.splitlines():
        match = re.match(r'\s*deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)', line)
        if match:
            options = dict(word.partition('=')[::2]
                           for word in (match.group(1) or '').split())
            yield {'uris': match.group(2), 'suites': match.group(3),
                   **{key.lower(): value for key, value in options.items()}}


def deb822_sources(text):
    lines = '\n'.join(line for line in text.splitlines()
                      if not line.startswith('#'))
    for stanza in re.split(r'\n\s*\n', lines):
        fields = {}
        key = None
        for line in stanza.splitlines():
            if line[:1] in (' ', '\t') and key:
                fields[key] += '\n' + line
            elif ':' in line:
                key, _, value = line.partition(':')
                key = key.strip().lower()
                fields[key] = value.strip()
        if 'deb' in fields.get('types', '').split() and \
                fields.get('enabled', 'yes').lower() not in ('no', 'false'):
            yield fields


def system_source():
    """The first source of Debian itself, as a dict of its fields."""
    sources = list(one_line_sources(read_or_empty('/etc/apt/sources.list')))
    for path in sorted(glob.glob('/etc/apt/sources.list.d/*')):
        if path.endswith('.list'):
            sources += one_line_sources(read_or_empty(path))
        elif path.endswith('.sources'):
            sources += deb822_sources(read_or_empty(path))
    own = codename()
    for source in sources:
        suites = source.get('suites', '').split()
        uri = (source.get('uris', '').split() or [''])[0]
        if uri and not uri.startswith('cdrom:') and \
                any(suite in DEBIAN | {own} for suite in suites):
            return {**source, 'uris': uri}
    raise Problem('/etc/apt: no package source of Debian; ' + OWN_KERNEL)


def debian_sources(source):
    """The lines of a .sources file: all suites from the system's mirror."""
    suites = list(SUITES)
    own = codename()
    if own not in suites:
        suites += [own, own + '-backports']
    keyring = source.get('signed-by') or \
        (KEYRING if os.path.exists(KEYRING) else '')
    lines = ['Types: deb', 'URIs: ' + source['uris'],
             'Suites: ' + ' '.join(suites), 'Components: main']
    lines += ['Signed-By: ' + keyring] if keyring else []
    lines += ['Trusted: yes'] if source.get('trusted') == 'yes' else []
    return lines


def tool_missing():
    for tool in ('apt-get', 'apt-cache', 'apt-config', 'dpkg-deb'):
        if not shutil.which(tool):
            return tool
    return None


class Mirror:
    def __init__(self, directory):
        self.directory = directory
        self.prepared = False

    def prepare(self):
        """Writes apt's settings; done once."""
        if self.prepared:
            return
        missing = tool_missing()
        if missing:
            raise Problem(f'{missing}: not found, needed to fetch Debian\'s '
                          f'kernels; {OWN_KERNEL}')
        source = system_source()
        top = self.directory
        for name in ('lists/partial', 'cache/archives/partial', 'sources',
                     'parts'):
            os.makedirs(os.path.join(top, name), exist_ok=True)
        write_lines(os.path.join(top, 'sources', 'debian.sources'),
                    debian_sources(source))
        write_lines(os.path.join(top, 'status'), [])
        write_lines(os.path.join(top, 'apt.conf'), self.apt_settings())
        self.prepared = True

    def apt_settings(self):
        top = self.directory
        return [
            'Dir::Etc::Main "/dev/null";',
            f'Dir::Etc::Parts "{top}/parts";',
            'Dir::Etc::SourceList "/dev/null";',
            f'Dir::Etc::SourceParts "{top}/sources";',
            f'Dir::State "{top}";',
            f'Dir::State::Lists "{top}/lists";',
            f'Dir::State::Status "{top}/status";',
            f'Dir::Cache "{top}/cache";',
            f'Dir::Log "{top}";',
            'Dir::Cache::srcpkgcache "";',
            'APT::Architecture "amd64";',
            'APT::Architectures { "amd64"; };',
            'APT::Sandbox::User "";',
            *self.system_settings(),
            'Acquire::Check-Valid-Until "false";',
            'Acquire::GzipIndexes "true";',
            'Acquire::Languages "none";',
            'Acquire::http::Timeout "20";',
            'Acquire::https::Timeout "20";']

    def system_settings(self):
        """How the system reaches its mirror: proxies and the like."""
        settings = subprocess.run(['apt-config', 'dump'], text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL).stdout
        ours = re.compile(r'Acquire::(https?::|ftp::|Retries|Check-|Gzip|'
                          r'ForceIPv|Allow)')
        return [line for line in settings.splitlines() if ours.match(line)]

    def call(self, *arguments, cwd=None):
        """Runs an apt program; returns its status, output and complaints."""
        self.prepare()
        free = shutil.disk_usage(self.directory).free
        if free < ROOM:
            raise Problem(f'{self.directory}: {mebibytes(free)} free, '
                          f'fetching needs {mebibytes(ROOM)}; make room, or '
                          'set XDG_CACHE_HOME')
        environment = {**os.environ, 'LC_ALL': 'C',
                       'APT_CONFIG': os.path.join(self.directory,
                                                  'apt.conf')}
        try:
            done = subprocess.run(arguments, cwd=cwd, env=environment,
                                  text=True, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            raise Problem(f'{arguments[0]}: did not end within {LIMIT} s; '
                          f'try again or {OWN_KERNEL}')
        with contextlib.suppress(OSError):
            # It is large, and useful only to those who ask apt all the time.
            os.unlink(os.path.join(self.directory, 'cache/pkgcache.bin'))
        complaints = re.findall(r'^[EW]: *(.*)', done.stderr, re.MULTILINE)
        return done.returncode, done.stdout, complaints

    def refresh(self):
        """Fetches the lists; returns complaints, but not about suites that the
        mirror does not have.
        """
        _, _, complaints = self.call('apt-get', '-q', 'update')
        absent = re.compile(r'404|does not have a Release file|'
                            r'is not available|no longer has a Release')
        return [text for text in complaints if not absent.search(text) and
                not text.startswith('Some index files')]

    def kernels(self):
        """The kernels in the lists: dicts, in any order."""
        status, output, _ = self.call('apt-cache', 'search', '--names-only',
                                      r'^linux-(image|binary|modules|base)-'
                                      r'(unsigned-)?[0-9].*amd64')
        names = [line.split(' ')[0] for line in output.splitlines()]
        names = [name for name in names if PACKAGE.fullmatch(name)]
        if status or not names:
            return []
        _, output, _ = self.call('apt-cache', 'madison', *names)
        return parse_madison(output)

    def sources(self):
        """Name -> versions of the packages with the kernel's source."""
        status, output, _ = self.call('apt-cache', 'search', '--names-only',
                                      r'^linux-source-[0-9]')
        names = [line.split(' ')[0] for line in output.splitlines()]
        if status or not names:
            return {}
        _, output, _ = self.call('apt-cache', 'madison', *names)
        versions = {}
        for line in output.splitlines():
            name, version = [part.strip() for part in line.split('|')][:2]
            versions.setdefault(name, []).append(version)
        return versions

    def download(self, packages, directory):
        """Fetches packages (NAME=VERSION) into a directory."""
        status, _, complaints = self.call('apt-get', '-q', 'download',
                                          *packages, cwd=directory)
        if status:
            why = complaints[-1] if complaints else 'apt-get failed'
            raise Problem(f'{packages[0]}: cannot be fetched ({why}); try '
                          f'again, or {OWN_KERNEL}')


def parse_madison(madison):
    """Rows 'name | version | URI suite/main amd64 Packages' -> kernels."""
    kernels = {}
    companions = set()
    for line in madison.splitlines():
        name, version, where = [part.strip() for part in line.split('|')][:3]
        match = PACKAGE.fullmatch(name)
        if not match or len(where.split(' ')) < 2:
            continue
        kind, number, cloud, unsigned = match.groups()
        abi = f'{number}{cloud or ""}-amd64'
        if kind in ('modules', 'base'):
            companions.add((name, version))
            continue
        # From 6.19 on linux-image is an empty package that needs the others.
        if kind == 'image' and tuple(
                map(int, re.findall(r'\d+', version)[:2])) >= (6, 19):
            continue
        kernels.setdefault((name, version), {
            'package': name, 'version': version, 'abi': abi,
            'flavour': 'cloud' if cloud else 'full',
            'signed': not unsigned and kind != 'binary-unsigned',
            'suite': where.split(' ')[1].split('/')[0]})
    for kernel in kernels.values():
        needed = [(f'linux-{kind}-{kernel["abi"]}', kernel['version'])
                  for kind in ('modules', 'base')]
        # In the flavour "full" the NVMe driver is a module.
        kernel['whole'] = 'image' in kernel['package'] or needed[0] in \
            companions or kernel['flavour'] == 'cloud'
        kernel['packages'] = [f'{kernel["package"]}={kernel["version"]}'] + [
            '='.join(pair) for pair in needed if pair in companions]
    chosen = {}
    for kernel in sorted(kernels.values(), key=operator.itemgetter('signed')):
        if kernel.pop('whole'):
            chosen[kernel['abi'], kernel['version']] = kernel
    return list(chosen.values())


def write_lines(path, lines):
    """Writes a text file, completely or not at all."""
    try:
        with open(f'{path}.{os.getpid()}', 'w') as file:
            file.write(''.join(line + '\n' for line in lines))
        os.replace(file.name, path)
    except OSError as error:
        raise Problem(f'{path}: {reason(error)}')
