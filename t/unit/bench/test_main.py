# SPDX-License-Identifier: GPL-2.0-only
"""bench/main.py: what is wrong on the command line is said in one line, with
where to read on.
"""

import contextlib
import io
import unittest

from bench import VERSION, main
from vm.problem import Problem


class Wrong(unittest.TestCase):
    def test_where_to_read_on(self):
        for words, said, where in (
                (['run', 'x', '--foo'], 'arguments: --foo', ' run'),
                (['report', 'x', '--foo', 'y'], '--foo y', ' report'),
                (['compare'], 'required: DIR', ' compare'),
                (['compare', 'a', 'b', '--format', 'pdf'], 'pdf', ' compare'),
                (['--foo'], 'arguments: --foo', ''),
                (['foo'], 'foo', ''),
                ([], 'no command', '')):
            with self.subTest(words):
                with self.assertRaises(Problem) as caught:
                    main.main(words)
                text = str(caught.exception)
                self.assertIn(said, text)
                self.assertTrue(text.endswith(
                    f'; see fio-dmabuf-bench{where} --help'), text)
                self.assertNotIn('\n', text)
                self.assertEqual(caught.exception.status, 2)


class Version(unittest.TestCase):
    def test_is_printed(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), \
                self.assertRaises(SystemExit) as caught:
            main.main(['--version'])
        self.assertEqual(out.getvalue(), f'fio-dmabuf-bench {VERSION}\n')
        self.assertEqual(caught.exception.code, 0)


if __name__ == '__main__':
    unittest.main()
