"""No key holds all connections: others are served, and who is refused is told why."""
from multiprocessing.connection import Client
import subprocess

import pytest

import support

KEYS = '''\
boss    admin    text:boss-secret
worker  consume  text:worker-secret
other   produce  text:other-secret
'''

DESCRIPTORS = 64


@pytest.fixture
def guarded(serve, tmp_path):
    """A function that starts a server with KEYS."""
    path = tmp_path / 'keys'
    path.write_text(KEYS)
    path.chmod(0o600)
    return lambda *flags, **kwargs: serve('--keys', str(path), '--queue', 'jobs', *flags, **kwargs)


@pytest.fixture
def idle():
    """A function that connects and does nothing more; it gives what the server said."""
    conns = []

    def open_one(server, key):
        conn = Client(server.address, authkey=key)
        conns.append(conn)
        conn.send((None, 'accept_connection', ('idle',), {}))
        return conn.recv()

    yield open_one
    for conn in conns:
        conn.close()


def test_who_is_refused_is_told_so_on_every_python(guarded, idle, python, peer):
    server = guarded('--max-per-key', '1')
    assert idle(server, b'worker-secret') == ('#RETURN', None)
    name, text = peer(python, 'told.py', server.text, 'worker-secret')
    assert name == 'RemoteError'
    assert 'ConnectionRefusedError: more than 1 connections with this key' in text
    assert peer(python, 'told.py', server.text, 'other-secret') is None


def test_one_keys_idle_connections_leave_descriptors_to_others(binary, guarded, idle, peer):
    server = guarded(descriptors=DESCRIPTORS)
    answers = [idle(server, b'worker-secret') for _ in range(2 * DESCRIPTORS)]
    held = answers.count(('#RETURN', None))
    assert held == 36, 'three quarters of 48'
    assert all('more than 36 connections with this key' in text for kind, text in answers[held:])
    newest = support.found()[-1][1]
    assert peer(newest, 'told.py', server.text, 'other-secret') is None
    for _ in range(2 * DESCRIPTORS):
        idle(server, b'other-secret')
    done = subprocess.run([binary, 'clients', server.text], env={'MPBRIDGE_AUTHKEY': 'boss-secret'}, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(b'idle') == 48


def test_who_comes_when_admins_hold_all_descriptors_is_told_so(guarded, idle):
    server = guarded(descriptors=DESCRIPTORS)
    answers = [idle(server, b'boss-secret') for _ in range(2 * DESCRIPTORS)]
    held = answers.count(('#RETURN', None))
    assert held == 52, 'the process keeps some descriptors to itself and for those whom it refuses'
    assert all('more than 52 connections' in text for kind, text in answers[held:])
