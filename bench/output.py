# SPDX-License-Identifier: GPL-2.0-only
"""Where a page or a judgement goes to: a file that is there when it is whole,
or what was there before; the standard output; a device or a pipe.
"""

import contextlib
import os
import sys

from vm.problem import Problem, reason


@contextlib.contextmanager
def opened(name):
    """To write text to; None and - are the standard output."""
    if name in (None, '-'):
        yield sys.stdout
        return
    file = os.path.realpath(name)
    part = f'{file}.{os.getpid()}.tmp'
    keeps = is_written_to(name)
    try:
        with open(name if keeps else part, 'w', encoding='utf-8',
                  newline='') as out:
            yield out
        if not keeps:
            os.replace(part, file)
    except OSError as error:
        raise Problem(f'{name}: {reason(error)}; give another file')
    finally:
        if not keeps:
            with contextlib.suppress(OSError):
                os.unlink(part)


def is_written_to(name):
    """What is there and no file of its own, /dev/null or /dev/stdout, must
    not be replaced by one."""
    return os.path.exists(name) and (
        not os.path.isfile(name) or
        os.path.abspath(name).startswith(('/dev/', '/proc/')))
