"""A worker: takes numbers from the task queue and puts their squares into the result queue.

Stock Python, 2.7 or 3.6 to 3.15; nothing is installed.
"""
from __future__ import print_function

import os
import sys
from multiprocessing.managers import BaseManager

try:
    from queue import Empty
except ImportError:  # Python 2
    from Queue import Empty


class QueueManager(BaseManager):
    pass


QueueManager.register('get_task_queue')
QueueManager.register('get_result_queue')


def main(host, port):
    authkey = os.environ.get('MPBRIDGE_AUTHKEY', 'abc').encode('ascii')
    manager = QueueManager(address=(host, int(port)), authkey=authkey)
    manager.connect()
    tasks = manager.get_task_queue()
    results = manager.get_result_queue()
    while True:
        try:
            n = tasks.get(timeout=1)
        except (Empty, EOFError):  # no work for a second, or the server is gone
            break
        print('run task %d * %d...' % (n, n))
        sys.stdout.flush()
        results.put('%d * %d = %d' % (n, n, n * n))
    print('worker exit.')


if __name__ == '__main__':
    main(*sys.argv[1:3] or ('127.0.0.1', 5000))
