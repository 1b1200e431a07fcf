"""The producer, consumer, terminator programme: joinable.py ADDRESS ROLE."""
import sys

from base import answer, connect

q = connect().jobs()
if sys.argv[2] == 'produce':
    for n in range(20):
        q.put(n)
    q.join()
    answer('joined')
elif sys.argv[2] == 'consume':
    done = []
    while True:
        n = q.get()
        q.task_done()
        if n is None:
            break
        done.append(n)
    answer(done)
else:
    for _ in range(int(sys.argv[3])):
        q.put(None)
    answer('told')
