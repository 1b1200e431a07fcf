"""Stock pools and executors whose workers are Go programs. The path of the program is the argument. Request: {"do": the
name of a function below, and its keyword arguments}; the answer is what it returns.

What tasks call are stubs: the Go program has functions of these names, in any module.
"""
from __future__ import print_function

import concurrent.futures
import functools
import itertools
import multiprocessing
import os
import sys

import peer

WORKER = ""


def triple(x, factor=3):
    raise NotImplementedError("it is done in Go")


def power(base, exponent):
    raise NotImplementedError("it is done in Go")


def fail(kind):
    raise NotImplementedError("it is done in Go")


def panics():
    raise NotImplementedError("it is done in Go")


def pid(*args):
    raise NotImplementedError("it is done in Go")


def set_up(value):
    raise NotImplementedError("it is done in Go")


def set_up_badly(value):
    raise NotImplementedError("it is done in Go")


def was_set_up():
    raise NotImplementedError("it is done in Go")


def unpicklable():
    raise NotImplementedError("it is done in Go")


def echo(x):
    raise NotImplementedError("it is done in Go")


def wait(path):
    raise NotImplementedError("it is done in Go")


def not_in_go(x):
    return x


def context():
    ctx = multiprocessing.get_context("spawn")
    ctx.Lock()  # the tracker is started with the executable, too
    ctx.set_executable(WORKER)
    return ctx


def caught(f, *args):
    """The exception that a call raises: its class, its text, and what its cause shows."""
    try:
        return ["returned", repr(f(*args))]
    except Exception as e:
        return [type(e).__name__, str(e), str(e.__cause__)]


class failing(object):
    """An iterable that raises."""

    def __iter__(self):
        yield 1
        raise ValueError("from the iterable")


# Pools


def pooled(names, workers=2, **kwargs):
    """What several questions to one pool answer, by their names."""
    pool = context().Pool(workers, **kwargs)
    try:
        return dict((name, globals()["ask_" + name](pool)) for name in names)
    finally:
        pool.close()
        pool.join()


def ask_map(pool):
    return pool.map(triple, range(50))


def ask_chunks(pool):
    return pool.map(triple, list(range(500)), chunksize=50)


def ask_starmap(pool):
    return pool.starmap(power, [(2, 3), (3, 2)])


def ask_imap(pool):
    return list(pool.imap(triple, range(10))) + list(pool.imap(triple, range(10), 3))


def ask_unordered(pool):
    return sorted(pool.imap_unordered(triple, range(20)))


def ask_apply(pool):
    done = []
    r = pool.apply_async(triple, (7,), {"factor": 2}, callback=done.append)
    return [pool.apply(triple, ("ab",)), r.get(60), done]


def ask_partial(pool):
    return pool.map(functools.partial(power, 2), [1, 2, 3])


def ask_large(pool):
    data = os.urandom(1000000)
    return [pool.apply(echo, (data,)) == data, pool.apply(echo, (data.hex(),)) == data.hex()]


def ask_exception(pool):
    return [caught(pool.apply, fail, ("lookup",)), caught(pool.apply, fail, ("plain",)), caught(pool.apply, panics)]


def ask_chunk_exception(pool):
    return [caught(pool.map, fail, ["lookup"] * 3), pool.map(triple, [1])]


def ask_iterable(pool):
    return [caught(pool.map, triple, failing()), caught(lambda: list(pool.imap(triple, failing())))]


def ask_unknown(pool):
    return [caught(pool.apply, not_in_go, (1,)), caught(pool.map, not_in_go, [1]), caught(pool.apply, len, ([1],)), pool.apply(triple, (1,))]


def ask_wrong_arguments(pool):
    return [caught(pool.apply, triple), caught(pool.apply, triple, ("a", "b"))]


def ask_unpicklable(pool):
    return [caught(pool.apply, unpicklable), pool.apply(triple, (1,))]


def ask_set_up(pool):
    return [pool.apply(was_set_up) for _ in range(6)]


def ask_caught(pool):
    return [caught(pool.apply, triple, (1,))]


def ask_pids(pool):
    pids = [pool.apply(pid) for _ in range(12)]
    return [len(pids), len(set(pids)), os.getpid() in pids]


def terminated(path):
    """A pool that is terminated while its workers work."""
    pool = context().Pool(2)
    workers = list(pool._pool)
    results = [pool.apply_async(wait, (path + str(i),)) for i in range(4)]
    while not (os.path.exists(path + "0") and os.path.exists(path + "1")):
        pass
    pool.terminate()
    pool.join()
    return [[w.exitcode for w in workers], [r.ready() for r in results]]


# Executors


def executed(names, workers=2, **kwargs):
    ctx = context()
    if sys.version_info >= (3, 7):
        kwargs["mp_context"] = ctx
    else:
        multiprocessing.set_start_method("spawn", force=True)
        multiprocessing.set_executable(WORKER)
    with concurrent.futures.ProcessPoolExecutor(workers, **kwargs) as e:
        return dict((name, globals()["run_" + name](e)) for name in names)


def run_submit(e):
    return [e.submit(triple, 4).result(60), e.submit(triple, 4, factor=2).result(60)]


def run_map(e):
    return list(e.map(triple, range(20))) + list(e.map(power, [2, 3], [3, 2], chunksize=2))


def run_exception(e):
    return [caught(e.submit(fail, "lookup").result), caught(e.submit(panics).result), caught(lambda: list(e.map(fail, ["lookup"])))]


def run_unknown(e):
    return [caught(e.submit(not_in_go, 1).result), e.submit(triple, 1).result()]


def run_unpicklable(e):
    return [caught(e.submit(unpicklable).result), e.submit(triple, 1).result()]


def run_set_up(e):
    return [e.submit(was_set_up).result() for _ in range(3)]


def run_pids(e):
    return len(set(e.submit(pid).result() for _ in range(6)))


def run_cancel(e):
    futures = [e.submit(pid) for _ in range(100)]
    # Not the last: where all are cancelled a stock executor of 3.7 to 3.9 hangs, whatever its workers.
    cancelled = sum(f.cancel() for f in futures[:-1])
    return sum(f.result() > 0 for f in futures if not f.cancelled()) + cancelled


def run_broken(e):
    return caught(e.submit(triple, 1).result)[:1]


if __name__ == "__main__":
    WORKER = sys.argv[1]
    peer.ready()

    def handle(request):
        request = dict((k, tuple(v) if k == "initargs" else v) for k, v in request.items())
        if "initializer" in request:
            request["initializer"] = globals()[request["initializer"]]
        return globals()[request.pop("do")](**request)

    peer.serve(handle)
