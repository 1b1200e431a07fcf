"""A server as CPython has it, of SyncManager's types and the queues' classes: python zoo_server.py ADDRESS KEY"""
import multiprocessing
import sys
from multiprocessing.managers import BaseManager, SyncManager

import zoo_values  # noqa: F401  what clients name must be importable here

try:
    import queue
except ImportError:
    import Queue as queue


class JoinableQueue(queue.Queue):
    pass


class Server(SyncManager):
    pass


named = {}


def shared(make):
    """A callable of one object for all, or of one for each name, as `mpbridge serve` offers queues."""
    def get(name=None):
        return named.setdefault((make, name), make())
    return get


Server.register('LifoQueue', queue.LifoQueue)
Server.register('PriorityQueue', queue.PriorityQueue)
Server.register('get_queue', shared(queue.Queue))
Server.register('get_lifo', shared(queue.LifoQueue))
Server.register('get_priority', shared(queue.PriorityQueue))
Server.register('get_joinable', shared(JoinableQueue))

if __name__ == '__main__':
    multiprocessing.current_process().authkey = sys.argv[2].encode()  # which proxies in arguments dial with
    server = Server(sys.argv[1], sys.argv[2].encode()).get_server()
    sys.stdout.write('ready\n')
    sys.stdout.flush()
    sys.stderr = open('/dev/null', 'w')  # what handlers of dropped connections print
    server.serve_forever()
