# SPDX-License-Identifier: GPL-2.0-only
"""A fio server on another machine: its address, what it reports about itself,
and its part of fio's answer, which is about all servers.
"""

import json
import re
import socket
import subprocess
import tempfile
import time
from collections import namedtuple

from bench import VERSION
from vm.problem import Problem, reason
from . import fio

PORT = 8765
# Seconds that a busy server may take to answer
PATIENCE = 30
UNKNOWN = 'measured by a fio server, which does not report this'

# name: as given; folder: the name as that of a directory; facts: what its fio
# reports about itself
Host = namedtuple('Host', 'name folder host port facts', defaults=(None,))

HELLO = re.compile(r'^hostname=(?P<host_name>[^,]*), .*?os=(?P<os>[^,]*), '
                   r'arch=(?P<arch>[^,]*), fio=(?P<fio>[^,]*)', re.M)


# ---- hosts ----

def parse_hosts(text):
    """The Hosts in HOST[:PORT],...; an IPv6 address must be in brackets."""
    hosts = []
    for name in text.split(','):
        match = re.fullmatch(r'(\[[0-9a-fA-F:.%\w]+\]|[^\s:,\[\]/]+)'
                             r'(?::(\d{1,5}))?', name)
        if not match or not 0 < int(match[2] or PORT) < 65536:
            raise Problem(f'--client {text}: {name or "an empty name"} is not '
                          'a host; give HOST or HOST:PORT, separated by '
                          'commas')
        folder = re.sub(r'[^\w.+-]', '_', name.strip('[]'))
        if folder in (host.folder for host in hosts):
            raise Problem(f'--client {text}: {name} is given twice; remove '
                          'one')
        hosts.append(Host(name, folder, match[1].strip('[]'),
                          int(match[2] or PORT)))
    return hosts


def client_address(host):
    """The argument of fio's --client."""
    kind = 'ip6' if ':' in host.host else 'ip'
    return f'{kind}:{host.host},{host.port}'


def ask_server(program, host):
    """What the server reports about itself; a Problem if it does not answer,
    or has another version than the fio here.
    """
    try:
        socket.create_connection((host.host, host.port), PATIENCE).close()
    except OSError as error:
        raise Problem(f'{host.name}: no answer at port {host.port} '
                      f'({reason(error)}); start fio --server there')
    with tempfile.NamedTemporaryFile('w', suffix='.fio') as job:
        job.write(fio.job_file('hello', ['ioengine=null', 'rw=read',
                                         'size=4k']))
        job.flush()
        try:
            done = subprocess.run(
                [program, f'--client={client_address(host)}', job.name],
                capture_output=True, text=True, errors='replace',
                stdin=subprocess.DEVNULL, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise Problem(f'{host.name}: no fio server answers at port '
                          f'{host.port}; start fio --server there')
    match = HELLO.search(done.stdout)
    here = fio.version(program)
    if match and match['fio'] != here:
        raise Problem(f'{host.name}: has {match["fio"]}, but this machine has '
                      f'{here}; install the same version on both')
    if done.returncode or not match:
        why = (done.stderr.strip() or done.stdout.strip() or
               f'exit status {done.returncode}').splitlines()[0]
        raise Problem(f'{host.name}: its fio server and {here} here '
                      f'do not work together: {why}; install the same '
                      'version on both')
    return match.groupdict()


def server_environment(host, names, plugin):
    """environment.json of a server: what it reports, null for all else."""
    return {
        'created': round(time.time(), 3), 'bench': VERSION,
        'host_name': host.facts['host_name'], 'boot': None,
        'kernel': {'release': None, 'version': None, 'command_line': None,
                   'config_file': None, 'config': None, 'sysctl': {},
                   'parameters': {}, 'clock_source': None},
        'cpu': None, 'mitigations': None, 'memory': None, 'memlock': None,
        'load': None,
        'drives': [{'name': name, 'kind': None, 'written': {
            'percent': None, 'source': UNKNOWN, 'zeros': None}}
            for name in names],
        'fio': {'file': None, 'version': host.facts['fio'], 'sha256': None},
        'plugin': {'file': plugin, 'version': None, 'sha256': None}
        if plugin else None,
        'check': None, 'check_missing': UNKNOWN,
        'client': {'host': host.host, 'port': host.port,
                   'os': host.facts['os'], 'arch': host.facts['arch'],
                   'unknown': UNKNOWN}}


def part_of(answer, host):
    """This host's part of fio's answer, in the form of a run without --client.
    It has the lines of all hosts: they begin with the hosts' own names, which
    may be the same.
    """
    lines = [re.sub(r'^<[^>]*> ?', '', line) for line in answer.lines]
    if not answer.result:
        return answer._replace(lines=lines)
    jobs = [job for job in answer.result.get('client_stats', [])
            if job.get('hostname') == host.host and
            job.get('port') == host.port and
            job.get('jobname') != 'All clients']
    result = {key: value for key, value in answer.result.items()
              if key not in ('client_stats', 'disk_util')} | {'jobs': jobs}
    status = answer.status if not jobs or any(job['error'] for job in jobs) \
        else 0
    return answer._replace(status=status, result=result, lines=lines,
                           text=json.dumps(result, indent=2) + '\n')


def part_failure(answer):
    if answer.result and not answer.result['jobs']:
        gone = [line for line in answer.lines if 'disconnected' in line]
        return 'no result' + (f' ({gone[0]})' if gone else '')
    return fio.failure(answer)
