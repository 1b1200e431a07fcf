"""A worker of an mpbridge pool: multiprocessing.pool.worker over the socket that is descriptor 3.

Given to any Python from 2.7 on as the argument of -c. Messages are those of multiprocessing.pool;
what is added stands in the comments of package pool.
"""
import fcntl
import itertools
import os
import struct
import sys
import traceback
import types
from multiprocessing import current_process
from multiprocessing.pool import worker

try:
    from multiprocessing.connection import Connection
    from pickle import HIGHEST_PROTOCOL, loads
except ImportError:  # Python 2
    from _multiprocessing import Connection
    from cPickle import HIGHEST_PROTOCOL, loads

PYTHON2 = str is bytes
imap = itertools.imap if PYTHON2 else map
conn = Connection(3)


def chunk(f, items, star):
    """Calls f with each item; an exception is the result of its item alone.

    With star an item is a tuple of arguments, with 2 one of those and of keyword arguments.
    """
    results, failures = [], []
    if star == 2:
        calls = imap(lambda item: f(*item[0], **item[1]), items)
    else:
        calls = (itertools.starmap if star else imap)(f, items)
    while len(results) < len(items):
        try:
            results.extend(calls)
            if len(results) < len(items):
                raise RuntimeError('the function raised StopIteration')
        except Exception as e:
            failures.append((len(results), e, traceback.format_exc()))
            results.append(None)
    return results, failures


def unloadable(e):
    raise e


if PYTHON2:
    receive = conn.recv_bytes
else:
    reader = os.fdopen(3, 'rb', 1 << 16, closefd=False)

    def receive():
        """conn.recv_bytes with half the calls and copies: Python 3 has it written in Python."""
        header = reader.read(4)
        if len(header) < 4:
            raise EOFError
        size, = struct.unpack('!i', header)
        if size == -1:
            size, = struct.unpack('!Q', reader.read(8))
        message = reader.read(size)
        if len(message) < size:
            raise EOFError
        return message


def get():
    message = receive()
    try:
        return loads(message)
    except Exception as e:
        return None, None, unloadable, (e,), {}


def put(result):
    """conn.send; Python 2's worker has no traceback in its results, so it is put there."""
    if PYTHON2 and not result[2][0]:
        result += (traceback.format_exc(),)
    conn.send(result)


def text(path):
    return path if PYTHON2 else os.fsdecode(path)


def load_main(path):
    """Makes a script the module __main__ without running it as one; as multiprocessing.spawn does."""
    if PYTHON2:
        import imp
        main = imp.load_source('__mp_main__', path)
    else:
        import runpy
        main = types.ModuleType('__mp_main__')
        main.__dict__.update(runpy.run_path(path, run_name='__mp_main__'))
    sys.modules['__main__'] = sys.modules['__mp_main__'] = main


def preload(names):
    for name in names:
        __import__(name)


def start(path, main):
    try:
        sys.path[:0] = [text(p) for p in path]
        if main is not None:
            load_main(text(main))
        function, args = loads(receive())
        if function is not None:
            function(*args)
    except Exception as e:
        failure = (e, traceback.format_exc())
        try:
            conn.send((None, 0, (False, failure[0]), failure[1]))
        except Exception:
            conn.send((None, 0, (False, Exception(repr(e))), failure[1]))
        raise
    conn.send((None, 0, (True, None)))


def greet():
    conn.send((HIGHEST_PROTOCOL, PYTHON2))
    return loads(receive())


def run():
    flags = fcntl.fcntl(3, fcntl.F_GETFD)
    fcntl.fcntl(3, fcntl.F_SETFD, flags | fcntl.FD_CLOEXEC)
    if hasattr(sys.stdout, 'reconfigure'):
        sys.stdout.reconfigure(line_buffering=True)
    else:
        sys.stdout = os.fdopen(1, 'w', 1)
    helpers = sys.modules['_mpbridge'] = types.ModuleType('_mpbridge')
    helpers.chunk = chunk
    helpers.preload = preload
    helpers.main = sys.modules['__main__']  # load_main replaces it, and it must live on
    number, path, main, maxtasks = greet()
    forked = number == 0  # this is a fork server, which forkserver.py stands before
    if forked:
        start(path, main)
        serve(conn.send_bytes)
        number, path, main, maxtasks = greet()
    current_process().name = 'PoolWorker-%d' % number
    queue = types.ModuleType('queue')
    queue.get = get
    queue.put = put if PYTHON2 else conn.send
    more = () if PYTHON2 else (True,)
    worker(queue, queue, start, (path, main), maxtasks, *more)
    if forked:
        leave()


run()
