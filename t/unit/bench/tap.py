# SPDX-License-Identifier: GPL-2.0-only
"""Runs every test_*.py in and below this directory and t/unit/vm, or those
named, and prints TAP.
"""

import glob
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
FILES = sorted(file for folder in (HERE, os.path.join(TOP, 't/unit/vm'))
               for file in glob.glob(os.path.join(folder, '**/test_*.py'),
                                     recursive=True))
sys.path[:0] = [TOP, HERE] + sorted(set(map(os.path.dirname, FILES)) - {HERE})


class Tap(unittest.TestResult):
    count = 0

    def say(self, word, test, more=''):
        self.count += 1
        name = test.id().partition('.')[2] if hasattr(test, 'id') else test
        print(f'{word} - {test.id() if not name else name}{more}', flush=True)

    def addSuccess(self, test):
        self.say('ok', test)

    def addSkip(self, test, reason):
        # a comparison with what need not be there skips as "optional: ..."
        if os.environ.get('DMABUF_NO_SKIP') == '1' and \
                not reason.startswith('optional: '):
            self.addFailure(test, (AssertionError, 'may not be skipped: ' +
                                   reason, None))
            return
        self.say('ok', test, f' # SKIP {reason}')

    def addFailure(self, test, error):
        self.say('not ok', test)
        text = error[1] if error[2] is None else \
            self._exc_info_to_string(error, test)
        for line in str(text).splitlines():
            print('#   ' + line)

    addError = addFailure

    def addSubTest(self, test, subtest, error):
        if error:
            self.addFailure(subtest, error)


def main(names):
    suite = unittest.TestLoader().loadTestsFromNames(
        names or [os.path.basename(file)[:-3] for file in FILES])
    tap = Tap()
    suite.run(tap)
    print(f'1..{tap.count}')


if __name__ == '__main__':
    main(sys.argv[1:])
