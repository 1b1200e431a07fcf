"""Starts children whose executable is a Go program. Its path is the argument. Request: {"do": the name of a function
below, and its keyword arguments}; the answer is what it returns.

What the children are to do are stubs: the Go program has functions of these names. Those that it does not have
are done by this interpreter.
"""
import functools
import multiprocessing
import os
import signal
import subprocess
import sys

import peer

WORKER = os.environ.get("SPAWNING_WORKER", "")


def add(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def length(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def fail(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def leave(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def panics(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def wait_for_parent(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def describe(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def grandchild(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def relay(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def idle(*args, **kwargs):
    raise NotImplementedError("it is done in Go")


def in_python(path, *words):
    """The Go program does not have this."""
    with open(path, "w") as f:
        f.write(" ".join([multiprocessing.current_process().name, sys.executable] + [str(w) for w in words]))


def children_in_python(path):
    """Starts a child of its own, with the executable that a child starts with."""
    p = multiprocessing.get_context("spawn").Process(target=in_python, args=(path, "grandchild"))
    p.start()
    p.join()


class Resizer(multiprocessing.get_context("spawn").Process):
    """A process of the program's own class, which Go has a function for."""

    def __init__(self, path, size):
        super(Resizer, self).__init__(name="resizer")
        self.path = path
        self.size = size

    def run(self):
        raise NotImplementedError("it is done in Go")


def context(ready=True):
    ctx = multiprocessing.get_context("spawn")
    if ready:  # the tracker is started with the executable, too
        ctx.Lock()
    ctx.set_executable(WORKER)
    return ctx


def start(target, args=(), kwargs={}, stderr=None, ready=True):
    """Starts a child of which stderr goes to a file."""
    ctx = context(ready)
    saved = os.dup(2)
    if stderr:
        fd = os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(fd, 2)
        os.close(fd)
    try:
        p = ctx.Process(target=target, args=args, kwargs=kwargs)
        p.start()
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        ctx.set_executable(sys.executable)
    return p


def ended(p):
    p.join(60)
    if p.exitcode is None:
        os.kill(p.pid, signal.SIGKILL)
        p.join()
        return "hangs"
    return p.exitcode


def run(target, args=(), kwargs={}, stderr=None, bound=None):
    f = globals()[target]
    if bound is not None:
        f = functools.partial(f, *bound)
    return ended(start(f, tuple(args), kwargs, stderr))


def run_large(target, path, size):
    return ended(start(globals()[target], (path, b"x" * size)))


def run_resizer(path):
    ctx = context()
    try:
        p = Resizer(path, 7)
        p.start()
    finally:
        ctx.set_executable(sys.executable)
    return ended(p)


def relayed():
    """The child gets queues, locks and the end of a pipe, one lock in two places."""
    ctx = context()
    jobs, results = ctx.Queue(10), ctx.SimpleQueue()
    lock, ours, theirs = ctx.Lock(), None, None
    ours, theirs = ctx.Pipe()
    lock.acquire()
    p = ctx.Process(target=relay, args=(jobs, results, theirs), kwargs={"locks": [lock, lock]})
    p.start()
    ctx.set_executable(sys.executable)
    theirs.close()
    for i in range(20):
        jobs.put(i)
    jobs.put(None)
    got = [results.get() for _ in range(20)]
    waits = not ours.poll(0.1)
    lock.release()
    return [got, waits, ours.recv(), ended(p)]


def terminated(name):
    p = start(idle)
    getattr(p, name)() if hasattr(p, name) else os.kill(p.pid, signal.SIGKILL)
    return ended(p)


def sentinel_fires(path):
    """The child starts a process that outlives it: the sentinel does not wait for that."""
    from multiprocessing.connection import wait
    p = start(grandchild, (path,))
    fired = wait([p.sentinel], 60) != []
    code = ended(p)
    with open(path) as f:
        pid = int(f.read())
    try:
        os.kill(pid, signal.SIGKILL)
        alive = True
    except OSError:
        alive = False
    return [fired, code, alive]


def tracker_by_worker():
    """The first thing that is started with the executable is the tracker."""
    ctx = multiprocessing.get_context("spawn")
    ctx.set_executable(WORKER)
    try:
        lock = ctx.Lock()
        name = lock._semlock.name
        p = ctx.Process(target=add, args=(1, 2))
        p.start()
    finally:
        ctx.set_executable(sys.executable)
    return [ended(p), bool(name)]


def forkserver(path):
    """The fork server is started with the executable, and its children are Python's."""
    ctx = multiprocessing.get_context("forkserver")
    ctx.set_executable(WORKER)
    try:
        p = ctx.Process(target=in_python, args=(path, "forked"))
        p.start()
    finally:
        ctx.set_executable(sys.executable)
    return ended(p)


def leaves_a_child(path):
    """A process that starts a child and dies."""
    code = """
import os, sys
sys.path.insert(0, %r)
import spawning
p = spawning.start(spawning.wait_for_parent, (%r,))
while not os.path.exists(%r):
    pass
os.kill(os.getpid(), 9)
""" % (os.path.dirname(os.path.abspath(__file__)), path, path + ".ready")
    return subprocess.call([sys.executable, "-c", code])


if __name__ == "__main__":
    os.environ["SPAWNING_WORKER"] = WORKER = sys.argv[1]
    peer.ready()
    peer.serve(lambda request: globals()[request.pop("do")](**request))
