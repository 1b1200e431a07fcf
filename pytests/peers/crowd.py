"""64 clients at once, each with a connection of its own: crowd.py ADDRESS CLIENTS ROUNDS."""
import os
import sys

from base import answer, connect

text, clients, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pids = []
for k in range(clients):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            q = connect(text).get_queue('crowd')
            for n in range(rounds):
                q.put((k, n))
                q.get()
            code = 0
        finally:
            os._exit(code)
    pids.append(pid)
codes = [os.waitpid(pid, 0)[1] for pid in pids]
answer({'failed': sum(map(bool, codes)), 'left': connect(text).get_queue('crowd').qsize()})
