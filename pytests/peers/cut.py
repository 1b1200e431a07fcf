"""Connections that wait in get() and are cut, by FIN or by RST, before and after an item was sent to
them: cut.py ADDRESS."""
import os
import socket
import struct
import time
from multiprocessing.connection import Client

from base import KEY, address, answer, connect, sys


def waiting(ident):
    c = Client(address(sys.argv[1]), authkey=KEY)
    c.send((None, 'accept_connection', ('cut',), {}))
    assert c.recv()[0] == '#RETURN'
    c.send((ident, 'get', (), {}))
    return c


def reset(c):
    s = socket.fromfd(c.fileno(), socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
    c.close()


q = connect().get_queue()
ident = q._token.id
for cut in (lambda c: c.close(), reset):
    conns = [waiting(ident) for _ in range(40)]
    time.sleep(0.2)
    for c in conns[:20]:
        cut(c)
    for n in range(60):
        q.put(n)
    time.sleep(0.2)
    for c in conns[20:]:
        cut(c)  # with an item in it that nobody read
time.sleep(0.5)
got = [q.get(True, 2) for _ in range(120)]
answer({'all': sorted(got) == sorted(list(range(60)) * 2), 'left': q.qsize()})
