"""Forks consumers that wait in get(), kills some of them, and counts what the others receive.

consumers.py ADDRESS HOW N ITEMS: of N consumers a quarter is killed while it waits, another quarter is
stopped, so that replies reach it that it does not read, and killed later.
"""
import os
import signal
import sys
import time

from base import answer, connect


def consume(text, report):
    q = connect(text).get_queue()
    os.write(report, b'ready\n')
    while True:
        n = q.get()
        if n is None:
            os._exit(0)
        os.write(report, ('%d\n' % n).encode())


def start(count, text):
    read, write = os.pipe()
    pids = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            try:
                consume(text, write)
            finally:
                os._exit(1)
        pids.append(pid)
    os.close(write)
    return pids, os.fdopen(read, 'rb')


def main(text, count, items):
    pids, reports = start(count, text)
    for _ in range(count):
        assert reports.readline() == b'ready\n'
    time.sleep(0.5)  # they are between the report and the server
    killed, stopped = pids[:count // 4], pids[count // 4:count // 2]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    q = connect(text).get_queue()
    for n in range(items):
        q.put(n)
        if n == items // 3:
            for pid in stopped:
                os.kill(pid, signal.SIGKILL)
    seen = {}
    for _ in range(items):
        n = int(reports.readline())
        seen[n] = seen.get(n, 0) + 1
    for _ in range(count - count // 2):
        q.put(None)
    for pid in pids:
        os.waitpid(pid, 0)
    extra = reports.read()
    answer({'items': len(seen), 'most': max(seen.values()), 'extra': extra.decode(), 'left': q.qsize()})


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
