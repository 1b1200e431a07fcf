"""Tells what each way of going on gives after the server was started again: restart.py ADDRESS."""
import errno
import multiprocessing
import os
import sys
import threading
from multiprocessing.managers import RemoteError

from base import answer, connect

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'examples'))
from reconnect import forget  # noqa: E402


def attempt(call):
    """What a call gives, or the name of what it raises; of an OSError, the name of its number."""
    try:
        return call()
    except EOFError:
        return 'EOFError'
    except EnvironmentError as e:
        return errno.errorcode[e.errno]
    except RemoteError as e:
        return 'RemoteError', 'KeyError' in str(e)


def in_thread(call):
    out = []
    t = threading.Thread(target=lambda: out.append(attempt(call)))
    t.start()
    t.join()
    return out[0]


def child(jobs, pipe):
    pipe.send(attempt(jobs.qsize))


def in_child(jobs):
    """Of the start method that this Python has by default."""
    ours, theirs = multiprocessing.Pipe()
    p = multiprocessing.Process(target=child, args=(jobs, theirs))
    p.start()
    out = ours.recv()
    p.join()
    return out


def main():
    manager = connect()
    jobs = manager.jobs()
    own = manager.Queue()
    jobs.put('item')
    sys.stdout.write('put\n')
    sys.stdout.flush()
    sys.stdin.readline()
    answer({
        'first': attempt(jobs.qsize),
        'later': [attempt(jobs.qsize) for _ in range(3)],
        'new proxy': attempt(lambda: manager.jobs().qsize()),
        'new thread': in_thread(jobs.qsize),
        'child': in_child(jobs),
        'forgotten': [forget(jobs), attempt(jobs.qsize), attempt(jobs.get), attempt(jobs.qsize)],
        'own': attempt(own.qsize),
    })


if __name__ == '__main__':
    main()
