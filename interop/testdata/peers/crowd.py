"""Producers and consumers in processes of their own: crowd.py ADDRESS-WORDS KEY-HEX.

The process forks them, sends them signals and reaps them. Each consumer keeps a book, a file to
which it adds a line with one write, so that what it has written stays when it is killed:

    p N...    a reply with these items is here, and not read
    r N...    it was read; of a queue that lends: r N DELIVERY
    x N...    its connection is about to be reset right after that, on TCP
    a N       the item was acknowledged, and the server says that this was the first time
"""
import os
import random
import sys

from faulty import FaultyClient, Manager, Parent, main


class Book(object):
    def __init__(self, path):
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, letter, *numbers):
        os.write(self.fd, (" ".join((letter,) + tuple(map(str, numbers))) + "\n").encode("ascii"))


class Member(object):
    """A process of the crowd. Each kind of it is a method."""

    def __init__(self, address, key, family, name):
        self.address, self.key = address, key
        manager = Manager(address, authkey=key)
        manager.connect()
        self.queue = getattr(manager, family)(name)

    def put(self, first, count):
        for n in range(first, first + count):
            self.queue.put(n)

    def put_many(self, first, count):
        for n in range(first, first + count, 50):
            self.queue.put_many(list(range(n, min(n + 50, first + count))))

    def get(self, path, _):
        book = Book(path)
        while True:
            book.note("r", self.queue.get())

    def lease(self, path, _):
        book = Book(path)
        while True:
            receipt, n = self.queue.lease()
            book.note("r", n, receipt.split(":")[1])
            if self.queue.ack(receipt):
                book.note("a", n)

    def get_one_or_leave(self, path, seed):
        self.leave_at_times(path, seed, "get")

    def get_many_or_leave(self, path, seed):
        self.leave_at_times(path, seed, "get_many", 20)

    def leave_at_times(self, path, seed, method, *args):
        """Notes what a reply holds before it reads it, and at times leaves between two steps."""
        book, rng, me = Book(path), random.Random(seed), self.dial()
        while True:
            fate = rng.randrange(1000)
            me.write(me.ask(self.queue._token.id, method, *args))
            if fate == 0:
                me.reset()  # it does not wait for the reply
                me = self.dial()
                continue
            got = me.peek()
            got = got if isinstance(got, list) else [got]
            book.note("p", *got)
            if fate == 1:
                me.close()
                me = self.dial()
                continue
            me.read()
            book.note("r", *got)
            if fate == 2:
                if isinstance(self.address, tuple):
                    book.note("x", *got)
                me.reset()
                me = self.dial()

    def lease_or_leave(self, path, seed):
        """At times leaves without an acknowledgement, or refuses the item."""
        book, rng, me = Book(path), random.Random(seed), self.dial()
        ident = self.queue._token.id
        while True:
            fate = rng.randrange(1000)
            receipt, n = me.call(ident, "lease")
            book.note("r", n, receipt.split(":")[1])
            if fate == 0:
                me.close()
                me = self.dial()
            elif fate == 1:
                me.reset()
                me = self.dial()
            elif fate == 2:
                me.call(ident, "nack", receipt)
            elif me.call(ident, "ack", receipt):
                book.note("a", n)

    def dial(self):
        return FaultyClient(self.address, self.key, 0)


class Crowd(Parent):
    def __init__(self, address, key):
        self.address, self.key = address, key
        self.pids = set()

    def start(self, family, name, kind, *args):
        pid = os.fork()
        if pid == 0:
            try:
                getattr(Member(self.address, self.key, family, name), kind)(*args)
            except Exception as e:
                sys.stderr.write("%s: %r\n" % (kind, e))
                os._exit(1)
            finally:
                os._exit(0)
        self.pids.add(pid)
        return pid

    def kill(self, pid):
        super(Crowd, self).kill(pid)
        self.pids.discard(pid)

    def wait(self, pid):
        """Waits for a process that ends by itself and gives its status."""
        self.pids.discard(pid)
        return os.waitpid(pid, 0)[1]

    def end(self):
        for pid in list(self.pids):
            self.kill(pid)


if __name__ == "__main__":
    main(Crowd)
