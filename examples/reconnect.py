import errno
import os
import sys
import time
from multiprocessing.managers import BaseManager


class QueueManager(BaseManager):
    pass


QueueManager.register('jobs')

# What a call says while no server is there, or when the one that it was connected to has ended.
GONE = (errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED, errno.ECONNREFUSED, errno.ENOENT)


def forget(proxy):
    """Drop this thread's connection: its next call, on any proxy of that server, makes a new one."""
    if hasattr(proxy._tls, 'connection'):
        proxy._tls.connection.close()
        del proxy._tls.connection


def again(method, *args, **kwargs):
    """Call a method of a proxy, and repeat the call until a server answers it."""
    while True:
        try:
            return method(*args, **kwargs)
        except (EOFError, EnvironmentError) as error:
            if not isinstance(error, EOFError) and error.errno not in GONE:
                raise
            forget(method.__self__)
            time.sleep(0.1)


if __name__ == '__main__':
    address = (sys.argv[1], int(sys.argv[2])) if len(sys.argv) > 2 else sys.argv[1]
    manager = QueueManager(address, authkey=os.environ['MPBRIDGE_AUTHKEY'].encode())
    manager.connect()
    jobs = manager.jobs()
    for job in iter(lambda: again(jobs.get), None):
        print('job %s' % (job,))
        sys.stdout.flush()
