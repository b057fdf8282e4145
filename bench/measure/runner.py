# SPDX-License-Identifier: GPL-2.0-only
"""What differs between a run on this machine (local.py) and one of fio servers
on others (client.py). session.py, precondition.py and rounds.py know a Runner
and nothing of either.
"""

from collections import namedtuple

# What one directory of results gets from a measurement: fio's JSON, its
# figures, and what the engine says that it measured (or None)
Outcome = namedtuple('Outcome', 'json metrics measured')


class Failed(Exception):
    """fio or the engine gave no figures; the reason in one line."""


class Runner:
    """Runs fio. Making one checks everything that a run needs.

    output      the directory that -o names
    outputs     (path, host) of each directory of results; host: None, or the
                name of a fio server
    drives      the names of all drives of the plan
    boot        boot id of the machine that is measured, None if not known
    trace       kinds of --trace, None where nothing can be counted
    records     a Record for each of outputs, once they are open
    locks       descriptors of the locks on outputs, for fio to keep open
    """

    boot = trace = None

    def __init__(self, output, outputs, drives):
        self.output, self.outputs, self.drives = output, outputs, drives
        self.records, self.locks = [], []

    def environment(self, path, host_name):
        """What environment.json of one of outputs has."""
        raise NotImplementedError

    def precondition(self, records, name, options, seconds):
        """Runs one job where records come from, at most for seconds, and
        keeps fio's JSON as NAME.json; or Failed.
        """
        raise NotImplementedError

    def measure(self, point, stem, tick):
        """Measures a point once: an Outcome for each of records, or Failed.
        stem: the path of its files in a record, without suffix; tick: is
        called while fio runs.
        """
        raise NotImplementedError

    def lost(self):
        """After a failure: what makes every other point fail as well, in one
        line with a remedy, or None.
        """
        raise NotImplementedError
