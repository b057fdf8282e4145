# SPDX-License-Identifier: GPL-2.0-only
"""Where a page or a judgement is written to: a file, which is replaced only by
a complete one; the standard output; a device or a pipe.
"""

import contextlib
import os
import sys

from vm.problem import Problem, reason


@contextlib.contextmanager
def opened(name):
    """Opens a file for text; None and - are the standard output."""
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
    """Whether a name must not be replaced by a file: what is not a regular
    file, and /dev/stdout even if that is one.
    """
    return os.path.exists(name) and (
        not os.path.isfile(name) or
        os.path.abspath(name).startswith(('/dev/', '/proc/')))
