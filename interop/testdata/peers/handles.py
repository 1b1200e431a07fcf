"""Hands open files and sockets over, and takes them: handles.py KEY-HEX. What is handed over is one end of
something whose other end echoes, or a file with a text, or a socket that listens. Requests, KIND being file,
memfd, pipe, tcp, unix, tcp-listener, unix-listener or connection:

  {"op": "dial", "address": [words]}             connects to a Listener of the test
  {"op": "send", "kind": KIND, "count": n}       a word, the handle, a word, n times over the connection
  {"op": "recv", "kind": KIND, "count": n}       takes and uses a handle n times, each time with a word around it
  {"op": "sendfds" or "recvfds", "kind": KIND, "count": n}   n handles in one message
  {"op": "manager", "address": [words]}          connects to a manager with a get_queue
  {"op": "put", "kind": KIND, "count": n}        puts n into the queue
  {"op": "take", "kind": KIND, "count": n}       takes n out of the queue and uses them; the kinds speaker (a socket)
                                                 and speaking connection say something and want to hear it again,
                                                 idle is for count
  {"op": "count"}                                answers how much arrives on the socket that was taken last
  {"op": "fds"}                                  answers how many descriptors are open
"""
import atexit
import gc
import multiprocessing
import os
import socket
import sys
import shutil
import tempfile
import threading
import time

import peer

from multiprocessing import connection, reduction
from multiprocessing.managers import SyncManager

if not peer.PY2:
    from multiprocessing.connection import Connection
else:
    from _multiprocessing import Connection

TEXT = b"text in a file"


class Manager(SyncManager):
    pass


Manager.register("get_queue")


class State(object):
    conn = None
    queue = None
    last = None


def background(target, *args):
    thread = threading.Thread(target=target, args=args)
    thread.daemon = True
    thread.start()


def echo_socket(s):
    while True:
        data = s.recv(65536)
        if not data:
            break
        s.sendall(data)
    s.close()


def echo_connection(c):
    try:
        while True:
            c.send(c.recv())
    except (EOFError, IOError):
        c.close()


def echo_accepted(listener):
    s, _ = listener.accept()
    listener.close()
    echo_socket(s)


def tcp_pair():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    a = socket.create_connection(listener.getsockname())
    b, _ = listener.accept()
    listener.close()
    return a, b


def make(kind):
    """Gives what is handed over, and what the test is told."""
    if kind in ("file", "memfd"):
        if kind == "memfd" and hasattr(os, "memfd_create"):
            f = os.fdopen(os.memfd_create("x"), "w+b", 0)
        else:
            f = tempfile.TemporaryFile()
        f.write(TEXT)
        f.flush()
        return f, {}
    if kind == "pipe":
        r, w = os.pipe()
        os.write(w, TEXT)
        os.close(w)
        return os.fdopen(r, "rb", 0), {}
    if kind in ("tcp", "unix"):
        a, b = tcp_pair() if kind == "tcp" else socket.socketpair()
        background(echo_socket, a)
        return b, {}
    if kind == "connection":
        a, b = multiprocessing.Pipe()
        background(echo_connection, a)
        return b, {}
    if kind == "tcp-listener":
        s = socket.socket()
        s.bind(("127.0.0.1", 0))
    else:
        s = socket.socket(socket.AF_UNIX)
        folder = tempfile.mkdtemp()
        s.bind(os.path.join(folder, "s"))
        atexit.register(shutil.rmtree, folder, True)
    s.listen(5)
    return s, {"address": peer.words_of(s.getsockname())}


def use(kind, thing):
    """Uses what was taken: a descriptor, a socket or a Connection. The test hears of it by the echo."""
    State.last = None
    if kind in ("file", "memfd", "pipe"):
        if kind != "pipe":
            os.lseek(thing, 0, 0)
        text = os.read(thing, 100)
        os.close(thing)
        if text != TEXT:
            raise ValueError("the file has %r" % (text,))
    elif kind == "connection":
        if isinstance(thing, int):
            thing = Connection(thing)
        background(echo_connection, thing)
    elif kind == "speaking connection":
        thing.send("ping")
        if thing.recv() != "ping":
            raise ValueError("no echo")
        thing.close()
    elif kind == "speaker":
        thing.sendall(b"ping")
        if thing.recv(4) != b"ping":
            raise ValueError("no echo")
        thing.close()
    else:
        if isinstance(thing, int):
            fd, family = thing, socket.AF_UNIX if kind.startswith("unix") else socket.AF_INET
            thing = socket.fromfd(fd, family, socket.SOCK_STREAM)
            os.close(fd)
        if kind == "idle":
            State.last = thing
        elif kind.endswith("listener"):
            background(echo_accepted, thing)
        else:
            background(echo_socket, thing)


def dial(request):
    State.conn = connection.Client(peer.address_of(request["address"]), authkey=key())
    return {}


def key():
    return peer.from_hex(sys.argv[-1])


def send(request):
    for _ in range(request["count"]):
        thing, told = make(request["kind"])
        State.conn.send("before")
        reduction.send_handle(State.conn, thing.fileno(), 0)
        State.conn.send("after")
        thing.close()
    return told


def recv(request):
    for _ in range(request["count"]):
        if State.conn.recv() != "before":
            raise ValueError("another word")
        use(request["kind"], reduction.recv_handle(State.conn))
        State.conn.send("got it")
    return {}


def as_socket():
    return socket.fromfd(State.conn.fileno(), socket.AF_UNIX, socket.SOCK_STREAM)


def sendfds(request):
    things = [make(request["kind"])[0] for _ in range(request["count"])]
    State.conn.send("before")
    reduction.sendfds(as_socket(), [thing.fileno() for thing in things])
    State.conn.send("after")
    for thing in things:
        thing.close()
    return {}


def recvfds(request):
    fds = reduction.recvfds(as_socket(), request["count"])
    for fd in fds:
        use(request["kind"], fd)
    State.conn.send("got it")
    return {"count": len(fds)}


def manager(request):
    m = Manager(peer.address_of(request["address"]), authkey=key())
    m.connect()
    State.queue = m.get_queue()
    return {}


class Reduced(object):
    """Pickles as what a function of Python 2's reduction says, which its Connection.send does not ask."""

    def __init__(self, reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


def pickled(kind, thing):
    if kind in ("file", "memfd", "pipe"):
        return reduction.reduce_handle(thing.fileno()) if peer.PY2 else reduction.DupFd(thing.fileno())
    if not peer.PY2:
        return thing
    reduce = reduction.reduce_connection if kind == "connection" else reduction.reduce_socket
    return Reduced(reduce(thing))


def put(request):
    for _ in range(request["count"]):
        thing, told = make(request["kind"])
        State.queue.put(pickled(request["kind"], thing))
        thing.close()
    return told


def take(request):
    for _ in range(request["count"]):
        reply = take_one(request)
    return reply


def take_one(request):
    item = State.queue.get(timeout=30)
    if isinstance(item, tuple):
        item = reduction.rebuild_handle(item)
    elif request["kind"] in ("file", "memfd", "pipe"):
        item = item.detach()
    use(request["kind"], item)
    return {"type": type(item).__name__}


def count(request):
    total, data = 0, State.last.recv(1 << 20)
    while data:
        total += len(data)
        data = State.last.recv(1 << 20)
    State.last.sendall(b"done")
    State.last.close()
    return {"count": total}


def fds(request):
    gc.collect()
    time.sleep(0.05)  # echoing threads close their ends
    return {"count": len(os.listdir("/proc/self/fd"))}


def main():
    multiprocessing.current_process().authkey = key()
    peer.ready()
    peer.serve(lambda request: globals()[request["op"]](request))


if __name__ == "__main__":
    main()
