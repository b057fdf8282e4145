# SPDX-License-Identifier: GPL-2.0-only
"""What differs between a run on this machine (local.py) and one of fio servers
on others (client.py). session.py, rounds.py and what else writes to drives
know a Runner and nothing of either.
"""

import contextlib
from collections import namedtuple

# A measurement for one directory of results: fio's JSON, its figures, what the
# engine reports to have measured (or None), {metric: why it is left out}, and
# when it began (unix time; None: when all of them did)
Outcome = namedtuple('Outcome', 'json metrics measured left_out start',
                     defaults=({}, None))

# Seconds for one job of prepare(): writing a large drive takes days.
PREPARING = 7 * 86400


class Failed(Exception):
    """fio or the engine gave no figures; the reason in one line."""


class Runner:
    """Runs fio. make_runner() of local.py or client.py checks all that a run
    needs and returns one.

    output      the directory that -o names
    outputs     (path, host) of each directory of results; host: None, or the
                name of a fio server
    drives      the names of all drives of the plan
    filename    fio's, for points that name no drives
    boot        boot id of the measured machine, None if not known
    trace       kinds of --trace, None if events cannot be counted
    records     a Record for each of outputs, once they are open
    is_here     whether the drives are those of this machine
    locks       descriptors of the locks on outputs, which fio inherits
    turns       how often a measurement runs fio, one after the other
    """

    boot = trace = None
    is_here = True
    turns = 1

    def __init__(self, output, outputs, drives):
        self.output, self.outputs, self.drives = output, outputs, drives
        self.records, self.locks = [], []

    @contextlib.contextmanager
    def changes(self):
        """While it is entered the run may change values of the machine; then
        they are as they were before.
        """
        yield

    def ab(self, path):
        """"ab" in the header of one of outputs."""
        return None

    def points(self, path, points):
        """What one of outputs has in place of the points of the run."""
        return points

    def environment(self, path, host_name):
        """The contents of environment.json in one of outputs."""
        raise NotImplementedError

    def prepare(self, records, name, options, tick):
        """Runs one job that writes to drives on the machines of these records
        and keeps fio's JSON as NAME.json; or raises Failed. tick: called while
        it runs, with the bytes written so far, or None if not known.
        """
        raise NotImplementedError

    def is_file(self, drive):
        """Whether a drive is a file, or may be one that does not exist yet."""
        raise NotImplementedError

    def size(self, drive):
        """The bytes of a drive; None if it is not known, or is a file that
        does not exist yet.
        """
        raise NotImplementedError

    def measure(self, point, stem, tick):
        """Measures a point once: for each of records an Outcome, or a Failed
        of this record alone. Raises Failed for all of them. stem: path of its
        files in a record, without suffix; tick: called while fio runs.
        """
        raise NotImplementedError

    def lost(self):
        """After a failure: what would make every other point fail as well, in
        one line with a remedy, or None.
        """
        raise NotImplementedError
