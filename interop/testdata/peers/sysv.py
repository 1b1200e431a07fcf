"""System V objects: sysv.py LIBRARY, which is ctypes (what every Python has) or sysv_ipc. Requests:

  {"op": "ftok", "path": PATH, "id": n}      answers {"key"}

  {"op": "create queue", "key": n}           makes a queue that has to be new, and opens it; answers {"id"}
  {"op": "open queue", "key": n}             answers {"id"}
  {"op": "send", "kind": n, "data": hex}     waits while it is full
  {"op": "receive", "kind": n}               waits while there is none; answers {"kind", "data"}
  {"op": "remove queue"}

  {"op": "create semaphore", "key": n, "value": n}
  {"op": "open semaphore", "key": n}         answers {"id"}
  {"op": "acquire" or "release", "undo": bool}
  {"op": "value"}                            answers {"value"}
  {"op": "add", "count": n}                  adds 1 to the number in the memory, n times, holding the semaphore

  {"op": "create memory", "key": n, "size": n}
  {"op": "open memory", "key": n}            attaches it, as create does; answers {"id", "size"}
  {"op": "write", "data": hex}, {"op": "read", "count": n}   at its beginning; the latter answers {"data"}
  {"op": "close memory", "remove": bool}

An answer may be {"error": class, "errno": n}.
"""
import ctypes
import os
import struct
import sys

import peer

CREATE = 0o1000 | 0o2000 | 0o600  # IPC_CREAT | IPC_EXCL
UNDO = 0x1000
NUMBER = struct.Struct("Q")


class Ctypes(object):
    """The functions of the C library, by their names there."""

    def __init__(self):
        lib = ctypes.CDLL(None, use_errno=True)

        def function(name, result, *arguments):
            f = getattr(lib, name)
            f.restype, f.argtypes = result, arguments
            f.errcheck = self.check
            return f

        i, size, long, p = ctypes.c_int, ctypes.c_size_t, ctypes.c_long, ctypes.c_void_p
        self.c_ftok = function("ftok", i, ctypes.c_char_p, i)
        self.msgget = function("msgget", i, i, i)
        self.msgsnd = function("msgsnd", i, i, ctypes.c_char_p, size, i)
        self.msgrcv = function("msgrcv", ctypes.c_ssize_t, i, ctypes.c_char_p, size, long, i)
        self.msgctl = function("msgctl", i, i, i, p)
        self.semget = function("semget", i, i, i, i)
        self.semop = function("semop", i, i, ctypes.c_char_p, size)
        self.semctl = function("semctl", i, i, i, i, i)
        self.shmget = function("shmget", i, i, size, i)
        self.shmat = function("shmat", p, i, p, i)
        self.shmdt = function("shmdt", i, p)
        self.shmctl = function("shmctl", i, i, i, p)

    @staticmethod
    def check(result, function, arguments):
        if result in (-1, 2 ** 64 - 1):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    def ftok(self, path, number):
        return self.c_ftok(path.encode(), number)

    def create_queue(self, key):
        self.queue = self.msgget(key, CREATE)
        return self.queue

    def open_queue(self, key):
        self.queue = self.msgget(key, 0)
        return self.queue

    def send(self, kind, data):
        self.msgsnd(self.queue, struct.pack("l", kind) + data, len(data), 0)

    def receive(self, kind):
        buf = ctypes.create_string_buffer(8 + 8192)
        n = self.msgrcv(self.queue, buf, 8192, kind, 0)
        return struct.unpack("l", buf.raw[:8])[0], buf.raw[8:8 + n]

    def remove_queue(self):
        self.msgctl(self.queue, 0, None)

    def create_semaphore(self, key, value):
        self.semaphore = self.semget(key, 1, CREATE)
        self.semctl(self.semaphore, 0, 16, value)  # SETVAL
        return self.semaphore

    def open_semaphore(self, key):
        self.semaphore = self.semget(key, 0, 0)
        return self.semaphore

    def add(self, delta, undo):
        self.semop(self.semaphore, struct.pack("Hhh", 0, delta, UNDO if undo else 0), 1)

    def acquire(self, undo):
        self.add(-1, undo)

    def release(self, undo):
        self.add(1, undo)

    def value(self):
        return self.semctl(self.semaphore, 0, 12, 0)  # GETVAL

    def create_memory(self, key, size):
        return self.attach(self.shmget(key, size, CREATE))

    def open_memory(self, key):
        return self.attach(self.shmget(key, 0, 0))

    def attach(self, memory):
        self.memory, self.address = memory, self.shmat(memory, None, 0)
        return self.memory

    def write(self, data):
        ctypes.memmove(self.address, data, len(data))

    def read(self, count):
        return ctypes.string_at(self.address, count)

    def close_memory(self, remove):
        self.shmdt(self.address)
        if remove:
            self.shmctl(self.memory, 0, None)


class SysvIpc(object):
    def __init__(self):
        import sysv_ipc
        self.module = sysv_ipc

    def ftok(self, path, number):
        return self.module.ftok(path, number, True)

    def create_queue(self, key):
        self.queue = self.module.MessageQueue(key, self.module.IPC_CREX)
        return self.queue.id

    def open_queue(self, key):
        self.queue = self.module.MessageQueue(key, max_message_size=8192)
        return self.queue.id

    def send(self, kind, data):
        self.queue.send(data, type=kind)

    def receive(self, kind):
        data, kind = self.queue.receive(type=kind)
        return kind, data

    def remove_queue(self):
        self.queue.remove()

    def create_semaphore(self, key, value):
        self.semaphore = self.module.Semaphore(key, self.module.IPC_CREX, initial_value=value)
        return self.semaphore.id

    def open_semaphore(self, key):
        self.semaphore = self.module.Semaphore(key)
        return self.semaphore.id

    def acquire(self, undo):
        self.semaphore.undo = undo
        self.semaphore.acquire()

    def release(self, undo):
        self.semaphore.undo = undo
        self.semaphore.release()

    def value(self):
        return self.semaphore.value

    def create_memory(self, key, size):
        self.memory = self.module.SharedMemory(key, self.module.IPC_CREX, size=size)
        return self.memory.id

    def open_memory(self, key):
        self.memory = self.module.SharedMemory(key)
        return self.memory.id

    def write(self, data):
        self.memory.write(data)

    def read(self, count):
        return self.memory.read(count)

    def close_memory(self, remove):
        self.memory.detach()
        if remove:
            self.memory.remove()


library = {"ctypes": Ctypes, "sysv_ipc": SysvIpc}[sys.argv[1]]()


def receive(request):
    kind, data = library.receive(request["kind"])
    return {"kind": kind, "data": peer.to_hex(data)}


def add(request):
    for _ in range(request["count"]):
        library.acquire(False)
        library.write(NUMBER.pack(NUMBER.unpack(library.read(NUMBER.size))[0] + 1))
        library.release(False)


OPS = {
    "ftok": lambda r: {"key": library.ftok(r["path"], r["id"])},
    "create queue": lambda r: {"id": library.create_queue(r["key"])},
    "open queue": lambda r: {"id": library.open_queue(r["key"])},
    "send": lambda r: library.send(r["kind"], peer.from_hex(r["data"])),
    "receive": receive,
    "remove queue": lambda r: library.remove_queue(),
    "create semaphore": lambda r: {"id": library.create_semaphore(r["key"], r["value"])},
    "open semaphore": lambda r: {"id": library.open_semaphore(r["key"])},
    "acquire": lambda r: library.acquire(r["undo"]),
    "release": lambda r: library.release(r["undo"]),
    "value": lambda r: {"value": library.value()},
    "add": add,
    "create memory": lambda r: {"id": library.create_memory(r["key"], r["size"])},
    "open memory": lambda r: {"id": library.open_memory(r["key"])},
    "write": lambda r: library.write(peer.from_hex(r["data"])),
    "read": lambda r: {"data": peer.to_hex(library.read(r["count"]))},
    "close memory": lambda r: library.close_memory(r["remove"]),
}

peer.ready()
peer.serve(lambda request: OPS[request["op"]](request) or {})
