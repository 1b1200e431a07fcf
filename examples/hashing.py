"""Work for a stock Pool, of which the workers are Python's or a Go program. Usage: hashing.py WORKER, which is spawn/main.go."""
import hashlib
import multiprocessing
import sys
import time

import hashing


def chain(text, times):
    """SHA-256 of SHA-256, so many times. The Go program has a function of this name."""
    digest = text.encode()
    for _ in range(times):
        digest = hashlib.sha256(digest).digest()
    return digest.hex()


def serve(jobs, results, times):
    """What a Go program has this Python do."""
    for text in iter(jobs.get, None):
        results.put(chain(text, times))


def measure(executable, tasks=400, times=5000):
    ctx = multiprocessing.get_context('spawn')
    ctx.Lock()  # Python's resource tracker starts now, with Python's executable
    ctx.set_executable(executable)
    with ctx.Pool(2) as pool:
        work = [(str(i), times) for i in range(tasks)]
        pool.starmap(hashing.chain, work[:2], chunksize=1)
        begin = time.perf_counter()
        return pool.starmap(hashing.chain, work, chunksize=1), time.perf_counter() - begin


if __name__ == '__main__':
    expected, python = measure(sys.executable)
    sums, go = measure(sys.argv[1])
    print('equal:', sums == expected)
    print('Python %.2f s, Go %.2f s: %.1f times' % (python, go, python / go))
