# SPDX-License-Identifier: GPL-2.0-only
"""One run of fio: its command, its output, and how it is ended."""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections import namedtuple

from vm.problem import Problem, held, reason

# Seconds beyond its runtime: a job opens files, allocates and fills memory.
PATIENCE = 120
LATE = 'fio: still running '
# In the engine's line at the end of a job that succeeded
SUMMARY = (': path ', ': neither reads nor writes')
# After these lines fio may exit with status 0, and its JSON has no error.
KILLED = re.compile(r'fio: pid=(\d+), got signal=(\d+)')
ENDED = re.compile(r'fio: terminating on signal (\d+)')

# status: fio's exit status; text, result: its JSON as written, and parsed (or
# None); lines: all other output
Answer = namedtuple('Answer', 'status text result lines')


def version(fio):
    """The output of fio --version."""
    try:
        done = subprocess.run([fio, '--version'], capture_output=True,
                              text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        why = reason(error) if isinstance(error, OSError) else 'no answer'
        raise Problem(f'{fio}: {why}; install fio, or give it with --fio')
    text = done.stdout.strip()
    if done.returncode or not text.startswith('fio-'):
        raise Problem(f'{fio}: not fio; give one with --fio')
    return text


def job_file(name, options):
    """A job file: one section with these options."""
    return '\n'.join([f'[{name}]'] + options) + '\n'


def run(program, job, out, seconds, keep=(), tick=None, patience=None):
    """Runs fio with a job file, or with a list of arguments, and returns an
    Answer. Its output goes to the files OUT.out and OUT.err, which are
    removed. An exception ends fio, and so does taking longer than seconds and
    patience (default: PATIENCE). keep: descriptors that stay open in fio;
    tick: called several times a second meanwhile, with the id of the process.
    """
    patience = PATIENCE if patience is None else patience
    files = out + '.out', out + '.err'
    try:
        status, late = start_and_wait(
            [program, '--output-format=json+'] +
            ([job] if isinstance(job, str) else job), files, keep,
            seconds + patience, tick)
        with open(files[0], 'rb') as stdout, open(files[1], 'rb') as stderr:
            answer = take_apart(status, stdout.read().decode(errors='replace'),
                                stderr.read().decode(errors='replace'))
    finally:
        for file in files:
            if os.path.exists(file):
                os.unlink(file)
    if late:
        answer.lines.insert(0, f'{LATE}{patience:g} s after its runtime, and '
                            'killed; if it lays out a file or fills much '
                            'memory, give it longer with --patience')
    return answer


def start_and_wait(command, files, keep, seconds, tick):
    """The exit status of the command, and whether it took too long."""
    process = None
    try:
        with open(files[0], 'wb') as stdout, open(files[1], 'wb') as stderr, \
                held():
            process = subprocess.Popen(
                command, stdout=stdout, stderr=stderr, pass_fds=keep,
                stdin=subprocess.DEVNULL, start_new_session=True)
        late = wait(process, seconds, tick)
    finally:
        if process:
            end(process)
    return process.returncode, late


def wait(process, seconds, tick):
    """Waits until the process ends; True if that takes too long."""
    limit = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > limit:
            return True
        if tick:
            tick(process.pid)
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            pass
    return False


def end(process):
    """Ends fio and all its processes: SIGTERM lets it close its files."""
    for signum, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 60)):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError,
                                 subprocess.TimeoutExpired):
            os.killpg(process.pid, signum)
            process.wait(seconds)
    if process.poll() is None:
        raise Problem(f'fio (process {process.pid}): cannot be killed, it is '
                      'stuck in the kernel; see the kernel log')
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # jobs that outlived it


def written_by(pid):
    """The bytes that a process and those below it have written to drives; None
    if the kernel does not say. Those of processes that ended do not count.
    """
    parents = {int(name): parent_of(name)
               for name in filter(str.isdigit, os.listdir('/proc'))}
    family = {pid}
    while True:
        more = {child for child, parent in parents.items()
                if parent in family} - family
        if not more:
            break
        family |= more
    written = [number for number in map(write_bytes, family)
               if number is not None]
    return sum(written) if written else None


def parent_of(pid):
    """fio's jobs are no longer in its process group."""
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8',
                  errors='replace') as f:
            return int(f.read().rpartition(')')[2].split()[1])
    except OSError:
        return None


def write_bytes(pid):
    try:
        with open(f'/proc/{pid}/io', encoding='ascii') as f:
            return int(dict(line.split(': ') for line in f)['write_bytes'])
    except (OSError, KeyError):
        return None


def take_apart(status, stdout, stderr):
    """The Answer in fio's output: its own lines precede the JSON, those of an
    engine follow it.
    """
    lines = stderr.splitlines()
    begin = 0 if stdout.startswith('{') else stdout.find('\n{') + 1
    if not stdout.startswith('{') and not begin:
        return Answer(status, '', None, stdout.splitlines() + lines)
    lines = stdout[:begin].splitlines() + lines
    try:
        result, size = json.JSONDecoder().raw_decode(stdout[begin:])
    except ValueError:
        return Answer(status, stdout[begin:], None, lines)
    lines += stdout[begin + size:].strip().splitlines()
    return Answer(status, stdout[begin:begin + size] + '\n', result, lines)


def failure(answer):
    """Why fio gave no figures, in one line, or None."""
    killed = signalled(answer.lines)
    if killed:
        return killed
    jobs = answer.result.get('jobs', []) if answer.result else []
    if answer.status == 0 and jobs and not any(
            job.get('error') for job in jobs):
        return None
    for begin in (LATE, 'dmabuf: ', 'fio: ', ''):
        for line in answer.lines:
            if line.startswith(begin) and line.strip() and not any(
                    word in line for word in SUMMARY):
                return line.strip()
    if answer.status < 0:
        return f'fio: killed by signal {-answer.status}'
    if not answer.result:
        return (f'fio: {"cut-off" if answer.text else "no"} JSON, exit status '
                f'{answer.status}')
    return f'fio: exit status {answer.status} and no error message'


def signalled(lines):
    """The signal that ended fio or one of its jobs, in one line, or None."""
    for line in lines:
        killed, ended = KILLED.search(line), ENDED.search(line)
        if line.startswith(LATE):
            return line
        if killed:
            return (f'fio: a job (process {killed[1]}) was killed by signal '
                    f'{killed[2]}; see the kernel log for the cause')
        if ended:
            return (f'fio: ended early by signal {ended[1]}; find out who '
                    'sent it, and measure again')
    return None
