"""What children of Go do."""
import multiprocessing
import os
import sys
import time


def triple(jobs, results):
    """Triples what comes, until None does."""
    for n in iter(jobs.get, None):
        results.put(3 * n)
        if hasattr(jobs, "task_done"):
            jobs.task_done()


def classes(results, *args, **kwargs):
    """Says what the arguments are."""
    results.put([type(a).__module__ + "." + type(a).__name__ for a in args] + sorted(kwargs))


def classes_in(results, items, named):
    classes(results, *(list(items) + [named["a"]]))
    results.put(items[0] is items[1] and items[0] is named["a"])


def uses(results, lock, rlock, semaphore, bounded, condition, event, conn):
    """Uses each kind of object as it is meant."""
    said = [lock.acquire(False), rlock.acquire(False), rlock.acquire(False)]
    rlock.release()
    rlock.release()
    said += [semaphore.acquire(False), semaphore.acquire(False), semaphore.acquire(False)]
    try:
        bounded.release()
        said.append(u"released")
    except ValueError:
        said.append(u"ValueError")
    results.put([bool(s) if not isinstance(s, type(u"")) else s for s in said])
    event.wait()
    with condition:
        condition.notify()
    conn.send(conn.recv() + " and back")


def count(value, array, n):
    lock = value.get_lock()
    for _ in range(n):
        lock.acquire()
        value.get_obj().value += 1
        lock.release()
    array[1] = len(array)


def attach(results, shm):
    results.put(bytes(shm.buf[:5]).decode())
    shm.buf[0] = 72
    shm.close()


def wait_at(barrier, results):
    barrier.wait()
    results.put("through")


def leave(status):
    sys.exit(status)


def fail():
    raise ValueError("it is meant to fail")


def idle(path):
    open(path, "w").close()
    time.sleep(60)


def make_locks(results):
    """Makes names, and dies without removing them."""
    ctx = multiprocessing.get_context("spawn")
    lock = ctx.Lock()
    results.put(lock._semlock.name)
    time.sleep(60)


def grandchild(results):
    ctx = multiprocessing.get_context("spawn")
    p = ctx.Process(target=classes, args=(results, 1))
    p.start()
    p.join()


def told(results):
    p = multiprocessing.current_process()
    results.put([p.name, bytes(p.authkey).decode(), os.getcwd()])
