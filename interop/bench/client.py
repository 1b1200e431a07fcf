"""A stock client that measures one thing and prints it in seconds: client.py ADDRESS WHAT [N...]."""
import os
import resource
import socket
import statistics
import sys
import time
from multiprocessing.connection import Client
from multiprocessing.managers import SyncManager

KEY = b'bench'


class Manager(SyncManager):
    pass


Manager.register('q')


def address(text):
    if '/' in text:
        return text
    host, _, port = text.rpartition(':')
    return host, int(port)


def connect(text):
    m = Manager(address(text), authkey=KEY)
    m.connect()
    return m


def timed(f, rounds):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def fresh(text, rounds):
    def once():
        m = connect(text)
        q = m.q()
        del q
    return timed(once, rounds)


def qsize(text, rounds):
    q = connect(text).q()
    return timed(q.qsize, rounds)


def putget(text, rounds, size):
    q = connect(text).q()
    item = b'x' * size

    def once():
        q.put(item)
        assert len(q.get()) == size
    return timed(once, rounds)


def dict_get(text, rounds):
    d = connect(text).dict({n: str(n) for n in range(100)})
    return timed(lambda: d[50], rounds)


def dict_set(text, rounds):
    d = connect(text).dict({n: str(n) for n in range(100)})

    def once():
        d['key'] = 'value'
    return timed(once, rounds)


def dict_len(text, rounds):
    d = connect(text).dict({n: str(n) for n in range(100)})
    return timed(lambda: len(d), rounds)


def list_get(text, rounds):
    values = connect(text).list(range(100))
    return timed(lambda: values[50], rounds)


def list_set(text, rounds):
    values = connect(text).list(range(100))

    def once():
        values[50] = 'value'
    return timed(once, rounds)


def list_append(text, rounds):
    values = connect(text).list()
    return timed(lambda: values.append('value'), rounds)


def list_len(text, rounds):
    values = connect(text).list(range(100))
    return timed(lambda: len(values), rounds)


def calls(text, rounds):
    """The mean over the calls on dict and list."""
    what = [dict_get, dict_set, dict_len, list_get, list_set, list_append, list_len]
    return statistics.mean(f(text, rounds) for f in what)


def crowd(text, rounds, clients, size):
    """Seconds for each put+get, all clients together."""
    begin, go = os.pipe()
    pids = []
    for _ in range(clients):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                q = connect(text).q()
                item = b'x' * size
                q.put(item)
                q.get()
                os.close(go)
                os.read(begin, 1)  # the end of the pipe starts everybody
                for _ in range(rounds):
                    q.put(item)
                    q.get()
                code = 0
            finally:
                os._exit(code)
        pids.append(pid)
    time.sleep(0.5 + 0.05 * clients)
    start = time.perf_counter()
    os.close(go)
    assert not any(os.waitpid(pid, 0)[1] for pid in pids)
    return (time.perf_counter() - start) / (rounds * clients)


def raw(text, rounds, size):
    """The same bytes there and back over a bare socket."""
    family = socket.AF_UNIX if '/' in text else socket.AF_INET
    s = socket.socket(family)
    s.connect(address(text))
    if family == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = size.to_bytes(4, 'big') + b'x' * size
    buf = bytearray(len(data))

    def once():
        s.sendall(data)
        view = memoryview(buf)
        while view:
            view = view[s.recv_into(view):]
    return timed(once, rounds)


def pair(text, count, size):
    """Items a second from a producer to a consumer, each a process of its own."""
    ready, begin = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            q = connect(text).q()
            q.qsize()
            os.write(ready[1], b'r')
            os.close(begin[1])
            os.read(begin[0], 1)
            for _ in range(count):
                q.get()
            code = 0
        finally:
            os._exit(code)
    q = connect(text).q()
    q.qsize()
    os.read(ready[0], 1)
    start = time.perf_counter()
    os.close(begin[1])
    item = b'x' * size
    for _ in range(count):
        q.put(item)
    assert os.waitpid(pid, 0)[1] == 0
    return count / (time.perf_counter() - start)


def blocked(text, count, dying=0):
    """Opens count connections that wait in get(); says so. When told, so many of them die; when told
    again the others are woken, and the seconds of that printed."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits[1], limits[1]))
    q = connect(text).q()
    ident = q._token.id
    conns = []
    for _ in range(count):
        c = Client(address(text), authkey=KEY)
        c.send((None, 'accept_connection', ('b',), {}))
        c.recv()
        c.send((ident, 'get', (), {}))
        conns.append(c)
    step('blocked')
    for c in conns[:dying]:
        c.close()
    del conns[:dying]
    step('died')
    start = time.perf_counter()
    for n in range(len(conns)):
        q.put(n)
    for c in conns:
        c.recv()
    return time.perf_counter() - start


def step(what):
    print(what)
    sys.stdout.flush()
    sys.stdin.readline()


def main():
    what, args = sys.argv[2], [int(a) for a in sys.argv[3:]]
    print(globals()[what](sys.argv[1], *args))


if __name__ == '__main__':
    main()
