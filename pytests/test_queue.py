"""The methods of a queue and their exceptions, as every version sees them."""
import pytest

import support

QUEUES = ('--joinable', 'jobs', '--queue', 'small=1', '--lifo', 'lifo', '--priority', 'priority',
          '--queue', 'get_queue')


def test_every_method(serve, python, peer):
    out = peer(python, 'methods.py', serve(*QUEUES).text)
    assert out['exposed'] == ['clear', 'empty', 'full', 'get', 'get_many', 'get_nowait', 'join', 'peek',
                              'put', 'put_many', 'put_nowait', 'qsize', 'shutdown', 'task_done']
    assert out['empty'] == [True, 0, False]
    assert out['sizes'] == [False, 3, False]
    assert out['got'] == [1, 2, 3]
    assert out['caught'] == 'Empty' and out['empty_get'] == ['Empty', '']
    assert out['timeout_get'] == ['Empty', ''] and out['waited']
    assert out['negative'] == ['ValueError', "'timeout' must be a non-negative number"]
    assert out['many'] == [[1], [1, 2, 3], [1, 2], [3, 4], []]
    assert out['iterables'][0] == [0, 1, 2, 'a', 'b', 7, 9]
    assert 'TypeError' in str(out['iterables'][1]) and out['iterables'][2] == 0
    assert out['clear'] == [2, 0]
    assert out['put'] == 'putget'
    assert out['full'] == [['Full', '']] * 3 + [True, 'a']
    assert out['lifo'] == [1, 3, 2]
    assert out['priority'] == [1, 2, 3]
    assert out['task_done'] == ['ValueError', 'task_done() called too many times']
    assert [e[0] for e in out['arguments']] == ['TypeError'] * 3
    assert out['unknown'][0] == 'RemoteError'
    assert out['getvalue'][0] == 'RemoteError'
    assert out['str']
    assert out['own'] == [1, False, True]
    down = ['ShutDown', ''] if support.has_shutdown(python) else ['EOFError', 'the queue was shut down']
    assert out['shutdown'] == [down, 1, down, down]
    assert out['woken'] == [down, down]


@pytest.mark.parametrize('version', [v for v in support.VERSIONS if v != '2.7'])
def test_a_priority_queue_orders_as_that_of_python(serve, peer, version):
    assert peer(support.python(version), 'priority.py', serve(*QUEUES).text, 20) == []
