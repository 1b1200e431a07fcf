"""CPython's own pools whose workers are killed: python deaths.py KIND WORKERS SECONDS PAUSE. Prints how many tasks
were answered, how many failed, how many nobody answered, and the second of the last answer.
"""
import os
import random
import signal
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import Pool, active_children

PATIENCE = 5.0  # so long a task may go without an answer


class Tally:
    def __init__(self, begin):
        self.lock = threading.Lock()
        self.begin = self.last = begin
        self.answered = self.failed = self.asked = 0

    def answer(self, _):
        with self.lock:
            self.answered += 1
            self.last = time.monotonic()

    def fail(self, _):
        with self.lock:
            self.failed += 1
            self.last = time.monotonic()

    def open(self):
        with self.lock:
            return self.asked - self.answered - self.failed


def opened(kind, workers, tally):
    """Returns what submits a task of a millisecond, and what lists the workers."""
    if kind == 'Pool':
        pool = Pool(workers)

        def submit():
            pool.apply_async(time.sleep, (0.001,), callback=tally.answer, error_callback=tally.fail)

        return submit, lambda: list(pool._pool)
    pool = ProcessPoolExecutor(workers)

    def done(future):
        (tally.fail if future.exception() else tally.answer)(None)

    def submit():
        pool.submit(time.sleep, 0.001).add_done_callback(done)

    return submit, lambda: list((pool._processes or {}).values())


def kill(listed, end, pause):
    while time.monotonic() < end:
        time.sleep(pause)
        try:
            os.kill(random.choice(listed()).pid, signal.SIGKILL)
        except (IndexError, OSError, RuntimeError):  # nobody is there, or the list is being changed
            pass


def main(kind, workers, seconds, pause):
    begin = time.monotonic()
    tally = Tally(begin)
    submit, listed = opened(kind, workers, tally)
    end = begin + seconds
    threading.Thread(target=kill, args=(listed, end, pause), daemon=True).start()
    while time.monotonic() < end:
        if tally.open() >= 4 * workers:
            time.sleep(0.0005)
            continue
        try:
            tally.asked += 1
            submit()
        except BrokenProcessPool:  # it takes no tasks any more
            tally.asked -= 1
            break
    while tally.open() and time.monotonic() < max(end, tally.last) + PATIENCE:
        time.sleep(0.01)
    print(tally.answered, tally.failed, tally.open(), tally.last - begin)
    sys.stdout.flush()
    for child in active_children():
        child.kill()
    os._exit(0)  # a pool whose workers were killed may never end


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
