# SPDX-License-Identifier: GPL-2.0-only
"""The precondition: drives are written once or several times, in order or at
random, before they are measured. What is done is recorded in the header, so
that a run that was interrupted goes on from there.
"""

import time
from collections import namedtuple

from bench.plan.point import filename
from bench.units import parse_size, show_amount, show_size, show_time
from vm.problem import Problem
from .progress import Work
from .runner import Failed

STEPS = {'fill': ('write', 131072), 'random': ('randwrite', 4096)}
# A fill is written in pieces of so many bytes: one that was interrupted
# continues with the next. Every block of a random pass is written once, so
# that it has to be one piece.
PIECE = 64 << 30
# Bytes per second of the drive that --dry-run takes for an example
ASSUMED = 10 ** 9

# One pass over a drive. step, time: numbers of the step, and of its turn,
# from 1 on; first, size: bytes of the drive that are written, None if unknown
Pass = namedtuple('Pass', 'step time name times drive bs first size')


# ---- what is written ----

def passes_of(plan, drives, size_of):
    """The Passes in their order; size_of: a function, drive -> bytes."""
    return [Pass(step, turn, name, times, drive,
                 plan.precondition.bs or STEPS[name][1],
                 *area_of(plan, size_of(drive)))
            for step, (name, times) in enumerate(plan.precondition.steps, 1)
            for drive in drives for turn in range(1, times + 1)]


def area_of(plan, size):
    """(first byte, bytes) that the plan lets a drive of this size use; None
    for the bytes if that is not known.
    """
    given = dict(option.partition('=')[::2] for option in area_options(plan))
    try:
        first = parse_size(given['offset']) if 'offset' in given else 0
        if 'size' in given:
            return first, parse_size(given['size'])
    except ValueError:  # percent, for example
        return 0, None
    return first, size - first if size else None


def area_options(plan):
    return [option for option in plan.fio
            if option.partition('=')[0] in ('size', 'offset')]


def job_options(plan, each, begin):
    """The fio options of the piece of a Pass that begins after so many bytes,
    and how many bytes are done with it; None if it is the last piece.
    """
    options = ['ioengine=io_uring', 'direct=1', f'rw={STEPS[each.name][0]}',
               f'bs={each.bs}', f'iodepth={plan.precondition.iodepth}',
               'numjobs=1', 'randrepeat=0',
               f'filename={filename([each.drive])}']
    piece = max(PIECE // each.bs, 1) * each.bs
    if each.name != 'fill' or each.size is None or each.size <= piece:
        return options + area_options(plan), None
    end = min(begin + piece, each.size)
    options += [f'offset={each.first + begin}', f'size={end - begin}']
    return options, end if end < each.size else None


def words_of(each):
    turn = f', time {each.time} of {each.times}' if each.times > 1 else ''
    return (f'{each.name} of {each.drive}{turn}, in blocks of '
            f'{show_size(each.bs)}')


def total_bytes(plan, drives, size_of):
    """What all passes write; None if not known."""
    sizes = [each.size for each in passes_of(plan, drives, size_of)]
    return None if None in sizes or not sizes else sum(sizes)


def time_in_words(plan, drives, size_of):
    """What --dry-run says after the time of the rounds."""
    if not plan.precondition.steps:
        return ''
    total = total_bytes(plan, drives, size_of)
    if total is None:
        return ', plus the precondition, whose time depends on the drive'
    return (f', plus the precondition: it writes {show_amount(total)} '
            f'({show_time(max(1, total / ASSUMED))} for a drive of 1 GB/s)')


# ---- writing it ----

def precondition_drives(runner, plan):
    """Runs what the directories of results lack; returns whether anything was
    written.
    """
    records = [record for record in runner.records
               if record.header.get('precondition') and
               not record.header['precondition']['done']]
    if not records:
        return False
    passes = passes_of(plan, runner.drives, runner.size)
    for number, each in enumerate(passes, 1):
        missing = [record for record in records
                   if position(record, each) is not None]
        if missing:
            Pieces(runner, plan, missing, each, number, len(passes)).write()
    for record in records:
        record.header['precondition']['done'] = round(time.time(), 3)
        record.write_header()
    return True


class Pieces:
    """The pieces of one Pass that some records lack. number: of the Pass."""

    def __init__(self, runner, plan, records, each, number, total):
        self.runner, self.plan, self.records = runner, plan, records
        self.each, self.name = each, f'precondition-{number}'
        self.words = f'precondition {number} of {total}: {words_of(each)}'

    def write(self):
        begin = min(position(record, self.each) for record in self.records)
        work = Work(self.words, self.each.size, begin)
        while begin is not None:
            begin = self.write_piece(begin, work)

    def write_piece(self, begin, work):
        """Returns how many bytes are done; None if this was the last piece."""
        options, end = job_options(self.plan, self.each, begin)
        start = time.time()
        try:
            self.runner.prepare(self.records, self.name, options, work.tick)
        except Failed as error:
            raise Problem(f'{self.words}: {error}')
        finally:
            work.clear()
        work.piece_done(end)
        for record in self.records:
            note_done(record, self.each, end, time.time() - start)
        return end


def entry_of(record, each):
    """The entry in the header about a Pass, or None."""
    for entry in record.header['precondition'].get('finished', []):
        if (entry['step'], entry['time'], entry['drive']) == (
                each.step, each.time, each.drive):
            return entry
    return None


def position(record, each):
    """How many bytes of a Pass a record has; None if all of it."""
    entry = entry_of(record, each)
    return entry['bytes'] if entry else 0


def note_done(record, each, end, seconds):
    state = record.header['precondition']
    entry = entry_of(record, each)
    if not entry:
        entry = {'step': each.step, 'time': each.time, 'drive': each.drive}
        state.setdefault('finished', []).append(entry)
    entry['bytes'] = end
    state['seconds'] = round((state['seconds'] or 0) + seconds, 3)
    record.write_header()
