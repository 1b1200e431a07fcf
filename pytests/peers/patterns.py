"""Patterns by which programmes use managers, each a function that asserts: patterns.py ADDRESS
PATTERN."""
import array
import copy
import multiprocessing
import os
import sys
import threading
import time
from multiprocessing.connection import Client
from multiprocessing.managers import (AutoProxy, BaseManager, DictProxy, IteratorProxy, ListProxy,
                                      RemoteError, SyncManager, dispatch)

from base import KEY, address, answer, queue, raised

PYTHON2 = sys.version_info[0] == 2


class Types(SyncManager):
    """All types; Queue and set by AutoProxy, where a release has no proxy of its own."""


if 'set' not in Types._registry:
    Types.register('set')


class Shared(BaseManager):
    """What the server shares under names."""


Shared.register('get_queue')
Shared.register('settings', proxytype=DictProxy)
Shared.register('log', proxytype=ListProxy)
Shared.register('Iterator', proxytype=IteratorProxy, create_method=False)


class Bare(BaseManager):
    """The same names without proxy types."""


Bare.register('settings')
Bare.register('log')
Bare.register('Iterator', proxytype=IteratorProxy, create_method=False)


class Plain(BaseManager):
    """Names that a manager knows who has heard of no Iterator."""


Plain.register('settings', proxytype=DictProxy)


class PlainAuto(BaseManager):
    """The same, and types of which it is told what they have."""


for name in ('settings', 'Namespace', 'Barrier'):
    PlainAuto.register(name)


class Untyped(BaseManager):
    """Types of which it is told nothing but the names."""


for name in ('list', 'dict', 'Queue', 'RLock', 'Condition', 'Event'):
    Untyped.register(name)


def connect(cls=Types):
    m = cls(address(sys.argv[1]), authkey=KEY)
    m.connect()
    return m


def ask(name, *args):
    """One of the server's own functions, as managers call them."""
    conn = Client(address(sys.argv[1]), authkey=KEY)
    try:
        return dispatch(conn, None, name, args)
    finally:
        conn.close()


def names_with_arguments():
    m = connect(Shared)
    m.get_queue('orders').put('order')
    m.get_queue('bills').put('bill')
    again = connect(Shared)
    assert again.get_queue('bills').get() == 'bill'
    assert again.get_queue('orders').get() == 'order'
    assert again.get_queue().empty()


def names_by_proxy_type():
    settings, log = connect(Shared).settings(), connect(Shared).log()
    assert isinstance(settings, DictProxy) and isinstance(log, ListProxy)
    settings['depth'] = 3
    log.append('started')
    log += ['more']
    other = connect(Shared)
    assert other.settings()['depth'] == 3 and 'depth' in other.settings()
    assert list(other.settings()) == ['mode', 'depth']
    assert list(other.log()) == ['started', 'more'] and other.log()[-1] == 'more'


def names_by_auto_proxy():
    settings, log = connect(Bare).settings(), connect(Bare).log()
    settings.update({'depth': 3})
    assert settings.get('depth') == 3 and len(settings) == 2 and 'depth' in settings
    settings['colour'] = 'red'
    assert settings['colour'] == 'red' and list(settings) == ['mode', 'depth', 'colour']
    log.extend([3, 1, 2])
    log.sort()
    assert log[0] == 1 and len(log) == 3 and log.pop() == 3
    assert 'AutoProxy[settings]' in repr(settings)


def names_with_exposed():
    token = connect(Bare).settings()._token
    settings = AutoProxy(token, 'pickle', authkey=KEY, exposed=('__len__', 'get'))
    assert len(settings) == 1 and settings.get('mode') == 'fast'
    assert not hasattr(settings, 'update') and not hasattr(settings, 'keys')
    everything = AutoProxy(token, 'pickle', authkey=KEY)  # asks get_methods
    assert sorted(everything.keys()) == ['mode']


def texts():
    v = connect().Value('s', 'it\'s "text"')
    assert v.get() == v.value == 'it\'s "text"'
    assert str(v) == "Value('s', %r)" % 'it\'s "text"'
    assert str(connect().list(['text', 1])) == "['text', 1]"
    assert str(connect().dict(a='b')) == "{'a': 'b'}"
    assert repr(v).startswith('<ValueProxy object, typeid ')


def copies():
    m = connect()
    inner = [1, [2]]
    lists, dicts = m.list(inner), m.dict({'a': inner})
    copied = copy.deepcopy(lists)
    assert type(copied) is list and copied == inner
    copied[1].append(3)
    assert lists[1] == [2]
    assert copy.deepcopy({'key': dicts}) == {'key': {'a': inner}}
    lists[1].append('lost')  # a copy, as with every manager
    assert lists[1] == [2]
    assert type(copy.deepcopy(m.Value('i', 7))).__name__ == 'Value'


def values_of_proxies():
    m = connect()
    assert m.dict([(1, 'x'), ((1, 2), None)])._getvalue() == {1: 'x', (1, 2): None}
    assert m.list('ab')._getvalue() == ['a', 'b']
    assert m.set([1, 2, 2])._getvalue() == set([1, 2])
    space = m.Namespace(x=1, _hidden=2)._getvalue()
    assert type(space).__name__ == 'Namespace' and space.x == 1 and space._hidden == 2
    a = m.Array('i', [1, -2])._getvalue()
    assert type(a) is array.array and a == array.array('i', [1, -2])
    v = m.Value('d', 1.5)._getvalue()
    assert v.get() == 1.5 and v.value == 1.5


def arrays():
    m = connect()
    a = m.Array('i', array.array('i', [1, -2, 3]))
    assert a[:] == array.array('i', [1, -2, 3]) and a[1] == -2 and len(a) == 3
    a[1] = 7
    a[0:1] = array.array('i', [9, 8])
    assert a[:] == array.array('i', [9, 8, 7, 3]), a[:]
    assert a[-2:] == array.array('i', [7, 3])
    assert str(a) == "array('i', [9, 8, 7, 3])"
    assert raised(a.__setitem__, 0, 2**31)[0] == 'OverflowError'
    assert raised(a.__setitem__, 9, 1) == ['IndexError', 'array assignment index out of range']
    floats = m.Array('d', [1, 2.5])
    assert list(floats) == [1.0, 2.5] and type(floats[0]) is float


def byte_arrays():
    d = connect().dict()
    d['b'] = bytearray(b'a\x00\xff')
    assert type(d['b']) is bytearray and d['b'] == bytearray(b'a\x00\xff')
    for key in (bytearray(b'a'), [1], {}):
        kind, text = raised(d.__setitem__, key, 1)
        assert kind == 'TypeError', kind
        assert "unhashable type: '%s'" % type(key).__name__ in text, text
    assert len(d) == 1


def exceptions():
    m = connect()
    try:
        m.Queue().get_nowait()
    except queue.Empty:
        pass
    try:
        m.Queue(1)._callmethod('nope')
    except RemoteError as e:
        text = str(e)
    assert text.startswith('\n' + '-' * 75 + '\nTraceback') and text.endswith('-' * 75), text
    assert "KeyError: 'nope'" in text, text
    try:
        m.dict()['missing', 1]
    except KeyError as e:
        assert e.args == (('missing', 1),)
    assert raised(m.list().pop) == ['IndexError', 'pop from empty list']
    assert raised(m.list([1]).__getitem__, 1) == ['IndexError', 'list index out of range']
    assert raised(m.Namespace().__getattr__, 'x') == [
        'AttributeError', "'Namespace' object has no attribute 'x'"]
    try:
        ask('create', 'no such type')
    except RemoteError:
        text = ''
    assert text == ''


def shutdown():
    m = connect()
    assert not hasattr(m, 'shutdown')  # only who started a manager has it
    assert ask('dummy') is None
    assert ask('shutdown') is None


def child(d, items, lock, q, space, n):
    for _ in range(5):
        with lock:
            d['count'] = d.get('count', 0) + 1
    items.append(n)
    space.last = n
    q.put((n, len(items)))


def children():
    m = connect()
    methods = [None] if PYTHON2 else multiprocessing.get_all_start_methods()
    d, items, lock, q, space = m.dict(), m.list(), m.Lock(), m.Queue(), m.Namespace()
    procs = []
    for n, method in enumerate(methods):
        ctx = multiprocessing.get_context(method) if method else multiprocessing
        procs.append(ctx.Process(target=child, args=(d, items, lock, q, space, n)))
        procs[-1].start()
    for p in procs:
        p.join(30)
        assert p.exitcode == 0, p.exitcode
    assert d['count'] == 5 * len(methods)
    assert sorted(items) == list(range(len(methods)))
    assert sorted(q.get()[0] for _ in methods) == sorted(items)
    assert space.last in items


def nested_make():
    m = connect(Shared)
    types = connect()
    d = types.dict(owner='first')
    items = types.list([d, 'plain'])
    space = types.Namespace(items=items)
    m.get_queue().put(space)
    m.settings()['nested'] = space  # for the first to look at what the second did


def nested_take():
    space = connect(Shared).get_queue().get(True, 10)
    d = space.items[0]
    assert d['owner'] == 'first'
    d['owner'] = 'second'
    space.items.append('added')
    assert space.items[2] == 'added'


def nested_check():
    space = connect(Shared).settings()['nested']
    assert space.items[0]['owner'] == 'second', space.items[0]
    assert len(space.items) == 3
    assert space.items[1:] == ['plain', 'added']


WRITTEN = [
    None, True, -1, 2**70, 1.5, 3j, 'ascii', u'h\xe9 \U0001f600', (1, (2,)), [1, [2]], {'a': {1: 'b'}},
    set([1]), frozenset(['a']), bytearray(b'a\xff'), slice(1, 2), len, array.array('d', [1.5])]


def write():
    m = connect(Shared)
    m.settings().update(dict(enumerate(WRITTEN)))
    m.log().extend(WRITTEN)
    m.get_queue().put(WRITTEN)


def read():
    m = connect(Shared)
    settings, log = m.settings(), m.log()
    for n, value in enumerate(WRITTEN):
        for got in (settings[n], log[n], log[:][n], settings.copy()[n], settings._getvalue()[n]):
            assert got == value, (got, value)
            assert isinstance(got, type(value)) or PYTHON2, got  # its 'ascii' may be unicode
        assert value in log or type(value) is array.array
    assert m.get_queue().get() == WRITTEN
    m.get_queue().put(WRITTEN)  # for the next reader
    if PYTHON2:
        assert str(settings).startswith("{'mode': ") or str(settings).startswith("{u'mode': ")
    else:
        assert str(settings).startswith("{'mode': 'fast', 0: None, 1: True, 2: -1,"), str(settings)


def lists():
    p = connect().list([3, 1])
    p.append(2)
    p.extend((5, 4))
    p.insert(0, 0)
    assert p[:] == [0, 3, 1, 2, 5, 4]
    assert p.pop() == 4 and p.pop(0) == 0
    p.remove(5)
    p.sort()
    assert p[:] == [1, 2, 3] and p[::-1] == [3, 2, 1] and p[1:] == [2, 3] and p[-1] == 3
    p.sort(reverse=True)
    p.reverse()
    assert p.index(2) == 1 and p.count(2) == 1 and 2 in p and 9 not in p and len(p) == 3
    p[0] = 'a'
    p[1:] = ['b', 'c', 'd']
    del p[0]
    del p[1:2]
    assert p[:] == ['b', 'd']
    assert p + ['x'] == ['b', 'd', 'x'] and p * 2 == 2 * p == ['b', 'd'] * 2
    p += ['e']
    p *= 2
    assert isinstance(p, ListProxy) and p[:] == ['b', 'd', 'e'] * 2
    assert raised(p.remove, 'z') == ['ValueError', 'list.remove(x): x not in list']
    assert raised(p.__setitem__, 99, 1) == ['IndexError', 'list assignment index out of range']


def dicts():
    p = connect().dict({'a': 1}, b=2)
    assert p['a'] == 1 and p.get('z') is None and p.get('z', 0) == 0
    assert sorted(p.keys()) == ['a', 'b'] and sorted(p.values()) == [1, 2]
    assert sorted(p.items()) == [('a', 1), ('b', 2)]
    assert p.setdefault('a', 9) == 1 and p.setdefault('c', 3) == 3
    assert p.pop('c') == 3 and p.pop('c', None) is None
    p.update({'d': 4})
    p.update([('e', 5)], f=6)
    assert len(p) == 5 and 'e' in p and 'z' not in p
    del p['e']
    assert p.popitem() in [('a', 1), ('b', 2), ('d', 4), ('f', 6)] and len(p) == 3
    copied = p.copy()
    assert type(copied) is dict and len(copied) == 3
    p.clear()
    assert p.copy() == {} and raised(p.popitem) == ['KeyError', "'popitem(): dictionary is empty'"]


def sets():
    p = connect().set([1, 2, 3])
    p.add(4)
    p.discard(9)
    p.remove(4)
    assert 2 in p and len(p) == 3
    assert p.union([7]) == set([1, 2, 3, 7]) and p.intersection([1], [1, 2]) == set([1])
    assert p.difference([1]) == set([2, 3]) and p.symmetric_difference([1]) == set([2, 3])
    assert p.issubset([1, 2, 3]) and p.issuperset([1]) and p.isdisjoint([9])
    assert p | set([9]) == set([1, 2, 3, 9]) and p - set([1]) == set([2, 3])
    assert set([9]) | p == set([1, 2, 3, 9])
    p.update([5], [6])
    assert p.pop() in (1, 2, 3, 5, 6) and len(p) == 4 and len(p.copy()) == 4
    p.clear()
    assert p.copy() == set() and raised(p.remove, 1) == ['KeyError', '1']


def set_proxies():
    from multiprocessing.managers import SetProxy
    m = connect()
    p, other = m.set([1, 2]), m.set([2, 3])
    assert isinstance(p, SetProxy)
    p |= {3}
    p -= {1}
    assert isinstance(p, SetProxy) and sorted(p) == [2, 3]
    p ^= {9}
    p &= {2, 9}
    assert set(p) == {2, 9} and p >= {2} and p < {2, 9, 10}
    assert p.union(other) == {2, 3, 9}


def iteration():
    m = connect()
    d, items = m.dict([(k, ord(k)) for k in 'abc']), m.list(range(5))
    assert sorted(d) == ['a', 'b', 'c'] and dict(d) == {'a': 97, 'b': 98, 'c': 99}
    assert [x for x in items] == list(range(5)) and max(items) == 4 and sum(items) == 10
    assert list(zip(items, enumerate(items)))[4] == (4, (4, 4))
    assert sorted((k, v) for k, v in d.items())[0] == ('a', 97)
    if not PYTHON2:  # its iterators cannot be pickled
        assert list(reversed(items)) == [4, 3, 2, 1, 0]
    it = iter(d)
    next(it)
    d['new'] = 1
    assert raised(lambda: [k for k in it]) == [
        'RuntimeError', 'dictionary changed size during iteration']
    a = m.Array('i', [1, 2, 3])
    assert list(a) == [1, 2, 3] and len(a) == 3 and a[1] == 2


def count(lock, v, times):
    for _ in range(times):
        with lock:
            v.value += 1


def iteration_without_a_manager():
    multiprocessing.current_process().authkey = KEY
    assert list(connect(PlainAuto).settings()) == ['mode']
    m = connect()
    outer = m.dict()
    outer['inner'] = m.dict({1: 'one', u'two': 2, (3, b'x'): 3})
    assert sorted(map(str, outer['inner'])) == sorted(map(str, (1, u'two', (3, b'x'))))
    if not PYTHON2:  # its DictProxy has no __iter__
        d = connect(Plain).settings()
        assert list(d) == ['mode'] and [k for k in d] == ['mode']
        assert in_child(m.dict(a=1)) and in_child(outer['inner'], 3)


def in_child(d, size=1):
    p = multiprocessing.Process(target=count_keys, args=(d, size))
    p.start()
    p.join()
    return p.exitcode == 0


def count_keys(d, size):
    assert len([k for k in d]) == size


def attributes_by_auto_proxy():
    m = connect(PlainAuto)
    n = m.Namespace(x=1)
    assert str(n) == 'Namespace(x=1)' and not hasattr(n, 'x')
    n.x = 2
    assert n._callmethod('__getattribute__', ('x',)) == 1
    if not PYTHON2:
        assert m.Barrier(1).wait(1) == 0
        assert connect().Barrier(3).parties == 3
    n = connect().Namespace(x=1)
    n.y = 2
    del n.x
    assert n.y == 2 and not hasattr(n, 'x')


def nested_auto_proxies():
    multiprocessing.current_process().authkey = KEY
    m = connect(Untyped)
    items, q = m.list(), m.Queue()
    items.append(m.dict({1: 2}))
    assert items[0].get(1) == 2
    q.put(m.Queue())
    inner = q.get()
    inner.put('x')
    assert inner.get() == 'x'
    items.append(m.Event())
    items[1].set()
    assert items[1].is_set()
    lock = m.RLock()
    c = m.Condition(lock)
    c.acquire()
    c.notify()
    c.release()
    assert lock.acquire(False)


def operators_by_auto_proxy():
    m = connect(Untyped)
    items, d = m.list([1]), m.dict({1: 2})
    items += [2]
    items *= 2
    d |= {3: 4}
    assert 2 in items and items[1:] == [2, 1, 2] and sorted(d.keys()) == [1, 3]


def proxies_as_elements():
    m = connect()
    items = m.list([1])
    outer = m.list([0, items])
    assert items in outer and outer.index(items) == 1 and outer.count(items) == 1
    outer.remove(items)
    assert outer[:] == [0]
    assert m.list([1]) + m.list([2]) == [1, 2]
    with_lock = m.Condition(m.Lock())
    with_lock.acquire()
    with_lock.notify()
    with_lock.release()


def handed_to_a_child_and_dropped():
    multiprocessing.current_process().authkey = KEY
    m = connect()
    items, go, q = m.list([1]), m.Event(), m.Queue()
    p = multiprocessing.Process(target=read_when_told, args=(go, items, q))
    p.start()
    del items
    go.set()
    assert q.get(timeout=30) == [1]
    p.join()


def read_when_told(go, items, q):
    go.wait(30)
    q.put(items[:])


def values_of_classes():
    import ctypes
    m = connect()
    for c, name in ((ctypes.c_double, 'ctypes.c_double'), (ctypes.c_int, 'ctypes.c_int'),
                    (ctypes.py_object, 'ctypes.py_object')):
        v = m.Value(c, 3)
        assert str(v) == "Value(<class '%s'>, 3)" % name, str(v)
        v.value = 4
        assert v.value == v.get() == 4
        try:
            m.Array(c, [1, 2])
        except RemoteError as e:
            assert 'TypeError' in str(e) and '_ctypes.PyCSimpleType' in str(e)
        else:
            raise AssertionError('array.array takes no class')


def lock_of_processes():
    m = connect()
    lock, v = m.Lock(), m.Value('i', 0)
    procs = [multiprocessing.Process(target=count, args=(lock, v, 15)) for _ in range(4)]
    for p in procs:
        p.start()
    for p in procs:
        p.join(60)
        assert p.exitcode == 0
    assert v.get() == 60
    assert lock.acquire(False) and not lock.acquire(False)
    lock.release()
    assert raised(lock.release)[0] in ('RuntimeError', 'error')


def in_thread(f, *args):
    """What f gives, or raises, in a thread of its own, which has a connection of its own."""
    out = []

    def run():
        try:
            out.append(f(*args))
        except Exception as e:
            out.append(type(e).__name__)

    t = threading.Thread(target=run)
    t.start()
    t.join(30)
    return out[0]


def rlock_of_threads():
    lock = connect().RLock()
    assert lock.acquire() and lock.acquire()
    assert not in_thread(lock.acquire, False)
    assert in_thread(lock.release) == 'RuntimeError'
    lock.release()
    assert not in_thread(lock.acquire, False)
    lock.release()
    assert raised(lock.release) == ['RuntimeError', 'cannot release un-acquired lock']
    with lock:
        assert lock.acquire(False)
        lock.release()
    assert in_thread(lambda: [lock.acquire(False), lock.release()][0])


def condition():
    m = connect()
    cond, items = m.Condition(), m.list()
    assert raised(cond.notify) == ['RuntimeError', 'cannot notify on un-acquired lock']
    assert raised(cond.wait, 1) == ['RuntimeError', 'cannot wait on un-acquired lock']

    def consume():
        with cond:
            while not len(items):
                cond.wait(20)
            got.append(items.pop())

    got = []
    threads = [threading.Thread(target=consume) for _ in range(3)]
    for t in threads:
        t.start()
    with cond:
        items.append('a')
        cond.notify()
    with cond:
        items.extend('bc')
        cond.notify_all()
    for t in threads:
        t.join(30)
    assert sorted(got) == ['a', 'b', 'c']
    with cond:
        assert not cond.wait(0.01)
        if not PYTHON2:
            assert cond.wait_for(lambda: len(items), 0.01) == 0
            assert cond.wait_for(lambda: True)


def barrier():
    m = connect()
    b = m.Barrier(3)
    assert (b.parties, b.n_waiting, b.broken) == (3, 0, False)
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(b.wait())) for _ in range(2)]
    for t in threads:
        t.start()
    seen.append(b.wait(20))
    for t in threads:
        t.join(30)
    assert sorted(seen) == [0, 1, 2]
    assert raised(b.wait, 0.01)[0] == 'BrokenBarrierError' and b.broken
    try:
        b.wait()
    except threading.BrokenBarrierError:
        seen = []
    assert seen == []
    b.reset()
    assert not b.broken
    out = []
    t = threading.Thread(target=lambda: out.append(raised(b.wait)))
    t.start()
    until = time.time() + 20
    while not b.n_waiting and time.time() < until:
        time.sleep(0.001)
    b.abort()
    t.join(30)
    assert out == [['BrokenBarrierError', '']] and b.broken
    short = m.Barrier(2, timeout=0.01)
    assert raised(short.wait)[0] == 'BrokenBarrierError'


def event():
    e = connect().Event()
    assert not e.is_set() and not e.wait(0.01)
    out = []
    t = threading.Thread(target=lambda: out.append(e.wait(20)))
    t.start()
    e.set()
    t.join(30)
    assert out == [True] and e.is_set() and e.wait()
    e.clear()
    assert not e.is_set() and not e.wait(0)


def semaphores():
    m = connect()
    s, bounded = m.Semaphore(2), m.BoundedSemaphore(1)
    assert s.acquire() and s.acquire(False) and not s.acquire(False)
    if not PYTHON2:
        assert not s.acquire(True, 0.01)
    s.release()
    assert s.acquire()
    for _ in range(3):
        s.release()  # no bound
    assert bounded.acquire()
    bounded.release()
    assert raised(bounded.release) == ['ValueError', 'Semaphore released too many times']
    with bounded:
        assert not bounded.acquire(False)
    assert raised(m.Semaphore, -1)[0] == 'RemoteError'


def shared_memory():
    from multiprocessing.managers import SharedMemoryManager
    m = connect(SharedMemoryManager)
    block = m.SharedMemory(100)
    block.buf[:3] = b'abc'
    items = m.ShareableList([1, 'two'])
    assert items[1] == 'two'
    names = [block.name, items.shm.name]
    assert ask('list_segments') == names, ask('list_segments')
    for name in names:
        assert os.path.exists('/dev/shm/' + name)
        ask('release_segment', name)
        assert not os.path.exists('/dev/shm/' + name)
    assert ask('list_segments') == []
    try:
        ask('release_segment', 'nobody_tracks_this')
    except RemoteError as e:
        names = str(e)
    assert 'ValueError' in names
    block.close()
    items.shm.close()


def every_type():
    m = connect()
    made = [m.Queue(), m.JoinableQueue(3), m.Event(), m.Lock(), m.RLock(), m.Semaphore(),
            m.BoundedSemaphore(2), m.Condition(), m.list(), m.dict(), m.Value('i', 0),
            m.Array('d', [1.5]), m.Namespace(a=1), m.set()]
    if not PYTHON2:
        made.append(m.Barrier(2))
    assert len(set(p._token.id for p in made)) == len(made)
    for p in made:
        assert str(p) and repr(p).endswith('>') or 'Proxy' in repr(p)
    assert str(m.Array('d', [1.5])) == "array('d', [1.5])"
    assert str(m.Namespace(a=1, b='x')) == "Namespace(a=1, b='x')"


if __name__ == '__main__':
    globals()[sys.argv[2]]()
    answer(sys.argv[2])
