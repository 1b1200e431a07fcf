"""What goes through a queue and comes back, between all versions."""
import concurrent.futures
import multiprocessing
import sys
from multiprocessing.managers import AutoProxy, BaseManager, SyncManager

import pytest

import support


def test_every_writer_and_every_reader_share_a_queue(serve, peer):
    server = serve()
    found = support.found()
    names = [v for v, _ in found]
    for version, path in found:
        peer(path, 'write.py', server.text, version, *names)

    def read(version, path):
        return version, peer(path, 'read.py', server.text, version, *names)

    wrong = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for version, out in pool.map(lambda f: read(*f), found):
            assert out['count'] + len(out['wrong']) >= 30 * len(found)
            if out['wrong']:
                wrong[version] = out['wrong'][:5]
    assert not wrong


class Manager(BaseManager):
    pass


Manager.register('get_queue')


@pytest.fixture
def queue(server):
    """A proxy in this process."""
    multiprocessing.current_process().authkey = server.key
    manager = Manager(server.address, authkey=server.key)
    manager.connect()
    return manager.get_queue()


def test_an_item_of_200_megabytes(queue):
    item = b'0123456789' * 20_000_000
    queue.put(item)
    assert queue.get() == item


def test_numpy_arrays(queue):
    numpy = pytest.importorskip('numpy')
    for array in (numpy.arange(100_000), numpy.zeros((3, 4), 'f4'), numpy.array([]),
                  numpy.array(['a', None], dtype=object), numpy.arange(6).reshape(2, 3).T):
        queue.put(array)
        got = queue.get()
        assert got.dtype == array.dtype and (got == array).all()
    queue.put(numpy.float64(1.5))
    assert queue.get() == 1.5


def test_functions_by_cloudpickle(queue):
    cloudpickle = pytest.importorskip('cloudpickle')
    seven = 7
    queue.put(cloudpickle.dumps(lambda n: n + seven))
    assert cloudpickle.loads(queue.get())(1) == 8


def test_a_proxy_travels_through_a_queue(queue, server):
    manager = Manager(server.address, authkey=server.key)
    manager.connect()
    orders = manager.get_queue('orders')
    queue.put(orders)
    again = queue.get()
    assert again._token.id == orders._token.id
    orders.put('through the proxy')
    assert again.get() == 'through the proxy'
    queue.put(orders._token)
    assert queue.get().id == orders._token.id


def test_a_proxy_asks_for_its_methods(queue, server):
    token = queue._token
    proxy = AutoProxy(token, 'pickle', authkey=server.key)  # get_methods, for nothing was exposed
    proxy.put('x')
    assert queue.get() == 'x'


class Evil:
    """Runs code in whoever loads it."""

    def __reduce__(self):
        return (exec, ('import sys; sys.mpbridge_canary = True',))


def test_the_server_runs_nothing_that_an_item_says(queue, server):
    queue.put(Evil())
    assert not hasattr(sys, 'mpbridge_canary')
    assert queue.get() is None  # this process runs it: it is Python
    assert hasattr(sys, 'mpbridge_canary')
    del sys.mpbridge_canary
    queue.put(1)
    assert queue.get() == 1


@pytest.mark.parametrize('version', support.VERSIONS)
def test_what_is_equal_is_one_key(serve, peer, version):
    assert peer(support.python(version), 'same_keys.py', serve('--dict', 'd', '--list', 'l').text) == []


@pytest.mark.parametrize('version', ['2.7', '3.6', '3.8', '3.11', '3.13', '3.15'])
def test_what_packages_make_is_the_key_that_it_equals(serve, peer, version):
    server, packages = serve('--dict', 'd', '--list', 'l').text, support.packages(version)
    assert peer(support.python(version), 'same_keys.py', server, packages) == []


@pytest.mark.parametrize('version', ['3.13', '3.14', '3.15'])
def test_a_short_list_without_an_order_is_sorted_as_python_sorts_it(serve, peer, version):
    assert peer(support.python(version), 'sort_nan.py', serve('--list', 'l').text) == []


@pytest.mark.parametrize('version', ['2.7', '3.6', '3.11', '3.13'])
def test_sorting_what_has_no_order_loses_nothing(serve, peer, version):
    assert peer(support.python(version), 'sort_nan.py', serve('--list', 'l').text, 'elements') == []


def test_numpy_in_a_list_looks_as_numpy_shows_it(serve):
    numpy = pytest.importorskip('numpy')
    server = serve()
    manager = SyncManager(server.address, authkey=server.key)
    manager.connect()
    values = [numpy.float64(1.5), numpy.bool_(True), numpy.str_('a'), numpy.arange(6.0).reshape(2, 3),
              numpy.array([1e-9, 1]), numpy.arange(2000), numpy.array(['a', None], dtype=object)]
    shared = manager.list(values)
    assert str(shared) == repr(values)


def test_notify_of_half_a_number_wakes_one_more(serve):
    server = serve()
    manager = SyncManager(server.address, authkey=server.key)
    manager.connect()
    condition, waiting = manager.Condition(), manager.Value('i', 0)

    def wait():  # each thread has a connection of its own
        with condition:
            waiting.value += 1
            return condition.wait(60)

    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        woken = [threads.submit(wait) for _ in range(3)]
        condition.acquire()
        while waiting.value < 3:
            condition.release()
            condition.acquire()
        condition.notify(1.5)
        shown = str(condition)
        condition.notify_all()
        condition.release()
        assert [w.result(60) for w in woken] == [True] * 3
    assert shown.endswith(', 1)>')
