"""A manager: offers a task queue and a result queue, puts ten tasks, and prints ten results.

Stock Python, 2.7 or 3.6 to 3.15; nothing is installed.
"""
from __future__ import print_function

import os
import sys
from multiprocessing.managers import BaseManager

try:
    import queue
except ImportError:  # Python 2
    import Queue as queue

task_queue = queue.Queue()
result_queue = queue.Queue()


def get_task_queue():
    return task_queue


def get_result_queue():
    return result_queue


class QueueManager(BaseManager):
    pass


QueueManager.register('get_task_queue', callable=get_task_queue)
QueueManager.register('get_result_queue', callable=get_result_queue)


def main(host='127.0.0.1', port='5000'):
    authkey = os.environ.get('MPBRIDGE_AUTHKEY', 'abc').encode('ascii')
    manager = QueueManager(address=(host, int(port)), authkey=authkey)
    manager.start()
    print('ready', manager.address[1])
    sys.stdout.flush()
    try:
        tasks = manager.get_task_queue()
        results = manager.get_result_queue()
        for n in range(1, 11):
            print('Put task %d...' % n)
            tasks.put(n)
        for _ in range(10):
            print('Result: %s' % results.get(timeout=10))
    finally:
        manager.shutdown()
    print('manager exit.')


if __name__ == '__main__':
    main(*sys.argv[1:3])
