"""Uses queues and Connections that somebody has pickled: queue_user.py PICKLE-BASE64, of a list of them. Requests name
one by its index, "q":

  {"op": "classes"}                          the class of each
  {"op": "put", "items": [...], "size": n}   puts the items; with a size each as (item, n bytes)
  {"op": "get", "count": n}                  what n calls of get return; of pairs the first, if the bytes are right
  {"op": "try"}                              get(False)
  {"op": "timed", "seconds": s}              get(True, s)
  {"op": "call", "name": name, "args": []}   any method
  {"op": "send", "items": [...]}, {"op": "recv", "count": n}    of a Connection
  {"op": "echo", "to": index}                gets and puts, until None, in a thread
  {"op": "spread", "items": [...]}           puts them, and answers as many from the next queue
  {"op": "lock", "name": "_rlock"}           takes one of the queue's locks and keeps it
  {"op": "half"}                             takes wlock, and writes the beginning of an item that does not follow
"""
import base64
import os
import pickle
import struct
import sys
import threading

import peer


def filling(item, size):
    return (("%s|" % item).encode("ascii") * (size // 2 + 1))[:size]


def load(text):
    return pickle.loads(base64.b64decode(text))


def number(pair):
    """The item of a pair, whose bytes have to be those that belong to it."""
    if not isinstance(pair, (tuple, list)):
        return pair
    item, data = pair
    if bytes(data) != filling(item, len(data)):
        raise ValueError("the bytes of item %r are not its own" % (item,))
    return item


def echo(source, to):
    while True:
        item = source.get()
        to.put(item)
        if item is None:
            return


class User(object):
    def __init__(self, objects):
        self.objects = objects

    def __call__(self, request):
        return getattr(self, "do_" + request["op"])(self.objects[request.get("q", 0)], request)

    def do_classes(self, q, request):
        return [peer.class_name(type(x)) for x in self.objects]

    def do_put(self, q, request):
        for item in request["items"]:
            size = request.get("size")
            q.put(item if size is None or item is None else (item, filling(item, size)))

    def do_get(self, q, request):
        return [number(q.get()) for _ in range(request["count"])]

    def do_try(self, q, request):
        return number(q.get(False))

    def do_timed(self, q, request):
        return number(q.get(True, request["seconds"]))

    def do_call(self, q, request):
        return getattr(q, request["name"])(*request.get("args", []))

    def do_send(self, c, request):
        for item in request["items"]:
            c.send(item)

    def do_recv(self, c, request):
        return [number(c.recv()) for _ in range(request["count"])]

    def do_echo(self, q, request):
        thread = threading.Thread(target=echo, args=(q, self.objects[request["to"]]))
        thread.daemon = True
        thread.start()

    def do_spread(self, q, request):
        thread = threading.Thread(target=self.do_put, args=(q, request))
        thread.start()
        results = self.objects[request["q"] + 1]
        got = [results.get() for _ in request["items"]]
        thread.join()
        return [number(pair) for pair in got]

    def do_lock(self, q, request):
        getattr(q, request["name"]).acquire()

    def do_half(self, q, request):
        q._wlock.acquire()
        os.write(q._writer.fileno(), struct.pack("!i", 100000) + b"x" * 5000)


if __name__ == "__main__":
    user = User(load(sys.argv[1]))
    peer.ready()
    peer.serve(user)
