# SPDX-License-Identifier: GPL-2.0-only
"""vm/command.py: what is put into the guest."""

import os
import tempfile
import unittest
from unittest import mock

from vm import command
from vm.initramfs import Tree


class Programs(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = directory.name
        patches = (mock.patch.dict(os.environ, FIO_DMABUF_BUILD=self.top),
                   mock.patch('vm.command.SOURCE', self.top + '/source'))
        for patch in patches:
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.top)

    def put(self, name):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w') as file:
            file.write('#!/bin/sh\n')
        return path

    def added(self):
        tree = Tree()
        command.add_programs(tree)
        return {path: source for path, (_, _, source) in tree.entries.items()
                if source}

    def test_none_is_built(self):
        self.assertEqual(self.added(), {})

    def test_those_that_are_built(self):
        give = self.put('t/dmabuf-give')
        other = self.put('source/build/dmabuf-check')
        self.assertEqual(self.added(), {'usr/bin/dmabuf-give': give,
                                        'usr/bin/dmabuf-check': other})

    def test_the_named_build_comes_first(self):
        self.put('source/build/dmabuf-check')
        first = self.put('dmabuf-check')
        self.assertEqual(self.added(), {'usr/bin/dmabuf-check': first})


if __name__ == '__main__':
    unittest.main()
