# SPDX-License-Identifier: GPL-2.0-only
"""An error is a Problem with one line that names the object, the reason and
the remedy, and the exit status that it ends the program with. Signals end the
program as an exception, so that what is half done is cleared away.
"""

import contextlib
import os
import shutil
import signal
import sys

NAME = 'fio-dmabuf-bench'
# compare: 0 no regression, 1 regression, 2 everything that cannot be done
FAILED = 2


class Problem(Exception):
    """Ends the program with one line on stderr."""

    def __init__(self, text, status=FAILED):
        super().__init__(text)
        self.status = status


class Interrupted(BaseException):
    """A signal; its number is the argument. Libraries that make another error
    of any Exception leave it alone, as they do KeyboardInterrupt.
    """


def note(text):
    """One line on stderr, for what is no error."""
    print(f'{NAME}: {text}', file=sys.stderr, flush=True)


def reason(error):
    """The words of an OSError without the file name."""
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)  # names of hosts: errno is negative


def program(name, package):
    """The path of a program of this system."""
    path = shutil.which(name)
    if not path:
        raise Problem(f'{name}: not found; install the package {package}')
    return path


def interrupted(signum, _):
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(signum)


@contextlib.contextmanager
def held():
    """Signals wait until the end of the block."""
    came = []
    before = {each: signal.signal(each, lambda signum, _: came.append(signum))
              for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if came and callable(before[came[0]]):
        before[came[0]](came[0], None)


def run_program(main):
    """Ends the program with what main(arguments) comes to."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupted)
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except Problem as problem:
        note(str(problem))
        status = problem.status
    except Interrupted as signum:
        status = 128 + signum.args[0]
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 128 + signal.SIGPIPE
    except OSError as error:
        note(f'{error.filename or NAME}: {reason(error)}')
        status = FAILED
    sys.exit(status)
