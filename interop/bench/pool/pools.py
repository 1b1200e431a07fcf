"""CPython's own pools, driven from Python: python pools.py KIND WORKERS COUNT CASE; prints the seconds that it
took, and when it was done.
"""
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool


def open_pool(kind, workers):
    """Returns map(function, items, chunk or None) and what closes the pool."""
    if kind == 'Pool':
        pool = Pool(workers)

        def run(function, items, chunk):
            return pool.map(function, items, chunksize=chunk)

        return run, pool.terminate
    pool = ProcessPoolExecutor(workers)

    def run(function, items, chunk):
        # map's own default chunk size is 1; Pool's is what "default" means in the table.
        size = chunk or -(-len(items) // (workers * 4))
        return list(pool.map(function, items, chunksize=size))

    return run, pool.shutdown


def main(kind, workers, count, case):
    run, close = open_pool(kind, workers)
    if case != 'start':
        run(abs, range(workers * 4), 1)
    items = [b'x' * (1 << 20)] * count if case == '1 MB' else range(count)
    function = bytes if case == '1 MB' else abs
    begin = time.perf_counter()
    result = run(function, items, None if case == 'default' else 1)
    took = time.perf_counter() - begin
    assert len(result) == count
    print(took, time.time())
    close()


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
