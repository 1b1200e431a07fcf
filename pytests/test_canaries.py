"""Exploits pass through as the bytes that they are, and nothing runs."""
import os
import subprocess
import sys
import time
from multiprocessing.connection import Client
from multiprocessing.managers import SyncManager

import pytest

import canaries

NAMES = sorted(canaries.make('/nowhere'))


class Manager(SyncManager):
    pass


for _name in ('get_queue', 'set', 'PriorityQueue'):
    Manager.register(_name)


def message(ident, method, args, kwds=b'}', protocol=4):
    """The request (ident, method, args, kwds) made of opcodes."""
    return b'\x80' + bytes([protocol]) + b'(' + ident + method + args + kwds + b't.'


def arguments(*values):
    return b'(' + b''.join(values) + b't'


class Wire:
    """A connection on which nothing is unpickled."""

    def __init__(self, server):
        self.conn = Client(server.address, authkey=server.key)

    def ask(self, *args, **kwargs):
        """Sends a request and returns the reply as it came."""
        self.conn.send_bytes(message(*args, **kwargs))
        assert self.conn.poll(20), 'there is an answer'
        reply = self.conn.recv_bytes()
        assert any(kind in reply for kind in
                   (b'#RETURN', b'#ERROR', b'#TRACEBACK', b'#UNSERIALIZABLE', b'#PROXY'))
        return reply


class Cage:
    """A server, the file that must not appear, and connections."""

    def __init__(self, server, path):
        self.server, self.path = server, str(path)
        self.canaries = canaries.make(self.path)
        self.manager = Manager(server.address, authkey=server.key)
        self.manager.connect()
        self.wires = []

    def wire(self):
        """A new connection, of a client that calls methods."""
        self.wires.append(Wire(self.server))
        self.wires[-1].ask(b'N', canaries.text('accept_connection'), arguments(canaries.text('n')))
        return self.wires[-1]

    def close(self):
        """Ends the connections and tells whether a canary has died."""
        for w in self.wires:
            w.conn.close()
        q = self.manager.get_queue('honest')
        q.put(1)
        assert q.get() == 1
        assert self.server.children() == []
        assert not os.path.exists(self.path)


@pytest.fixture
def cage(serve, tmp_path):
    c = Cage(serve(), tmp_path / 'dead')
    yield c
    c.close()


LOADER = '''
import pickle, sys
class Loader(pickle.Unpickler):
    def persistent_load(self, pid):
        return pid
Loader(sys.stdin.buffer).load()
'''


@pytest.mark.parametrize('name', [n for n in NAMES if n not in canaries.HARMLESS])
def test_the_canary_dies_where_python_loads_it(tmp_path, name):
    path = tmp_path / 'dead'
    data = b'\x80\x02' + canaries.make(str(path))[name] + b'.'
    process = subprocess.Popen([sys.executable, '-c', LOADER], stdin=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    process.communicate(data, timeout=30)
    end = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < end, 'nothing ran: the canary proves nothing'
        time.sleep(0.01)


def ident(proxy):
    return canaries.text(proxy._token.id)


@pytest.mark.parametrize('name', NAMES)
def test_an_exploit_goes_through_a_queue_as_it_is(cage, name):
    q = cage.manager.get_queue()
    wire = cage.wire()
    code = cage.canaries[name]
    wire.ask(ident(q), canaries.text('put'), arguments(code))
    wire.ask(ident(q), canaries.text('put'), b')', b'}(' + canaries.text('item') + code + b'u')
    assert q.qsize() == 2
    for _ in range(2):
        got = wire.ask(ident(q), canaries.text('get'), b')')
        assert (b'system' if name in canaries.REWRITTEN else code) in got


@pytest.mark.parametrize('name', NAMES)
def test_an_exploit_for_an_older_reader_is_rewritten_and_not_run(cage, name):
    q = cage.manager.get_queue()
    cage.wire().ask(ident(q), canaries.text('put'), arguments(cage.canaries[name]), protocol=5)
    old = cage.wire()
    old.ask(ident(q), canaries.text('get'), b')', protocol=2)


LIST = ['append', 'count', 'index', 'remove', '__contains__', 'extend', 'sort', 'reverse', '__len__',
        '__str__', '__repr__', '#GETVALUE', '__getitem__', '__mul__', '__add__', 'pop', 'insert']
DICT = ['__setitem__', '__getitem__', 'get', 'setdefault', 'update', '__contains__', 'copy', 'keys',
        'items', 'pop', '__str__', '__repr__', '#GETVALUE', 'popitem', '__delitem__', '__iter__']
SET = ['add', '__contains__', 'update', 'discard', '__eq__', 'issubset', '__str__', '#GETVALUE', 'pop']
PLACE = ['get', 'set', '__getattribute__', '__setattr__', '__delattr__', '__str__', '__repr__',
         '#GETVALUE']


@pytest.mark.parametrize('name', NAMES)
def test_an_exploit_in_an_operation_is_data(cage, name):
    m, wire, code = cage.manager, cage.wire(), cage.canaries[name]
    for proxy, methods in (
            (m.list([1, 1]), ['append'] + LIST + ['append', 'sort']), (m.dict({'a': 1}), DICT + DICT),
            (m.set(), SET + SET), (m.Value('i', 1), PLACE), (m.Namespace(), PLACE),
            (m.Event(), ['wait', 'set']), (m.Semaphore(1), ['acquire']),
            (m.PriorityQueue(), ['put', 'put', 'put', '__str__', 'get_nowait', 'get_nowait'])):
        for method in methods:
            for args in (arguments(code), arguments(canaries.text('a'), code), b')'):
                if args == b')' and method in ('wait', 'acquire', 'put', 'get'):
                    continue  # it would wait
                wire.ask(ident(proxy), canaries.text(method), args)


@pytest.mark.parametrize('name', NAMES)
def test_an_exploit_in_the_place_of_a_part_of_a_request_is_refused(cage, name):
    q, code = ident(cage.manager.get_queue()), cage.canaries[name]
    wire = cage.wire()
    for parts in ((code, canaries.text('qsize'), b')'), (q, code, b')'),
                  (q, canaries.text('qsize'), code), (q, canaries.text('qsize'), b')', code),
                  (q, canaries.text('qsize'), b')', b'}(' + code + b'Nu')):
        reply = wire.ask(*parts)
        assert b'#TRACEBACK' in reply or b'#ERROR' in reply


@pytest.mark.parametrize('name', NAMES)
def test_an_exploit_for_a_function_of_the_server_is_refused(cage, name):
    code = cage.canaries[name]
    for function in ('create', 'incref', 'decref', 'get_methods', 'kill_client'):
        wire = Wire(cage.server)
        cage.wires.append(wire)
        assert b'#TRACEBACK' in wire.ask(b'N', canaries.text(function), arguments(code))
    for typeid in ('list', 'dict', 'set', 'Value', 'Namespace', 'Queue', 'Array', 'get_queue'):
        for args in (arguments(canaries.text(typeid), code),
                     arguments(canaries.text(typeid), canaries.text('i'), code)):
            wire = Wire(cage.server)
            cage.wires.append(wire)
            wire.ask(b'N', canaries.text('create'), args)
