"""A client of a server, and the names that programs use beside those of zoo_values."""
from __future__ import division

import importlib
import sys
import threading  # noqa: F401  programs name it

from zoo_canonical import canonical  # noqa: F401  scripts of programs use it

QUEUES = ['LifoQueue', 'PriorityQueue', 'get_queue', 'get_lifo', 'get_priority', 'get_joinable']


def connect(package, address, key):
    """A manager of a package (multiprocessing or a fork of it) that is connected to a server."""
    managers = importlib.import_module(package + '.managers')
    importlib.import_module(package).current_process().authkey = key

    class Manager(managers.SyncManager):
        pass

    for name in QUEUES:
        Manager.register(name)
    manager = Manager(address, key)
    manager.connect()
    manager.base_proxy = managers.BaseProxy
    return manager


def free(lock):
    """Tells whether a lock can be had at once."""
    got = lock.acquire(False)
    if got:
        lock.release()
    return got


def items(queue):
    """Takes all there is."""
    return [queue.get(False) for _ in range(queue.qsize())]


def drained(queue):
    """Takes what earlier programs have left in a shared queue, and says that it is done."""
    while queue.qsize() > 0:
        try:
            queue.get(False)
        except TypeError:  # what is left has no order
            pass
    return joinable(queue)


def ordered(items):
    """The items in their order, where dicts have one."""
    return list(items) if sys.version_info >= (3, 6) else sorted(items, key=repr)


def text(proxy):
    """What str shows, or its characters, where dicts have no order."""
    return str(proxy) if sys.version_info >= (3, 6) else ''.join(sorted(str(proxy)))


def source(call):
    """A call as Python writes it: see zoo_generate.py."""
    return call[0].format(*call[1])


def joinable(queue):
    """Tells that join need not wait: all is done."""
    while True:
        try:
            queue.task_done()
        except ValueError:
            return True


def last(popitem):
    """What popitem gives, where the order of a dict is defined."""
    return popitem() if sys.version_info >= (3, 7) else None
