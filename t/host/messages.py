# SPDX-License-Identifier: GPL-2.0-only
"""Reads the engine's error messages out of its C source.

    messages.py list ENGINES          print them, one a line
    messages.py form ENGINES          check that each has the form
                                      "object: reason; remedy"
    messages.py quotes ENGINES PAGE   check that the source, or strerror(),
                                      has what the manual page quotes

A check prints what is wrong and exits with status 1 if anything is.
"""

import collections
import errno
import os
import re
import sys

# Function -> index of the argument that is the message. log_info() prints
# results, fprintf() counts when it prints to stderr.
PRINTERS = {'dmabuf_error_set': 2, 'log_err': 0, 'fprintf': 1}

# (FILE:FUNCTION, what a message there lacks) -> why it may
ALLOWED = {
    ('dmabuf.c:get_ioengine', 'no object'):
        'the object is this plugin itself',
    ('dmabuf.c:register_preloaded', 'no object'):
        'the object is this plugin itself',
}

TOKEN = re.compile(r'''
    //[^\n]* | /\*.*?\*/                        # comment
    | ^[ \t]*\#(?:\\\n|[^\n])*                  # directive
    | "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*'     # string, character
    | [A-Za-z_]\w* | \d[\w.]* | \S''', re.DOTALL | re.MULTILINE | re.VERBOSE)
DEFINE = re.compile(r'[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(.*)', re.DOTALL)

# params: names of the parameters of the function that the call is in
Call = collections.namedtuple('Call', 'path function params name args names')


def tokens(code):
    """Tokens without comments; a directive is one token."""
    found = (match.group() for match in TOKEN.finditer(code))
    return [token for token in found if not token.startswith(('//', '/*'))]


def read_tokens(path):
    with open(path, encoding='utf-8') as file:
        return tokens(file.read())


def is_name(token):
    return token[0].isalpha() or token[0] == '_'


def text_of(some, names):
    """The string that adjacent tokens make, None if they make none."""
    text = ''
    for token in some:
        if token.startswith('"'):
            text += token[1:-1].replace('\\"', '"').replace('\\n', '\n')
        elif token in names:
            text += names[token]
        else:
            return None
    return text if some else None


def names_of(code):
    """Macros and constant arrays that stand for a string."""
    names = {}
    for i, token in enumerate(code):
        define = DEFINE.match(token)
        if define:
            name, text = define.group(1), tokens(define.group(2))
        elif code[i + 1:i + 4] == ['[', ']', '=']:
            name, text = token, code[i + 4:i + 5]
        else:
            continue
        if text_of(text, names) is not None:
            names[name] = text_of(text, names)
    return names


def arguments(code, start):
    """The arguments, lists of tokens, of the parenthesis at @start."""
    depth, found = 0, [[]]
    for token in code[start:]:
        before = depth
        depth += (token in '([{') - (token in ')]}')
        if depth == 0:
            return found
        if depth == 1 and token == ',':
            found.append([])
        elif before:
            found[-1].append(token)
    return found


def is_call(code, i):
    """Not a declaration, which has a type before the name."""
    return is_name(code[i]) and code[i + 1:i + 2] == ['('] and \
        (not is_name(code[i - 1]) or code[i - 1] in ('return', 'else'))


def calls_of(path):
    """Every call in the file, with the function that it is in."""
    code = read_tokens(path)
    names = names_of(code)
    function, params, braces, parentheses = None, [], 0, 0
    for i, token in enumerate(code):
        braces += (token == '{') - (token == '}')
        parentheses += (token == '(') - (token == ')')
        if braces:
            if is_call(code, i):
                yield Call(path, function, params, token,
                           arguments(code, i + 1), names)
        elif not parentheses and is_name(token) and \
                code[i + 1:i + 2] == ['(']:
            function = token
            params = [arg[-1] for arg in arguments(code, i + 1) if arg]


def sources(engines):
    return sorted(os.path.join(folder, name)
                  for folder, _, names in os.walk(engines)
                  for name in names if name.endswith('.c'))


def scope(call):
    """Where the name of the function that the call is in is known."""
    return None if call.function.startswith('dmabuf_') else call.path


class Source:
    """The calls that print a message or pass on a part of one.

    A function whose message ends with "%s", filled in with one of its own
    parameters, passes on its caller's words: then its callers are read.
    """

    def __init__(self, engines):
        calls = [call for path in sources(engines) for call in calls_of(path)]
        self.printing = [call for call in calls if call.name in PRINTERS and
                         (call.name != 'fprintf' or
                          call.args[0] == ['stderr'])]
        passing = {}
        for call in self.printing:
            text = self.text(call, PRINTERS[call.name])
            last = ''.join(call.args[-1])
            if text and text.endswith('%s') and last in call.params:
                passing[scope(call), call.function] = (
                    call.params.index(last), text == '%s')
        self.passing = [
            (call, *passing[key]) for call in calls
            for key in ((None, call.name), (call.path, call.name))
            if key in passing]
        self.passers = set(passing)

    @staticmethod
    def text(call, at):
        return text_of(call.args[at], call.names) \
            if len(call.args) > at else None

    def messages(self):
        """(call, message or None) of those set or printed as a whole."""
        for call in self.printing:
            yield call, self.text(call, PRINTERS[call.name])
        for call, at, whole in self.passing:
            if whole:
                yield call, self.text(call, at)

    def remedies(self):
        """(call, remedy or None) of those given to a function."""
        for call, at, whole in self.passing:
            if not whole:
                yield call, self.text(call, at)

    def passes_on(self, call, text):
        return text and text.endswith('%s') and \
            (scope(call), call.function) in self.passers


def is_remedy(text):
    return text is not None and len(text.split()) > 1


def flaw(call, text):
    """What the message lacks of "object: reason; remedy", or None."""
    if text is None:
        return 'no string that this test can read'
    head, _, remedy = text.strip().partition('; ')
    subject, _, reason = head.removeprefix('dmabuf: ').partition(': ')
    # A choice of remedies in the last argument
    given = [token[1:-1] for token in call.args[-1] if token[0] == '"']
    if not all(map(is_remedy, remedy == '%s' and given or [remedy])):
        return 'no remedy'
    if not subject or not reason:
        return 'no object'
    if '\n' in text.strip():
        return 'more than one line'
    return None


def place(call):
    return f'{os.path.basename(call.path)}:{call.function}'


def check_form(engines):
    source = Source(engines)
    found = [(place(call), flaw(call, text), text)
             for call, text in source.messages()
             if not source.passes_on(call, text)]
    found += [(place(call), None if is_remedy(text) else 'no remedy', text)
              for call, text in source.remedies()]
    for where, why, text in found:
        if why and (where, why) not in ALLOWED:
            yield f'{where}: {why}: {text!r}'
    used = {(where, why) for where, why, _ in found}
    for where, why in sorted(set(ALLOWED) - used):
        yield f'{where}: no message with {why}; take it out of ALLOWED'


def strings(path):
    """The strings of a file, adjacent ones and macros joined."""
    code, run = read_tokens(path), []
    names = names_of(code)
    for token in code + [';']:
        if token.startswith('"') or token in names:
            run.append(token)
        elif run:
            yield text_of(run, names)
            run = []


def check_quotes(engines, page):
    with open(page, encoding='utf-8') as file:
        text = file.read().partition('\n# NAME\n')[2]
    known = [text for path in sources(engines) for text in strings(path)]
    known += [os.strerror(number) for number in errno.errorcode]
    text = re.sub(r'```.*?```', '', text, flags=re.DOTALL)
    quotes = re.findall(r'"([^"]+)"', ' '.join(text.split()))
    if not quotes:
        yield 'the page quotes nothing'
    for quote in quotes:
        if not any(quote in each for each in known):
            yield f'"{quote}" is not in the source'


def main(command, engines, *page):
    if command == 'list':
        for call, text in Source(engines).messages():
            print(f'{place(call)}: {(text or "").strip()}')
        return 0
    check = {'form': check_form, 'quotes': check_quotes}[command]
    found = list(check(engines, *page))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
