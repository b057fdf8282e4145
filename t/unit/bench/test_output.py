# SPDX-License-Identifier: GPL-2.0-only
"""bench/output.py: files whole or not at all, the standard output, and what
must not be replaced by a file.
"""

import contextlib
import io
import os
import stat
import tempfile
import threading
import unittest

from bench import output
from vm.problem import Problem


class Output(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = directory.name
        self.file = os.path.join(self.top, 'file')

    def write(self, name, text):
        with output.opened(name) as out:
            out.write(text)

    def read(self):
        with open(self.file, encoding='utf-8') as file:
            return file.read()

    def test_what_was_there_stays_until_the_end(self):
        self.write(self.file, 'one')
        with self.assertRaises(KeyError), output.opened(self.file) as out:
            out.write('tw')
            raise KeyError
        self.assertEqual(self.read(), 'one')
        self.assertEqual(os.listdir(self.top), ['file'])

    def test_standard_output(self):
        for name in (None, '-'):
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                self.write(name, 'text')
            self.assertEqual(out.getvalue(), 'text')
        self.assertFalse(os.path.exists('-'))

    def test_a_pipe_is_written_to(self):
        os.mkfifo(self.file)
        found = []
        reader = threading.Thread(target=lambda: found.append(self.read()))
        reader.start()
        try:
            self.write(self.file, 'text')
        finally:
            # opens it for a reader that waits for a writer still
            os.close(os.open(self.file, os.O_RDWR | os.O_NONBLOCK))
            reader.join()
        self.assertEqual(found, ['text'])
        self.assertTrue(stat.S_ISFIFO(os.stat(self.file).st_mode))

    def test_devices_are_written_to(self):
        self.assertTrue(output.is_written_to('/dev/null'))
        with open(self.file, 'w') as file:
            self.assertTrue(
                output.is_written_to(f'/dev/fd/{file.fileno()}'))
        self.assertFalse(output.is_written_to(self.file))
        self.assertFalse(output.is_written_to(self.file + '2'))

    def test_a_link_stays_a_link(self):
        link = os.path.join(self.top, 'link')
        os.symlink('file', link)
        self.write(link, 'text')
        self.assertEqual(self.read(), 'text')
        self.assertTrue(os.path.islink(link))

    def test_errors(self):
        self.write(self.file, 'text')
        for name in (self.file + '/x', self.top + '/a/b', self.top):
            with self.assertRaisesRegex(Problem, f'{name}: .*; give another'):
                self.write(name, 'text')


if __name__ == '__main__':
    unittest.main()
