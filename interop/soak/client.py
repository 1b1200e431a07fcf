"""A stock client that works for a number of seconds: client.py PORT SECONDS. Runs on 2.7 and 3.6 to 3.15."""
import os
import sys
import time
from multiprocessing import current_process
from multiprocessing.managers import SyncManager

KEY = b'soak'
current_process().authkey = KEY


class Manager(SyncManager):
    pass


for name in ('the_queue', 'the_jobs', 'the_dict', 'the_lock', 'the_count'):
    Manager.register(name, proxytype=SyncManager._registry[
        {'the_dict': 'dict', 'the_lock': 'Lock', 'the_count': 'Value'}.get(name, 'Queue')][-1])


def connect():
    m = Manager(('127.0.0.1', int(sys.argv[1])), authkey=KEY)
    m.connect()
    return m


def once(m, n):
    q, jobs, d, lock, count = m.the_queue(), m.the_jobs(), m.the_dict(), m.the_lock(), m.the_count()
    own = m.list(list(range(10)))
    for k in range(50):
        q.put((os.getpid(), k, b'x' * (k * k)))
        q.get()
        jobs.put(k)
        jobs.get()
        jobs.task_done()
        d[(n + k) % 100] = [k, {'pid': os.getpid()}]
        d.get(k)
        own.append(k)
        with lock:
            count.set(count.get() + 1)
    assert len(own) == 60


if __name__ == '__main__':
    end, rounds = time.time() + float(sys.argv[2]), 0
    while time.time() < end:
        once(connect(), rounds)
        rounds += 1
    print(rounds * 50)
