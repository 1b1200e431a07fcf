"""CPython's own manager server: server.py ADDRESS, host:port or a path."""
from __future__ import print_function

import sys
from multiprocessing.managers import SyncManager
from queue import Queue

queue = Queue()


class Manager(SyncManager):
    pass


Manager.register('q', callable=lambda: queue)


def main(text):
    address = text
    if '/' not in text:
        host, _, port = text.rpartition(':')
        address = (host, int(port))
    server = Manager(address, authkey=b'bench').get_server()
    where = server.address
    print('ready', where if isinstance(where, str) else '%s:%d' % where)
    sys.stdout.flush()
    server.serve_forever()


if __name__ == '__main__':
    main(sys.argv[1])
