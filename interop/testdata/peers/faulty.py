"""Clients that fail, and one that does not: faulty.py ADDRESS-WORDS KEY-HEX.

This process calls queues through stock proxies. It forks faulty clients, which authenticate with the
functions of multiprocessing.connection and then write their frames in parts, as far as the test wants;
it passes the test's requests on to them, sends them signals and reaps them.

An item is its number, or, where it must be large, BASE bytes and one more for each of its number.
"""
import json
import multiprocessing
import os
import pickle
import signal
import socket
import struct
import sys
from multiprocessing import connection
from multiprocessing.managers import BaseManager

import peer

# More than a small receive buffer and the largest send buffer hold together. A unix socket has no receive buffer of its
# own, and a send buffer that does not grow.
BASE = 8 << 20 if sys.argv[1] == "tcp" else 2 << 20


class Manager(BaseManager):
    pass


for _family in ("plain", "bounded", "roomy", "leased", "shortLease", "maxTwo", "maxTwo.dead"):
    Manager.register(_family)


def number(item):
    return item if isinstance(item, int) else len(item) - BASE


def large(n):
    return b"x" * (BASE + n)


def wrap(fd):
    if peer.PY2:
        import _multiprocessing
        return _multiprocessing.Connection(fd)
    return connection.Connection(fd)


def frame(request):
    body = pickle.dumps(request, 2)
    return struct.pack("!i", len(body)) + body


def value_of(reply):
    kind, value = pickle.loads(reply[4:])
    if kind != "#RETURN":
        raise ValueError("%s %r" % (kind, value))
    return value


class FaultyClient(object):
    """One connection, and one reply of which some bytes may have been read."""

    def __init__(self, address, key, buffer):
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        if buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.sock.connect(address)
        self.conn = wrap(os.dup(self.sock.fileno()))
        connection.answer_challenge(self.conn, key)
        connection.deliver_challenge(self.conn, key)
        self.call(None, "accept_connection", "faulty-%d" % os.getpid())

    def call(self, ident, method, *args):
        """A call that nothing happens to."""
        self.ask(ident, method, *args)
        self.write(len(self.frame))
        return self.read()

    def ask(self, ident, method, *args):
        """Prepares a call and returns how long its frame is."""
        request = (ident and str(ident), str(method), args, {})
        self.frame, self.sent, self.reply = frame(request), 0, b""
        return len(self.frame)

    def write(self, end):
        """Writes the frame up to a position."""
        self.sock.sendall(self.frame[self.sent:end])
        self.sent = end

    def peek(self):
        """Waits until the reply is there and gives its value, but reads nothing of it."""
        want = 4
        while True:
            have = self.sock.recv(want, socket.MSG_PEEK)
            if len(have) < want:
                continue
            if want > 4:
                return value_of(have)
            want += struct.unpack("!i", have)[0]

    def part(self, end):
        """Reads the reply up to a position."""
        while len(self.reply) < end:
            more = self.sock.recv(min(end - len(self.reply), 1 << 20))
            if not more:
                raise EOFError
            self.reply += more

    def read(self):
        """Reads the rest of the reply, and gives its value."""
        self.part(4)
        self.part(4 + struct.unpack("!i", self.reply[:4])[0])
        return value_of(self.reply)

    def close(self):
        self.conn.close()
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


def plain(value):
    """A value as JSON can tell it: items are their numbers, a lease is [receipt, number]."""
    if isinstance(value, list):
        return [number(v) for v in value]
    if isinstance(value, tuple):
        return [value[0], number(value[1])]
    return number(value) if isinstance(value, bytes) else value


def serve(client, requests, answers):
    """Has a client do what it is asked, [METHOD, ARGS...], until the pipe ends."""
    for line in iter(requests.readline, b""):
        request = json.loads(line.decode("ascii"))
        try:
            answer = {"value": plain(getattr(client, request[0])(*request[1:]))}
        except Exception as e:
            answer = peer.error(e)
        answers.write(json.dumps(answer).encode("ascii") + b"\n")
        answers.flush()


class Parent(object):
    """Sends signals to processes that were forked."""

    def stop(self, pid):
        os.kill(pid, signal.SIGSTOP)
        os.waitpid(pid, os.WUNTRACED)

    def go_on(self, pid):
        os.kill(pid, signal.SIGCONT)

    def kill(self, pid):
        """When this returns the process's sockets are closed."""
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class Caller(Parent):
    def __init__(self, address, key):
        self.address, self.key = address, key
        self.manager = Manager(address, authkey=key)
        self.manager.connect()
        self.queues = {}
        self.pipes = {}

    def queue(self, family, name):
        if (family, name) not in self.queues:
            self.queues[family, name] = getattr(self.manager, family)(name)
        return self.queues[family, name]

    def ident(self, family, name):
        return self.queue(family, name)._token.id

    def fill(self, family, name, first, count, size):
        """Puts the numbers from first on; the first of them may be a large item."""
        q = self.queue(family, name)
        for n in range(first, first + count):
            q.put(large(n) if size and n == first else n)

    def take(self, family, name):
        return number(self.queue(family, name).get())

    def lease(self, family, name):
        receipt, item = self.queue(family, name).lease(60)
        return [receipt, number(item)]

    def ack(self, family, name, receipt):
        return self.queue(family, name).ack(receipt)

    def drain(self, family, name):
        """Takes what is left: NUMBER, or NUMBER:DELIVERY where the queue has leases."""
        q, out = self.queue(family, name), []
        while q.qsize():
            if family in ("plain", "bounded", "maxTwo.dead"):
                out.append("%d" % number(q.get_nowait()))
            else:
                receipt, item = q.lease(0)
                q.ack(receipt)
                out.append("%d:%s" % (number(item), receipt.split(":")[1]))
        return out

    def forget(self, family, name):
        self.queues.pop((family, name), None)

    def start_client(self, buffer):
        """Forks a client that has called nothing yet, and gives its process id."""
        requests, answers = os.pipe(), os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                self.run_client(buffer, requests, answers)
            finally:
                os._exit(0)
        os.close(requests[0])
        os.close(answers[1])
        self.pipes[pid] = (os.fdopen(requests[1], "wb"), os.fdopen(answers[0], "rb"))
        self.pipes[pid][1].readline()
        return pid

    def run_client(self, buffer, requests, answers):
        for pipes in self.pipes.values():
            for f in pipes:
                os.close(f.fileno())
        os.close(requests[1])
        os.close(answers[0])
        answers = os.fdopen(answers[1], "wb")
        client = FaultyClient(self.address, self.key, buffer)
        answers.write(b"ready\n")
        answers.flush()
        serve(client, os.fdopen(requests[0], "rb"), answers)

    def in_client(self, pid, *words):
        """Has a client do something, and gives its answer."""
        requests, answers = self.pipes[pid]
        requests.write(json.dumps(words).encode("ascii") + b"\n")
        requests.flush()
        answer = json.loads(answers.readline().decode("ascii"))
        if "error" in answer:
            raise RuntimeError(answer["text"])
        return answer["value"]

    def kill(self, pid):
        super(Caller, self).kill(pid)
        for f in self.pipes.pop(pid):
            f.close()

    def kill_and_fill(self, family, name, pids):
        """Kills clients and puts as many items, of which none is for them, without a pause."""
        q = self.queue(family, name)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            self.kill(pid)
        for n in range(len(pids)):
            q.put(n)

    def end(self):
        for pid in list(self.pipes):
            self.kill(pid)


def main(make):
    """Makes an object of which the test calls methods, [METHOD, ARGS...], and ends it when it calls no more."""
    key = peer.from_hex(sys.argv[-1])
    multiprocessing.current_process().authkey = key
    target = make(peer.address_of(sys.argv[1:-1]), key)
    peer.ready()
    try:
        peer.serve(lambda call: {"value": getattr(target, call[0])(*call[1:])})
    finally:
        target.end()


if __name__ == "__main__":
    main(Caller)
