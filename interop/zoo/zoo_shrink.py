"""Makes programs on which servers differ smaller, and scripts of them."""
import json
import re
import time

from zoo_known import calls, end
from zoo_side import source

# What an argument is replaced by, where the difference stays the same.
SIMPLE = ['1', "'a'", 'None', '[]']
# Seconds after which a program is small enough: one that hangs costs zoo_run.PATIENCE each time.
ENOUGH = 20


def kind(program, difference):
    """What sort of difference it is: the type, the method, and how the call ended on either side."""
    step = difference['step']
    method = 'make' if step < 0 else re.sub(r'\(.*', '', program['steps'][step][0])
    return '%s: %s: %s, not %s' % (program['type'], method, end(difference['ours']), end(difference['theirs']))


def shrink(program, difference, run):
    """The same kind of difference in fewer steps with simpler arguments, and the difference."""
    best = program
    wanted = kind(best, difference)
    best = dict(best, steps=best['steps'][:difference['step'] + 1])

    until = time.monotonic() + ENOUGH

    def take(smaller):
        nonlocal best, difference
        if time.monotonic() > until:
            return
        answer = run(smaller)
        if answer and kind(smaller, answer) == wanted:
            best, difference = dict(smaller, steps=smaller['steps'][:answer['step'] + 1]), answer

    for i in reversed(range(len(best['steps']) - 1)):
        take(dict(best, steps=best['steps'][:i] + best['steps'][i + 1:]))
    for i in range(len(calls(best))):
        for j in range(len(calls(best)[i][1]) if i < len(calls(best)) else 0):
            for simple in SIMPLE:
                if i < len(calls(best)) and calls(best)[i][1][j] not in SIMPLE:
                    take(replaced(best, i, j, simple))
    return best, difference


def replaced(program, i, j, expression):
    copy = json.loads(json.dumps(program))
    calls(copy)[i][1][j] = expression
    return copy


def script(program, runner, difference, title):
    """The program as a script that runs against any server that has SyncManager's types."""
    lines = ['# ' + title, '# %s; CPython\'s server: %s' % (runner.name, short(difference['theirs'])),
             '# ours: ' + short(difference['ours']), '# program: ' + json.dumps(program),
             '# Run: PYTHONPATH=interop/zoo:PACKAGES python%s THIS.py ADDRESS KEY' % runner.version,
             'import sys', 'from zoo_values import *', 'from zoo_side import *',
             "m = connect('multiprocessing', sys.argv[1], sys.argv[2].encode())", "me = 'me'"]
    if re.search(r'\bp\b', ' '.join(source(c) for c in calls(program))):
        lines.append('p = m.list([1, 2])')
    lines.append('o = ' + source(program['make']))
    for call in program['steps']:
        statement = 'print(canonical(%s))' % source(call)
        lines.append('if %s: %s' % (call[2], statement) if call[2] else statement)
    return '\n'.join(lines) + '\n'


def short(outcome):
    return ' '.join(outcome)[:200].replace('\n', ' ')
