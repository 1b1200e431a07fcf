"""Every method of a queue once, and the exceptions that belong to it."""
import threading
import time

from base import answer, connect, queue, raised

m = connect()
q = m.get_queue()
out = {}
out['exposed'] = [n for n in dir(type(q)) if not n.startswith('_')]
out['empty'] = [q.empty(), q.qsize(), q.full()]
q.put(1)
q.put(item=2, block=True, timeout=None)
q.put_nowait(3)
out['sizes'] = [q.empty(), q.qsize(), q.full()]
out['got'] = [q.get(), q.get(True, 1), q.get_nowait()]
try:
    q.get_nowait()
except queue.Empty as e:
    out['caught'] = type(e).__name__
out['empty_get'] = raised(q.get, False)
start = time.time()
out['timeout_get'] = raised(q.get, timeout=0.1)
out['waited'] = 0.09 < time.time() - start < 10
out['negative'] = raised(q.get, True, -1)
q.put_many([1, 2, 3, 4])
out['many'] = [q.peek(), q.peek(3), q.get_many(2), q.get_many(10, 0.1), q.get_many(1, timeout=0.05)]
for iterable in range(3), 'ab', {7: 8}, frozenset([9]):
    q.put_many(iterable)
out['iterables'] = [q.get_many(100, 0.1), raised(q.put_many, 5), q.qsize()]
q.put_many((5, 6))
out['clear'] = [q.clear(), q.qsize()]
out['put'] = 'put'
q.put('put')
q.put(q.get() + 'get')
out['put'] = q.get()
small = m.small()
small.put('a')
out['full'] = [raised(small.put, 'b', False), raised(small.put_nowait, 'b'),
               raised(small.put, 'b', True, 0.05), small.full(), small.get()]
lifo, priority = m.lifo(), m.priority()
for n in (2, 3, 1):
    lifo.put(n)
    priority.put((n, 'x'))
out['lifo'] = [lifo.get() for _ in range(3)]
out['priority'] = [priority.get()[0] for _ in range(3)]
jobs = m.jobs()
jobs.put(1)
jobs.get()
jobs.task_done()
jobs.join()
out['task_done'] = raised(jobs.task_done)
out['arguments'] = [raised(q.get, 1, 2, 3), raised(q.put), raised(q.get, nope=1)]
out['unknown'] = raised(q._callmethod, 'nope')
out['getvalue'] = raised(q._getvalue)
out['str'] = str(q).startswith('<queue.Queue')
own, other = m.Queue(2), m.JoinableQueue(maxsize=1)
own.put(1)
other.put(2)
out['own'] = [own.qsize(), own.full(), other.full()]
dead = m.Queue()
dead.put(1)
dead.shutdown()
out['shutdown'] = [raised(dead.put, 1), dead.get(), raised(dead.get), raised(dead.get, True, 1)]
waiters = []


def wait(method, *args):
    waiters.append(raised(method, *args))


getter, putter = m.Queue(), m.Queue(1)
putter.put('full')
threads = [threading.Thread(target=wait, args=(getter.get,)),
           threading.Thread(target=wait, args=(putter.put, 'late'))]
for t in threads:
    t.start()
time.sleep(0.2)  # most often they wait by now; a call that comes later is answered alike
getter.shutdown()
putter.shutdown()
for t in threads:
    t.join()
out['woken'] = waiters
answer(out)
