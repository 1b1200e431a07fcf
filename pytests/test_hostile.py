"""Strangers and bad input: each is refused, and an honest client goes on."""
import socket
import struct
from multiprocessing.connection import Client
from multiprocessing.managers import BaseManager

import pytest


class Manager(BaseManager):
    pass


Manager.register('get_queue')


def honest(server):
    """An honest client, whom nothing may harm."""
    manager = Manager(server.address, authkey=server.key)
    manager.connect()
    q = manager.get_queue()
    q.put(1)
    assert q.get() == 1


def stranger(server):
    family = socket.AF_INET if server.network == 'tcp' else socket.AF_UNIX
    s = socket.socket(family)
    s.settimeout(20)
    s.connect(server.address)
    return s


STRANGERS = {
    'a port scanner': b'',
    'HTTP': b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'a frame of 2**31-1 bytes': struct.pack('!i', 2**31 - 1),
    'a frame of 2**63 bytes': struct.pack('!iQ', -1, 2**63),
    'random bytes': bytes(range(256)) * 4,
}


@pytest.mark.parametrize('name', STRANGERS)
def test_a_stranger_is_sent_away(server, name):
    s = stranger(server)
    s.sendall(STRANGERS[name])
    s.shutdown(socket.SHUT_WR)
    while s.recv(4096):
        pass  # a challenge, perhaps a refusal, then the end
    s.close()
    honest(server)


def test_silent_strangers_delay_nobody(server):
    silent = [stranger(server) for _ in range(300)]
    honest(server)
    for s in silent:
        s.close()


def test_a_wrong_key_is_an_authentication_error(server, python, peer):
    out = peer(python, 'auth.py', server.text)
    assert out['wrong'][0] == 'AuthenticationError'
    assert out['right'] is None


REQUESTS = {
    'garbage': b'garbage',
    'nothing': b'',
    'no tuple': b'\x80\x04K\x01.',
    'a length beyond all': b'\x80\x04(N\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.',
    'a class': b'\x80\x04(Ncos\nsystem\n)}t.',
    '100,000 nested lists': b'\x80\x04(N\x8c\x05dummy' + b']' * 100_000 + b'a' * 99_999 + b'}t.',
    'marks without end': b'\x80\x04' + b'(' * 2_000_000 + b'.',
}


@pytest.mark.parametrize('name', REQUESTS)
def test_a_bad_request_gets_an_answer(server, name):
    conn = Client(server.address, authkey=server.key)
    conn.send_bytes(REQUESTS[name])
    kind, text = conn.recv()
    assert kind in ('#TRACEBACK', '#RETURN')
    if kind == '#TRACEBACK':
        assert 'Traceback' in text and '/' not in text
    conn.close()
    honest(server)


def test_a_huge_frame_ends_the_connection(server):
    conn = Client(server.address, authkey=server.key)
    s = socket.socket(fileno=conn.fileno())
    s.sendall(struct.pack('!iQ', -1, 2**62))
    with pytest.raises((EOFError, OSError)):
        conn.recv()
    s.detach()
    conn.close()
    honest(server)


def test_deeply_nested_items_pass_through(server):
    manager = Manager(server.address, authkey=server.key)
    manager.connect()
    q = manager.get_queue()
    deep = []
    for _ in range(200):
        deep = [deep]
    q.put(deep)
    assert q.get() == deep
