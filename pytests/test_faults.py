"""Killed and cut clients, and crowds of them."""
import pytest

import support

NEWEST = support.found()[-1][1]


@pytest.mark.parametrize('version', ['2.7', '3.8', '3.13'])
def test_killed_consumers_lose_nothing(server, peer, version):
    out = peer(support.python(version), 'consumers.py', server.text, 200, 10_000, timeout=180)
    assert out == {'items': 10_000, 'most': 1, 'extra': '', 'left': 0}


def test_cut_connections_lose_nothing(serve, python, peer):
    assert peer(python, 'cut.py', serve().text) == {'all': True, 'left': 0}


def test_64_clients_at_once(server, peer):
    out = peer(NEWEST, 'crowd.py', server.text, 64, 50, timeout=120)
    assert out == {'failed': 0, 'left': 0}
