"""Runs programs against two servers, and tells where they differ.

    python zoo_run.py ADDRESS KEY SERVER_PYTHON SERVER_PATH [PACKAGE]

ADDRESS is that of our server. CPython's own is started with SERVER_PYTHON and SERVER_PATH as its PYTHONPATH.
PACKAGE is what speaks to ours: multiprocessing, multiprocess or billiard. Each line of stdin is a program in
JSON (see zoo_generate.py), and is answered by a line: null where both servers answer alike, or the first
difference: {"step": its index, -1 for the making, "theirs": OUTCOME, "ours": OUTCOME, "raised": what calls
before raised on both sides}."""
from __future__ import division

import gc
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings

import zoo_side
import zoo_values
from zoo_canonical import canonical

# A call that takes longer hangs.
PATIENCE = float(os.environ.get('MPBRIDGE_ZOO_PATIENCE') or 30)


class Hang(BaseException):
    """A call took longer than PATIENCE."""


def alarm(number, frame):
    raise Hang()


class Side(object):
    """A program that runs against one server."""

    def __init__(self, package, address, key):
        self.manager = zoo_side.connect(package, address, key)

    def begin(self, program):
        if program['type'] == 'shared queues':
            gc.collect()  # an older proxy of the same queue that goes later closes the connection of this one
        self.names = dict(vars(zoo_values), **vars(zoo_side))
        self.names.update(m=self.manager, me=str(os.getpid()), p=None, o=None)  # queues by name are one's own
        if any('p' in call[1] for call in [program['make']] + program['steps']):
            self.names['p'] = self.manager.list([1, 2])
        outcome = self.call(program['make'])
        self.names['o'] = self.result
        if outcome[0] == 'value' and program['make'][0].startswith('m.get_'):
            self.call(['drained(o)', [], None])
        return outcome

    def call(self, call):
        """How a call ends: ["value", TEXT], ["raise", CLASS, TEXT] or ["hang"]."""
        self.result = None
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
        try:
            self.result = eval(zoo_side.source(call), self.names)
            same = self.result is not None and self.result is self.names['o']
            return ['value', 'o' if same else canonical(self.result)]
        except Hang:
            self.forget()
            return ['hang']
        except Exception as e:
            return ['raise', raised(e), str(e)[-300:]]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def forget(self):
        """Leaves connections on which an answer is awaited."""
        for entry in self.manager.base_proxy._address_to_local.values():
            if hasattr(entry[0], 'connection'):
                entry[0].connection.close()
                del entry[0].connection

    def end(self):
        self.names = self.result = None


def raised(error):
    """The class of an exception, and of the one that it is the text of."""
    name = type(error).__name__
    if name == 'RemoteError':
        lines = re.findall(r'^([\w.]+)(?::|$)', error.args[0].replace('-', ''), re.MULTILINE)
        name += ' of ' + (lines[-1].rpartition('.')[2] if lines else 'nothing')
    return name


def outcomes(program, sides):
    """The outcomes of each call on both sides, with its index, as far as the two are alike."""
    yield -1, [side.begin(program) for side in sides]
    for i, (template, arguments, condition) in enumerate(program['steps']):
        if condition:
            met = [side.call([condition, [], None]) for side in sides]
            if met[0] != ['value', 'True'] or met[1] != met[0]:
                yield i, met
                continue
        yield i, [side.call([template, arguments, None]) for side in sides]


def first_difference(program, sides):
    raised = []
    try:
        for i, (theirs, ours) in outcomes(program, sides):
            if theirs[:2] != ours[:2] or theirs[0] == 'hang':
                return {'step': i, 'theirs': theirs, 'ours': ours, 'raised': raised}
            if theirs[0] == 'raise' and i >= 0:
                raised.append(zoo_side.source(program['steps'][i]) + ': ' + theirs[1])
            if i < 0 and theirs[0] != 'value':
                return None  # nothing more can be asked
    finally:
        for side in sides:
            side.end()


class Stock(object):
    """CPython's server, and the side that speaks to it."""

    def __init__(self, python, path, key):
        self.python, self.path, self.key = python, path, key
        self.folder = tempfile.mkdtemp()
        self.count, self.server = 0, None
        self.start()

    def start(self):
        """Starts the server, anew if need be: a call that hangs may be one that takes all memory."""
        self.stop()
        self.count += 1
        address = os.path.join(self.folder, str(self.count))
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'zoo_server.py')
        self.server = subprocess.Popen([self.python, script, address, self.key], stdout=subprocess.PIPE,
                                       env=dict(os.environ, PYTHONPATH=self.path))
        if self.server.stdout.readline() != b'ready\n':
            raise SystemExit("CPython's server did not start")
        self.side = Side('multiprocessing', address, self.key.encode())

    def stop(self):
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server.stdout.close()
            self.server = None

    def end(self):
        self.stop()
        shutil.rmtree(self.folder)


def main():
    address, key, python, path, package = (sys.argv[1:] + ['multiprocessing'])[:5]
    warnings.simplefilter('ignore')
    signal.signal(signal.SIGALRM, alarm)
    stock = Stock(python, path, key)
    try:
        ours = Side(package, address, key.encode())
        write('ready')
        for line in iter(sys.stdin.readline, ''):
            difference = first_difference(json.loads(line), [stock.side, ours])
            write(json.dumps(difference))
            if difference and difference['theirs'][0] == 'hang':
                stock.start()
    finally:
        stock.end()


def write(line):
    sys.stdout.write(line + '\n')
    sys.stdout.flush()


if __name__ == '__main__':
    main()
