"""Functions that the tests of package pool call, under any Python from 2.7 on."""
from __future__ import print_function

import os
import signal
import sys
import time

state = {}


class Odd(Exception):
    pass


class Unpicklable(Exception):
    def __init__(self, a, b):
        Exception.__init__(self, a)
        self.lock = lambda: None


def initialize(key, value):
    state[key] = value


def failing_initializer(text):
    raise Odd(text)


def exiting_initializer(code):
    print('no start today', file=sys.stderr)
    os._exit(code)


def get_state(key):
    return state.get(key)


def pid(*args):
    return os.getpid()


def square(x):
    return x * x


def add(a, b=0, **more):
    return a + b + sum(more.values())


def fail_odd(x):
    if x % 2:
        raise Odd('odd', x)
    return x


def stop_iteration(x):
    if x == 2:
        raise StopIteration
    return x


def exit_on(x, which):
    if x == which:
        os._exit(9)
    return x


def raise_unpicklable():
    raise Unpicklable(1, 2)


def make_unpicklable():
    return lambda: None


def speak(text, text2):
    print(text)
    print(text2, file=sys.stderr)


def complain(text):
    print(text, file=sys.stderr)


def die(how):
    print('about to die:', how, file=sys.stderr)
    sys.stderr.flush()
    if how == 'exit':
        os._exit(7)
    if how == 'SystemExit':
        raise SystemExit(5)
    if how == 'KeyboardInterrupt':
        raise KeyboardInterrupt
    if how == 'close':
        os.close(3)
        return None
    os.kill(os.getpid(), getattr(signal, how))
    time.sleep(60)


def once(path, x):
    """Dies the first time it is called with this path."""
    if not os.path.exists(path):
        open(path, 'w').close()
        os._exit(4)
    return x


def append(path, x):
    with open(path, 'a') as f:
        f.write('%d\n' % x)
    return x


def stubborn(path):
    """Takes no notice of SIGINT and SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    open(path, 'w').close()
    time.sleep(600)


def spin(path):
    """Never looks at its socket."""
    with open(path, 'w') as f:
        f.write('%d\n' % os.getpid())
    while True:
        pass


def big(n):
    return b'x' * n


def size(value):
    return len(value)


def nap(seconds, value):
    time.sleep(seconds)
    return value


def fork_and_exit(code):
    """Leaves a child behind that holds all descriptors."""
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    os._exit(code)


def scribble():
    os.write(3, b'\0\0\0\3abc')
    return 1


def folder():
    return os.getcwd()


def variable(name):
    return os.environ.get(name)


def append_pair(pair):
    path, x = pair
    with open(path, 'a') as f:
        f.write('%d\n' % x)
    return x


def descriptors():
    """What the open descriptors are, without their numbers: 'socket', 'pipe', '/dev/null'."""
    out = []
    for fd in os.listdir('/proc/self/fd'):
        try:
            out.append(os.readlink('/proc/self/fd/' + fd).split(':')[0])
        except OSError:  # the one of listdir
            pass
    return sorted(out)


def manners():
    """What a process gets from the one that starts it."""
    import multiprocessing
    import threading
    process = multiprocessing.current_process()
    native = getattr(threading.main_thread(), 'native_id', os.getpid())
    return [process.name, str(signal.getsignal(signal.SIGCHLD)), str(signal.getsignal(signal.SIGINT)),
            signal.set_wakeup_fd(-1), os.getpgrp() == os.getpid(), native == os.getpid(),
            process.pid == os.getpid(), multiprocessing.active_children(), sys.argv, sys.path[1:],
            os.readlink('/proc/self/fd/0'), __import__('__main__').__name__]
