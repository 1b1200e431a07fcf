"""Clients of multiprocess (pathos) and billiard (celery), forks of multiprocessing: their proxies are spelled
by modules of their own, and multiprocess pickles with dill, which spells builtins in ways of its own."""
import gc
import importlib
import re

import pytest

FORKS = ['multiprocess', 'billiard']


@pytest.fixture(params=FORKS)
def manager(request, serve):
    server = serve()
    package = importlib.import_module(request.param)
    managers = importlib.import_module(request.param + '.managers')
    package.current_process().authkey = server.key

    class Manager(managers.SyncManager):
        pass

    m = Manager(server.address, authkey=server.key)
    m.connect()
    m.module = managers.__name__
    yield m
    gc.collect()


def refcount(m, ident):
    """What debug_info says of an object; 0 where it says nothing."""
    found = re.search('^  %s:       refcount=(\\d+)$' % ident, m._debug_info(), re.M)
    return int(found.group(1)) if found else 0


def stored_in(m, typeid, store):
    """A container in which the only proxy of a list is stored, and the ident of that list."""
    container, inner = getattr(m, typeid)(), m.list([7, 8])
    ident = inner._token.id
    store(container, inner)
    del inner
    gc.collect()
    return container, ident


STORED = {
    'list': (lambda c, p: c.append(p), lambda c: c[0]),
    'dict': (lambda c, p: c.__setitem__('k', [p]), lambda c: c['k'][0]),
    'Queue': (lambda c, p: c.put((1, p)), lambda c: c.get()[1]),
}


@pytest.mark.parametrize('typeid', STORED)
def test_a_stored_proxy_of_a_fork_keeps_its_referent(manager, typeid):
    store, _ = STORED[typeid]
    container, ident = stored_in(manager, typeid, store)
    assert refcount(manager, ident) == 1
    del container


@pytest.mark.parametrize('typeid', STORED)
def test_a_stored_proxy_comes_back_as_the_forks_own(manager, typeid):
    store, take = STORED[typeid]
    container, _ = stored_in(manager, typeid, store)
    inner = take(container)
    assert type(inner).__module__ == manager.module
    assert inner[:] == [7, 8]


def test_a_released_proxy_of_a_fork_lets_its_referent_go(manager):
    container, ident = stored_in(manager, 'list', STORED['list'][0])
    del container[0]
    assert refcount(manager, ident) == 0


def test_slices_of_a_fork_are_slices(manager):
    items = manager.list(range(5))
    assert items[1:4] == [1, 2, 3]
    items[1:4] = range(2)
    del items[::2]
    assert items[:] == [0, 4]


@pytest.mark.parametrize('elements', [range(3), bytearray(b'ab'), reversed([1, 2])],
                         ids=['range', 'bytearray', 'reversed'])
def test_what_a_fork_iterates_over_is_iterated_over(manager, elements):
    items = manager.list()
    items.extend(elements)
    assert items[:] == list(elements)


@pytest.mark.parametrize('manager', ['multiprocess'], indirect=True)  # billiard cannot pickle them
@pytest.mark.parametrize('elements', [{1: 2}.keys(), {1: 2}.values(), {1: 2}.items()], ids=['keys', 'values', 'items'])
def test_the_views_of_a_dict_are_iterated_over(manager, elements):
    items = manager.list()
    items.extend(elements)
    assert items[:] == list(elements)


@pytest.mark.parametrize('value', [3 + 1j, bytearray(b'ab'), range(2, 9, 3), int, KeyError, Ellipsis, NotImplemented],
                         ids=str)
def test_values_of_a_fork_are_equal_to_themselves(manager, value):
    items = manager.list([value])
    assert value in items
    assert items[0] == value


def test_exceptions_of_a_fork_come_back(manager):
    q = manager.Queue()
    for e in [ValueError('text'), FileNotFoundError(2, 'text'), UnicodeDecodeError('ascii', b'a', 0, 1, 'reason')]:
        q.put(e)
        got = q.get()
        assert (type(got), got.args) == (type(e), e.args)
