"""POSIX message queues: mqueues.py LIBRARY, which is ctypes (what every Python has) or posix_ipc. Requests:

  {"op": "create", "name": NAME, "messages": n, "size": n}   makes a queue that has to be new, and opens it
  {"op": "open", "name": NAME}                               opens one that is there
  {"op": "send", "data": hex, "priority": n}                 waits while it is full
  {"op": "receive"}                                          waits while it is empty; answers {"data", "priority"}
  {"op": "numbers"}                                          answers {"messages", "size", "current"}
  {"op": "unlink", "name": NAME}
  {"op": "send many" or "receive many", "count": n}          numbers as text, from 0 on; priority 0

An answer may be {"error": class, "errno": n}.
"""
import ctypes
import os
import sys

import peer


class Attributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("flags", "messages", "size", "current", "a", "b", "c", "d")]


class Ctypes(object):
    """The functions of the C library, by their names there."""

    def __init__(self):
        lib = ctypes.CDLL("librt.so.1", use_errno=True)

        def function(name, result, *arguments):
            f = getattr(lib, name)
            f.restype, f.argtypes = result, arguments
            f.errcheck = self.check
            return f

        size, text = ctypes.c_size_t, ctypes.c_char_p
        attributes = ctypes.POINTER(Attributes)
        self.mq_open = function("mq_open", ctypes.c_int, text, ctypes.c_int, ctypes.c_uint, attributes)
        self.mq_send = function("mq_send", ctypes.c_int, ctypes.c_int, text, size, ctypes.c_uint)
        self.mq_receive = function("mq_receive", ctypes.c_ssize_t, ctypes.c_int, text, size,
                                   ctypes.POINTER(ctypes.c_uint))
        self.mq_getattr = function("mq_getattr", ctypes.c_int, ctypes.c_int, attributes)
        self.mq_unlink = function("mq_unlink", ctypes.c_int, text)

    @staticmethod
    def check(result, function, arguments):
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    def create(self, name, messages, size):
        self.queue = self.mq_open(name.encode(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600,
                                  Attributes(messages=messages, size=size))

    def open(self, name):
        self.queue = self.mq_open(name.encode(), os.O_RDWR, 0, None)

    def numbers(self):
        a = Attributes()
        self.mq_getattr(self.queue, a)
        return a.messages, a.size, a.current

    def send(self, data, priority):
        self.mq_send(self.queue, data, len(data), priority)

    def receive(self):
        buf, priority = ctypes.create_string_buffer(self.numbers()[1]), ctypes.c_uint()
        n = self.mq_receive(self.queue, buf, len(buf), priority)
        return buf.raw[:n], priority.value

    def unlink(self, name):
        self.mq_unlink(name.encode())


class PosixIpc(object):
    def __init__(self):
        import posix_ipc
        self.module = posix_ipc

    def create(self, name, messages, size):
        self.queue = self.module.MessageQueue(name, self.module.O_CREX, 0o600, messages, size)

    def open(self, name):
        self.queue = self.module.MessageQueue(name)

    def numbers(self):
        return self.queue.max_messages, self.queue.max_message_size, self.queue.current_messages

    def send(self, data, priority):
        self.queue.send(data, None, priority)

    def receive(self):
        return self.queue.receive()

    def unlink(self, name):
        self.module.unlink_message_queue(name)


library = {"ctypes": Ctypes, "posix_ipc": PosixIpc}[sys.argv[1]]()


def create(request):
    library.create(request["name"], request["messages"], request["size"])


def open_(request):
    library.open(request["name"])


def send(request):
    library.send(peer.from_hex(request["data"]), request["priority"])


def receive(request):
    data, priority = library.receive()
    return {"data": peer.to_hex(data), "priority": priority}


def send_many(request):
    for i in range(request["count"]):
        library.send(b"%d" % i, 0)


def receive_many(request):
    return {"all": [int(library.receive()[0]) for _ in range(request["count"])]}


def numbers(request):
    return dict(zip(("messages", "size", "current"), library.numbers()))


def unlink(request):
    library.unlink(request["name"])


OPS = {"create": create, "open": open_, "send": send, "receive": receive, "numbers": numbers, "unlink": unlink,
       "send many": send_many, "receive many": receive_many}

peer.ready()
peer.serve(lambda request: OPS[request["op"]](request) or {})
