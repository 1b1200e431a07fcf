"""SyncManager.Pool() of stock clients: serve --pool."""


def test_a_pool_of_the_server(serve, python, peer):
    server = serve('--pool', '3', '--python', python)
    out = peer(python, 'pooled.py', server.text)
    zero = out.pop('raised')
    assert zero[0] == 'ZeroDivisionError'
    assert out == {
        'apply': 4, 'map': [1, 2, 3], 'async': [2, 1], 'imap': [1, 2], 'unordered': [1, 2],
        'proxy': 'by a proxy', 'died': 'RuntimeError', 'goes on': 1,
        'full': 'RuntimeError: this server has 1 of 3 workers left for pools',
        'closed': ['ValueError', 'Pool not running'],
    }


def test_pools_have_to_be_allowed(binary, serve, python, peer):
    server = serve()
    try:
        peer(python, 'pooled.py', server.text)
    except AssertionError as e:
        assert "KeyError: 'Pool'" in str(e)
    else:
        raise AssertionError('there is a pool')
