"""A worker: takes sockets from the socket queue, each connected to a client, and answers the clients itself.

Stock Python, 2.7 or 3.6 to 3.15; nothing is installed.
"""
from __future__ import print_function

import multiprocessing
import os
import sys
from multiprocessing.managers import BaseManager

try:
    from queue import Empty
except ImportError:  # Python 2
    from Queue import Empty


class QueueManager(BaseManager):
    pass


QueueManager.register('get_socket_queue')


def main(host, port):
    authkey = os.environ.get('MPBRIDGE_AUTHKEY', 'abc').encode('ascii')
    offers_key = os.environ.get('MPBRIDGE_OFFERS_KEY', '').encode('ascii')  # front --offers-key-file
    multiprocessing.current_process().authkey = offers_key or authkey  # sockets are fetched with it
    manager = QueueManager(address=(host, int(port)), authkey=authkey)
    manager.connect()
    sockets = manager.get_socket_queue()
    while True:
        try:
            client = sockets.get(timeout=1)
        except Empty:  # no client for a second
            break
        except (EOFError, RuntimeError):  # this client was refused meanwhile; or the server is gone:
            continue                      # then the next call fails in another way
        except (IOError, OSError):
            break
        line = client.recv(1000).decode('ascii').strip()
        print('answer %s' % line)
        sys.stdout.flush()
        client.sendall(('%s to you\n' % line).encode('ascii'))
        client.close()
    print('worker exit.')


if __name__ == '__main__':
    main(*sys.argv[1:3])
