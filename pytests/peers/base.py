"""What every peer script begins with: a manager class, the address from argv, the key from the
environment. Runs on 2.7 and 3.6 to 3.15."""
from __future__ import print_function

import json
import os
import sys
from multiprocessing import current_process
from multiprocessing.managers import BaseManager

try:
    import queue
except ImportError:
    import Queue as queue

KEY = os.environ['MPBRIDGE_AUTHKEY'].encode('ascii')
current_process().authkey = KEY


class Manager(BaseManager):
    pass


for _name in ('get_queue', 'get_task_queue', 'get_result_queue', 'jobs', 'small', 'lifo', 'priority',
              'Queue', 'JoinableQueue'):
    Manager.register(_name)


def address(text):
    """host:port, or the path of a unix socket."""
    if '/' in text:
        return text
    host, _, port = text.rpartition(':')
    return (host, int(port))


def connect(text=None, key=KEY):
    m = Manager(address(text or sys.argv[1]), authkey=key)
    m.connect()
    return m


def answer(value):
    """Prints the script's one line of JSON."""
    print(json.dumps(value))
    sys.stdout.flush()


def raised(f, *args, **kwargs):
    """The name of the exception class that a call raises, and its text."""
    try:
        f(*args, **kwargs)
    except Exception as e:
        return [type(e).__name__, str(e).strip().splitlines()[-1] if str(e).strip() else '']
    return None
