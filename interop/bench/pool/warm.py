"""CPython's Pool with slow imports: python warm.py METHOD WORKERS COUNT; prints when all workers were ready, and
the seconds that COUNT tasks took with a new worker for each.
"""
import multiprocessing
import sys
import time


def main(method, workers, count):
    context = multiprocessing.get_context(method)
    if method == 'forkserver':
        context.set_forkserver_preload(['slow'])
    import slow
    queue = context.SimpleQueue()
    with context.Pool(workers, slow.initialize, (queue,)):
        for _ in range(workers):
            queue.get()
        ready = time.time()
    with context.Pool(workers, maxtasksperchild=1) as pool:
        pool.map(slow.same, range(workers), 1)
        begin = time.perf_counter()
        pool.map(slow.same, range(count), 1)
        print(ready, time.perf_counter() - begin)


if __name__ == '__main__':
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
