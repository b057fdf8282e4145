# SPDX-License-Identifier: GPL-2.0-only
"""A headless Chromium without a network, driven by its own protocol over a
pipe: loads pages, asks them, presses keys. For the tests of pages.
"""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time

NAMES = ('chromium', 'chromium-browser', 'google-chrome')
FLAGS = ('--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run',
         '--disable-dev-shm-usage', '--disable-extensions', '--disable-sync',
         '--disable-background-networking', '--disable-component-update',
         '--hide-scrollbars', '--allow-file-access-from-files',
         '--host-resolver-rules=MAP * ~NOTFOUND', '--remote-debugging-pipe',
         '--window-size=1400,1000')
LIMIT = 30


class Browser:
    """Use as a context; page(path) loads a file."""

    def __enter__(self):
        programs = list(filter(None, map(shutil.which, NAMES)))
        if not programs:
            raise FileNotFoundError('chromium: not found; install the '
                                    'package chromium')
        self.home = tempfile.mkdtemp()
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4.
        shell = f'exec "$@" 3<&{commands} 4>&{answers}'
        self.process = subprocess.Popen(
            ['bash', '-c', shell, 'sh', programs[0], *FLAGS,
             f'--user-data-dir={self.home}', 'about:blank'],
            pass_fds=(commands, answers), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, HOME=self.home), start_new_session=True)
        os.close(commands)
        os.close(answers)
        self.number, self.buffer, self.events = 0, b'', []
        self.session = None
        targets = self.call('Target.getTargets')['targetInfos']
        target = next(target for target in targets
                      if target['type'] == 'page')
        self.session = self.call('Target.attachToTarget', flatten=True,
                                 targetId=target['targetId'])['sessionId']
        for name in ('Page', 'Runtime', 'Network', 'Log'):
            self.call(name + '.enable')
        return self

    def __exit__(self, *_):
        os.close(self.commands)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.answers)
        shutil.rmtree(self.home, ignore_errors=True)

    def message(self):
        end = time.monotonic() + LIMIT
        while b'\0' not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.answers], [], [], left)[0]:
                raise TimeoutError(f'chromium: no answer in {LIMIT} s')
            more = os.read(self.answers, 1 << 20)
            if not more:
                raise EOFError('chromium: has ended')
            self.buffer += more
        text, _, self.buffer = self.buffer.partition(b'\0')
        return json.loads(text)

    def call(self, method, **parameters):
        self.number += 1
        request = {'id': self.number, 'method': method, 'params': parameters}
        if self.session:
            request['sessionId'] = self.session
        os.write(self.commands, json.dumps(request).encode() + b'\0')
        while True:
            answer = self.message()
            if answer.get('id') == self.number:
                if 'error' in answer:
                    raise RuntimeError(f'{method}: {answer["error"]}')
                return answer['result']
            self.events.append(answer)

    def page(self, path):
        """Loads a file, to its end."""
        self.events = []
        self.call('Page.navigate', url='file://' + os.path.abspath(path))
        while not self.named('Page.loadEventFired'):
            self.events.append(self.message())

    def named(self, *names):
        return [event['params'] for event in self.events
                if event.get('method') in names]

    def requests(self):
        """What was asked for, but for the page itself and data in it."""
        self.ask('1')
        urls = [event['request']['url']
                for event in self.named('Network.requestWillBeSent')]
        return [url for url in urls[1:] if not url.startswith('data:')]

    def complaints(self):
        self.ask('1')
        return [json.dumps(event) for event in
                self.named('Runtime.exceptionThrown', 'Log.entryAdded')]

    def ask(self, expression):
        """The value of an expression of JavaScript in the page."""
        result = self.call('Runtime.evaluate', expression=expression,
                           returnByValue=True, awaitPromise=True)
        if 'exceptionDetails' in result:
            raise RuntimeError(json.dumps(result['exceptionDetails']))
        return result['result'].get('value')

    def press(self, key, code, text=''):
        """A key, as from a keyboard."""
        for kind in ('keyDown', 'keyUp'):
            self.call('Input.dispatchKeyEvent', type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code,
                      **({'text': text} if text and kind == 'keyDown'
                         else {}))

    def media(self, kind='', scheme='light'):
        self.call('Emulation.setEmulatedMedia', media=kind, features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])

    def width(self, pixels):
        self.call('Emulation.setDeviceMetricsOverride', width=pixels,
                  height=900, deviceScaleFactor=1, mobile=False)

    def scripts(self, wanted):
        self.call('Emulation.setScriptExecutionDisabled', value=not wanted)
