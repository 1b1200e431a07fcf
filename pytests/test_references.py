"""What the server counts: references of clients, and proxies that are stored in its objects."""
import gc
import multiprocessing
import pickle
import re
from multiprocessing.managers import ListProxy, SyncManager

import pytest

import support

BY_AUTO_PROXY = ['LifoQueue', 'PriorityQueue'] + ['set'] * ('set' not in SyncManager._registry)


class Manager(SyncManager):
    """A SyncManager with what ours offers beyond that of the running Python."""


for _name in BY_AUTO_PROXY:
    Manager.register(_name)


@pytest.fixture
def manager(serve):
    server = serve()
    multiprocessing.current_process().authkey = server.key
    m = Manager(server.address, authkey=server.key)
    m.connect()
    m.key = server.key
    yield m
    gc.collect()


def objects(m):
    """How many objects there are, as both functions tell. debug_info also has shared ones that
    nobody refers to."""
    n = m._number_of_objects()
    assert len(re.findall(r':       refcount=[1-9]', m._debug_info())) == n
    return n


def refcount(m, proxy):
    """What debug_info says of an object; 0 where it says nothing."""
    found = re.search('^  %s:       refcount=(\\d+)$' % proxy._token.id, m._debug_info(), re.M)
    return int(found.group(1)) if found else 0


def another(m, proxy):
    """A second proxy of the same object, with a reference of its own."""
    return type(proxy)(proxy._token, 'pickle', authkey=m.key, exposed=proxy._exposed_)


def test_each_proxy_counts(manager):
    assert objects(manager) == 0
    items, event = manager.list(), manager.Event()
    assert objects(manager) == 2
    del event
    assert objects(manager) == 1
    items.append(1)
    del items
    assert objects(manager) == 0


def test_debug_info_tells_references_and_texts(manager):
    items, d = manager.list(['x' * 100]), manager.dict(a=1)
    second = another(manager, items)
    assert (refcount(manager, items), refcount(manager, d)) == (2, 1)
    lines = manager._debug_info().splitlines()
    assert "    ['" + 'x' * 73 in lines and "    {'a': 1}" in lines
    del second
    assert refcount(manager, items) == 1


def test_an_object_outlives_its_last_reference_for_a_while(manager):
    items = manager.list([1])
    token = items._token
    del items
    assert objects(manager) == 0
    assert ListProxy(token, 'pickle', authkey=manager.key)[:] == [1]


def test_a_stranger_to_the_server_is_no_object(manager):
    items = manager.list()
    items._token.id = 'nobody'
    with pytest.raises(Exception, match='nobody'):
        another(manager, items)


# A container, how a proxy gets in, and how it gets out.
STORED = {
    'list append pop': ('list', lambda c, p: c.append(p), lambda c: c.pop()),
    'list append del': ('list', lambda c, p: c.append(p), lambda c: c.__delitem__(0)),
    'list append overwrite': ('list', lambda c, p: c.append(p), lambda c: c.__setitem__(0, 1)),
    'list append del slice': ('list', lambda c, p: c.append(p),
                              lambda c: c.__delitem__(slice(None))),
    'list append set slice': ('list', lambda c, p: c.append(p),
                              lambda c: c.__setitem__(slice(None), [1])),
    'list append times nothing': ('list', lambda c, p: c.append(p),
                                  lambda c: c._callmethod('__imul__', (0,))),
    'list append times two': ('list', lambda c, p: (c.append(p), c._callmethod('__imul__', (2,))),
                              lambda c: (c.pop(), c.pop())),
    'list append clear': ('list', lambda c, p: c.append(p), lambda c: c._callmethod('clear')),
    'list append remove': ('list', lambda c, p: c.append(p), lambda c: c.remove(c[0])),
    'list insert': ('list', lambda c, p: c.insert(0, p), lambda c: c.pop()),
    'list extend twice': ('list', lambda c, p: c.extend([p, p]), lambda c: (c.pop(), c.pop())),
    'list set slice': ('list', lambda c, p: c.__setitem__(slice(0, 0), [p, [p]]),
                       lambda c: (c.pop(), c.reverse(), c.pop())),
    'list nested': ('list', lambda c, p: c.append([{'a': (p,)}]), lambda c: c.pop()),
    'list sorted': ('list', lambda c, p: (c.append((1, p)), c.append((0, 0)), c.sort()),
                    lambda c: c.pop()),
    'dict set pop': ('dict', lambda c, p: c.__setitem__(1, p), lambda c: c.pop(1)),
    'dict set popitem': ('dict', lambda c, p: c.__setitem__(1, p), lambda c: c.popitem()),
    'dict set del': ('dict', lambda c, p: c.__setitem__(1, p), lambda c: c.__delitem__(1)),
    'dict set overwrite': ('dict', lambda c, p: c.__setitem__(1, p), lambda c: c.__setitem__(1, 1)),
    'dict set update': ('dict', lambda c, p: c.__setitem__('a', p), lambda c: c.update(a=1)),
    'dict update clear': ('dict', lambda c, p: c.update({1: p, 2: [p]}), lambda c: c.clear()),
    'dict update keyword': ('dict', lambda c, p: c.update(a=p, b=p), lambda c: c.clear()),
    'dict update twice': ('dict', lambda c, p: c.update([(1, p), (1, p)]), lambda c: c.clear()),
    'dict setdefault': ('dict', lambda c, p: (c.setdefault(1, p), c.setdefault(1, p)),
                        lambda c: c.pop(1)),
    'dict or': ('dict', lambda c, p: c._callmethod('__ior__', ({1: p},)), lambda c: c.clear()),
    # What was taken is the taker's for sure when its connection asks for more: it has read the
    # reply.
    'Queue': ('Queue', lambda c, p: c.put(p), lambda c: (c.get(), c.qsize())),
    'LifoQueue': ('LifoQueue', lambda c, p: c.put([p]), lambda c: (c.get(), c.qsize())),
    'PriorityQueue': ('PriorityQueue', lambda c, p: c.put((1, p)), lambda c: (c.get(), c.qsize())),
    'Queue clear': ('Queue', lambda c, p: (c.put(p), c.put(p)), lambda c: c._callmethod('clear')),
    'Namespace del': ('Namespace', lambda c, p: setattr(c, 'a', p), lambda c: delattr(c, 'a')),
    'Namespace overwrite': ('Namespace', lambda c, p: setattr(c, 'a', p),
                            lambda c: setattr(c, 'a', 1)),
    'Value': ('Value', lambda c, p: c.set(p), lambda c: c.set(1)),
}


@pytest.mark.parametrize('name', STORED)
def test_a_stored_proxy_keeps_its_referent_as_long_as_it_is_stored(manager, name):
    typeid, store, release = STORED[name]
    container = getattr(manager, typeid)(*[None, 0] * (typeid == 'Value'))
    d = manager.dict(a=1)
    before = refcount(manager, d)
    store(container, d)
    assert refcount(manager, d) > before
    del d
    gc.collect()
    assert objects(manager) == 2
    release(container)
    gc.collect()
    assert objects(manager) == 1


def failing(m, d):
    """Calls that fail, or keep nothing, with the proxy d among their arguments."""
    items, c, q, full = m.list([1, 2]), m.dict(a=1), m.Queue(), m.Queue(1)
    full.put(1)
    yield lambda: items.insert('x', d)
    yield lambda: items.__setitem__(99, d)
    yield lambda: items.__setitem__('x', d)
    yield lambda: items.__setitem__(slice(0, 2, 2), [d, d])
    yield lambda: items.append(d, d)
    yield lambda: items._callmethod('append', (), {'object': d})
    yield lambda: items.index(d)
    yield lambda: items.count(d)
    yield lambda: items.remove(d)
    yield lambda: d in items
    yield lambda: items + [d]
    yield lambda: items.pop(d)
    yield lambda: items._callmethod('sort', (d,))
    yield lambda: c.__setitem__([], d)
    yield lambda: c.__setitem__([d], d)
    yield lambda: c.setdefault('a', d)
    yield lambda: c.setdefault([], d)
    yield lambda: c.get('x', d)
    yield lambda: c.pop('x', d)
    yield lambda: c.update([(1, d), (2, d), 3])
    yield lambda: c.update([(1, d), ([], d)])
    yield lambda: c.update(1, x=d)
    yield lambda: c.update(1, d)
    yield lambda: d in c
    yield lambda: c._callmethod('__or__', ({1: d},))
    yield lambda: c._callmethod('fromkeys', ([1], d))
    yield lambda: full.put(d, False)
    yield lambda: full.put(d, True, 0.001)
    yield lambda: full._callmethod('put_many', ([d, d], False))
    yield lambda: q.put(d, True, None, d)
    yield lambda: q._callmethod('put', (), {'items': d})
    yield lambda: m.list(1, d)
    yield lambda: m.list(d, d)
    yield lambda: m.Namespace(d)
    yield lambda: m.Array('i', [d])
    yield lambda: m.Event(d)
    yield lambda: m.Queue(d)
    yield lambda: m.set([d, []])
    yield lambda: m.set([[], d])
    yield lambda: m.dict([(1, d), 2])
    yield lambda: m.Event().wait(d)


def test_a_call_that_fails_keeps_no_reference(manager):
    d = manager.dict(a=1)
    leaks = []
    for n, call in enumerate(failing(manager, d)):
        try:
            call()
        except Exception:
            pass
        gc.collect()
        if refcount(manager, d) != 1:
            leaks.append((n, refcount(manager, d)))
            break
    assert not leaks


def test_a_list_that_holds_itself(manager):
    items = manager.list()
    items.append(items)
    assert items[0][0][0]._token.id == items._token.id
    assert len(items[0]) == 1 and str(items)
    gc.collect()
    assert refcount(manager, items) == 2
    items.pop()
    gc.collect()
    assert refcount(manager, items) == 1
    del items
    assert objects(manager) == 0


def test_two_objects_that_hold_each_other(manager):
    items, d = manager.list(), manager.dict()
    items.append(d)
    d['items'] = items
    assert d['items'][0]['items']._token.id == items._token.id
    gc.collect()
    assert objects(manager) == 2
    del d
    items[0].clear()
    items.pop()
    del items
    gc.collect()
    assert objects(manager) == 0


def test_a_proxy_in_a_queue_needs_no_other_reference(manager):
    q, d = manager.Queue(), manager.dict(a=1)
    q.put(d)
    del d
    gc.collect()
    got = q.get()
    assert got.copy() == {'a': 1} and refcount(manager, got) == 1


def test_what_was_pickled_can_be_loaded_while_the_proxy_lives(manager):
    d = manager.dict(a=1)
    text = pickle.dumps(d)
    again = [pickle.loads(text) for _ in range(3)]
    assert refcount(manager, d) == 4
    del again
    assert refcount(manager, d) == 1


def child(d, n):
    d['child'] = n


def test_children_give_their_references_back(manager):
    d = manager.dict()
    for method in multiprocessing.get_all_start_methods():
        p = multiprocessing.get_context(method).Process(target=child, args=(d, 1))
        p.start()
        p.join(30)
        assert p.exitcode == 0
        del p
        gc.collect()
        assert refcount(manager, d) == 1, method


@pytest.mark.parametrize('pattern', ['every_type', 'lists', 'children', 'copies'])
def test_nothing_is_left_of_clients_that_leave_in_order(manager, peer, python, pattern):
    peer(python, 'patterns.py', '%s:%d' % manager.address, pattern)
    assert objects(manager) == 0


def test_shared_objects_are_none_that_anybody_refers_to(serve, peer, python):
    server = serve('--queue', 'jobs', '--dict', 'settings={"mode":"fast"}', '--list', 'log')
    peer(python, 'patterns.py', server.text, 'names_by_proxy_type')
    m = Manager(server.address, authkey=server.key)
    m.connect()
    assert m._number_of_objects() == 0
    assert sorted(re.findall(r'refcount=\d+', m._debug_info())) == ['refcount=0'] * 3


def shown(m):
    """What is shown of objects that hold proxies, without the addresses."""
    items, settings, space = m.list([m.dict()]), m.dict(one=m.list([1])), m.Namespace()
    items.append(m.Queue())
    space.lock = m.Lock()
    return [re.sub('0x[0-9a-f]+', '0x', str(proxy)) for proxy in (items, settings, space)]


def test_stored_proxies_are_shown_as_proxies(manager):
    with SyncManager() as theirs:
        assert shown(manager) == shown(theirs)
