# SPDX-License-Identifier: GPL-2.0-only
"""Builds the test kernel as if it needed more space than any disk has.

107-kernel-build.py TOP ARGUMENT...
"""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv.pop(1))
from vm import problem, testkernel  # noqa: E402

testkernel.ROOM = 1 << 60
problem.run_program(testkernel.main, 't/kernel/build', 125, steps=True)
