"""Strangers and bad input: each is refused, and an honest client goes on."""
import resource
import select
import socket
import struct
import threading
import time
from multiprocessing.connection import Client
from multiprocessing.managers import BaseManager

import pytest

import support


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


@pytest.fixture
def strangers():
    """A function that opens silent connections, which the end of the test closes."""
    opened = []

    def open_many(server, count):
        opened.extend(stranger(server) for _ in range(count))
        return opened

    yield open_many
    for s in opened:
        s.close()


def need_descriptors(count):
    """Lets this process open so many files, or skips the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip('this needs %d descriptors, and the hard limit is %d' % (count, hard))
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def test_an_honest_pair_finishes_among_2000_strangers(server, strangers, peer):
    need_descriptors(3000)
    strangers(server, 2000)
    out = peer(support.found()[-1][1], 'crowd.py', server.text, 2, 500)
    assert out == {'failed': 0, 'left': 0}


def ended(s):
    """Whether the server has ended a connection; its challenge is read first."""
    try:
        while select.select([s], [], [], 0)[0]:
            if not s.recv(4096):
                return True
    except ConnectionError:
        return True
    return False


def eventually(what):
    """Waits until a function says so."""
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end, 'it never came'
        time.sleep(0.01)


def test_the_oldest_of_too_many_handshakes_give_way(serve, strangers):
    server = serve('--max-handshakes', '4', '--handshake-timeout', '1h')
    opened = strangers(server, 30)
    eventually(lambda: all(map(ended, opened[:26])))
    assert not any(map(ended, opened[26:]))
    honest(server)


def call(conn, *request):
    conn.send(request)
    return conn.recv()


def admitted(conn):
    """Whether the server serves a connection that has the key."""
    try:
        return call(conn, None, 'dummy', (), {}) == ('#RETURN', None)
    except (EOFError, ConnectionError):
        return False


def test_strangers_take_no_place_of_their_address(serve, strangers):
    server = serve('--max-per-address', '3')
    strangers(server, 50)
    honest(server)


def test_more_clients_of_one_address_are_sent_away(serve):
    server = serve('--max-per-address', '3')

    def client():
        conn = Client(server.address, authkey=server.key)
        assert call(conn, None, 'accept_connection', ('n',), {}) == ('#RETURN', None)
        return conn

    conns = [client() for _ in range(3)]
    late = Client(server.address, authkey=server.key)
    assert not admitted(late)
    late.close()
    conns.pop().close()

    def again():
        conn = Client(server.address, authkey=server.key)
        try:
            return admitted(conn)
        finally:
            conn.close()

    eventually(again)
    for conn in conns:
        conn.close()


DESCRIPTORS = 40


def until_logged(server, text):
    """Reads the log up to a line that contains the text."""
    for line in server.process.stderr:
        if text in line.decode():
            return
    raise AssertionError('the server has ended')


@pytest.fixture
def patient(serve):
    """A server that has few descriptors and waits long for a handshake."""
    return serve('--handshake-timeout', '1h', descriptors=DESCRIPTORS)


class Crowd:
    """Honest clients at once, more than the server has descriptors for. Each holds its connection."""

    def __init__(self, server, count):
        self.server, self.conns, self.refused, self.wrong = server, [], [], []
        self.changed, self.leave = threading.Condition(), threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for t in self.threads:
            t.start()

    def run(self):
        try:
            conn = Client(self.server.address, authkey=self.server.key)
            kind, text = call(conn, None, 'accept_connection', ('n',), {})
            if kind == '#TRACEBACK' and 'connections' in text:
                self.refused.append(text)
                return conn.close()
            assert (kind, text) == ('#RETURN', None)
            with self.changed:
                self.conns.append(conn)
            self.leave.wait(60)
            conn.close()
        except Exception as e:
            self.wrong.append(repr(e))

    def end(self):
        self.leave.set()
        for t in self.threads:
            t.join(60)


def test_a_server_without_descriptors_serves_those_it_has(patient):
    crowd = Crowd(patient, 2 * DESCRIPTORS)
    until_logged(patient, 'accept failed')
    eventually(lambda: len(crowd.conns) >= DESCRIPTORS // 2)
    token = call(crowd.conns[0], None, 'nothing', (), {})
    assert token[0] == '#TRACEBACK', 'it answers'
    before = patient.cpu()
    time.sleep(1)
    assert patient.cpu() - before < 0.5, 'it waits, it does not spin'
    assert len(crowd.conns) < 2 * DESCRIPTORS
    crowd.end()
    assert crowd.wrong == [], 'each was served, or told why not'
    assert len(crowd.conns) + len(crowd.refused) == 2 * DESCRIPTORS
    honest(patient)


def test_strangers_who_hold_every_descriptor_give_way(patient, strangers):
    strangers(patient, 2 * DESCRIPTORS)
    until_logged(patient, 'accept failed')
    honest(patient)


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


MEGABYTE = 1 << 20
FRAME = 4 * MEGABYTE

EATERS = {
    'lists': b'\x80\x04(N' + b']' * FRAME,
    'dicts': b'\x80\x04(N' + b'}' * FRAME,
    'marks': b'\x80\x04' + b'(' * FRAME,
    'memoised lists': b'\x80\x04(N' + b']\x94' * (FRAME // 2),
    'memo far out': b'\x80\x04(N' + b'r\xff\xff\xff\x7f' * (FRAME // 5),
    'nothing twice': b'\x80\x04(N' + b'N2' * (FRAME // 2),
    'tuples of tuples': b'\x80\x04(N)' + b'2\x86' * (FRAME // 2),
    'a long number': b'\x80\x04(N\x8b' + struct.pack('<i', FRAME - 64) + b'\x7f' * (FRAME - 64) + b'}t.',
    'a text that lies': b'\x80\x04(N\x8d' + struct.pack('<Q', 2**40) + b'a' * (FRAME - 64),
}


@pytest.mark.parametrize('name', EATERS)
def test_hostile_frames_take_memory_in_proportion(serve, name):
    server = serve('--max-message', '4MiB')
    honest(server)
    before = server.memory()
    for _ in range(8):
        conn = Client(server.address, authkey=server.key)
        conn.send_bytes(EATERS[name][:FRAME])
        assert conn.recv()[0] in ('#TRACEBACK', '#RETURN')
        conn.close()
    assert server.memory() - before < 64 * FRAME
    honest(server)


def test_frames_that_never_come_take_no_memory(serve):
    server = serve('--max-message', '1GiB')
    honest(server)
    before = server.memory()
    conns = [Client(server.address, authkey=server.key) for _ in range(50)]
    for conn in conns:
        s = socket.socket(fileno=conn.fileno())
        s.sendall(struct.pack('!i', 1 << 30) + b'x')
        s.detach()
    honest(server)
    assert server.memory() - before < 64 * MEGABYTE
    for conn in conns:
        conn.close()
