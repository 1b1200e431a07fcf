"""What put does on a queue that has no room: room.py ADDRESS. The queue jobs, which has no maxsize, holds
four items of a kilobyte."""
import threading
import time

from base import answer, connect, queue, raised

m = connect()
jobs = m.jobs()
item = b'x' * 1000


def waited(put, *args, **kwargs):
    """Whether put took its time to say that the queue is full."""
    began = time.time()
    error = raised(put, *args, **kwargs)
    return [error[0], time.time() - began > 0.15]


def free():
    """Takes one item after the main thread has begun to wait."""
    time.sleep(0.1)
    connect().jobs().get()


def frees(put, *args, **kwargs):
    """What a put returns for which somebody makes room."""
    other = threading.Thread(target=free)
    other.start()
    result = put(*args, **kwargs)
    other.join()
    return result


for n in range(4):
    jobs.put(item)
answer([
    jobs.full(),
    raised(jobs.put_nowait, item)[0],
    raised(jobs.put, item, False)[0],
    raised(jobs.put, item, True, 0)[0],
    waited(jobs.put, item, True, 0.2),
    waited(jobs.put, item, timeout=0.2),
    waited(jobs.put_many, [item], True, 0.2),
    frees(jobs.put, item, True, 30),
    frees(jobs.put, item),
    frees(jobs.put_many, [item], True, 30),
    jobs.qsize(),
    raised(jobs.put, b'x' * 5001, False)[0],
])
