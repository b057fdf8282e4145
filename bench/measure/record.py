# SPDX-License-Identifier: GPL-2.0-only
"""A directory of results while a run fills it."""

import glob
import os

from bench.results import directory
from vm.problem import held


class Record:
    """header: directory.json; boot: the boot id in its lines; done: (point,
    round) of each measurement whose file is as it was written; files: their
    files.
    """

    def __init__(self, path, header, boot=None):
        self.path, self.header, self.boot = path, header, boot
        lines = self.lines()
        self.length = len(lines)
        whole = [line for line in directory.last_lines(lines)
                 if not directory.damage(path, line)]
        self.done = {(line['point'], line['round']) for line in whole}
        self.files = {line['file'] for line in whole}

    def lines(self):
        return directory.read_lines(os.path.join(self.path, directory.INDEX))

    def write_header(self):
        directory.write_json(self.path, directory.HEADER, self.header)

    def prepare(self, stem):
        """Creates the directory of a measurement, without leftovers. One that
        is whole, and measured again because another record lacks it, keeps
        its figures until there are new ones.
        """
        base = os.path.join(self.path, stem)
        os.makedirs(os.path.dirname(base), exist_ok=True)
        clear(base, self.kept(stem))

    def log(self, stem, lines):
        if lines:
            directory.write_text(self.path, stem + '.log',
                                 '\n'.join(lines) + '\n')

    def discard(self, stem):
        """Removes the files of a failed measurement, except its log."""
        clear(os.path.join(self.path, stem), ('.log', *self.kept(stem)))

    def kept(self, stem):
        return ('.json',) if stem + '.json' in self.files else ()

    def add(self, stem, text, line):
        """Writes fio's JSON and a line in the index, or neither: signals are
        delayed meanwhile.
        """
        with held():
            try:
                file = directory.write_text(self.path, stem + '.json', text)
                directory.append(self.path, directory.INDEX, {
                    'seq': self.length + 1} | line | {
                    'bytes': os.stat(file).st_size})
                self.length += 1
            except BaseException:
                self.discard(stem)
                raise

    def add_failure(self, line):
        directory.append(self.path, directory.FAILURES, line)


def clear(base, but=()):
    """Removes the files BASE.*, except those with one of these endings."""
    for file in glob.glob(glob.escape(base) + '.*'):
        if not file.endswith(but):
            os.unlink(file)
