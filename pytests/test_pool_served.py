"""SyncManager.Pool() of stock clients: serve --pool."""
import subprocess
import sys
from multiprocessing.managers import SyncManager

import pytest

import support


@pytest.mark.parametrize('method', ['spawn', 'forkserver'])
def test_a_pool_of_the_server(serve, python, peer, method):
    if python == support.find('2.7'):
        method = 'spawn'  # the other needs Python 3
    server = serve('--pool', '3', '--python', python, '--start-method', method)
    out = peer(python, 'pooled.py', server.text)
    zero = out.pop('raised')
    assert zero[0] == 'ZeroDivisionError'
    assert out == {
        'apply': 4, 'map': [1, 2, 3], 'async': [2, 1], 'imap': [1, 2], 'unordered': [1, 2],
        'proxy': 'by a proxy', 'died': 'RuntimeError', 'goes on': 1,
        'full': 'RuntimeError: this server has 1 of 3 workers left for pools',
        'closed': ['ValueError', 'Pool not running'],
    }


@pytest.mark.parametrize('args', [['--preload', 'json'],
                                  ['--pool', '1', '--start-method', 'spawn', '--preload', 'json']])
def test_preloading_is_for_pools_of_fork_servers(binary, args):
    done = subprocess.run([binary, 'serve', *args], stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2 and b'preload' in done.stderr


def test_pools_have_to_be_allowed(binary, serve, python, peer):
    server = serve()
    try:
        peer(python, 'pooled.py', server.text)
    except AssertionError as e:
        assert "KeyError: 'Pool'" in str(e)
    else:
        raise AssertionError('there is a pool')


def test_numpy_arrays_go_through_a_pool(serve):
    numpy = pytest.importorskip('numpy')
    server = serve('--pool', '2', '--python', sys.executable, '--start-method', 'forkserver', '--preload', 'numpy')
    manager = SyncManager(server.address, authkey=server.key)
    manager.connect()
    pool = manager.Pool(2)
    arrays = [numpy.arange(6.0).reshape(2, 3), numpy.array([], 'f4'), numpy.array(['a', None], dtype=object)]
    for array, back in zip(arrays, pool.map(numpy.asarray, arrays)):
        assert back.dtype == array.dtype and numpy.array_equal(back, array)
    assert pool.apply(numpy.sum, (arrays[0],)) == 15.0
    pool.close()
    pool.join()


@pytest.mark.parametrize('flags, seen', [([], True), (['--hide-output'], False)])
def test_what_workers_write_is_seen_unless_it_is_hidden(serve, flags, seen):
    server = serve('--pool', '1', '--python', sys.executable, *flags)
    manager = SyncManager(server.address, authkey=server.key)
    manager.connect()
    pool = manager.Pool(1)
    pool.apply(print, ('to be seen',))
    pool.close()
    pool.join()
    assert ('[1] to be seen\n' in server.stop()) is seen
