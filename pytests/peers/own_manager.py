"""CPython's own manager with a queue: own_manager.py; ends, and says so, once all items are done."""
from __future__ import print_function

import sys
import threading
from multiprocessing.managers import BaseManager

try:
    import queue
except ImportError:  # Python 2
    import Queue as queue

jobs = queue.Queue(3)


class Manager(BaseManager):
    pass


Manager.register('jobs', callable=lambda: jobs)


def main():
    for n in (1, 2, 3):
        jobs.put(n)
    server = Manager(('127.0.0.1', 0), authkey=b'secret key').get_server()
    thread = threading.Thread(target=server.serve_forever)
    thread.daemon = True
    thread.start()
    print('%s:%d' % server.address)
    sys.stdout.flush()
    jobs.join()
    print('all done')
    sys.stdout.flush()


if __name__ == '__main__':
    main()
