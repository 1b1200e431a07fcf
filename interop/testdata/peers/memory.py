"""Shares memory with the test: memory.py. Requests:

  {"do": STATEMENTS, "get": EXPRESSION}   runs the statements, all in one namespace, and answers the expression's value;
                                          either may be missing

  {"dump": EXPRESSION}                    answers what a child that is being spawned gets of the expression's value

Bytes are answered as {"bytes": hexadecimal digits}; the namespace has the modules that share memory, as far as this
Python has them, and functions of this file.
"""
import binascii
import ctypes
import io
import multiprocessing
import os
import pickle
import sys

import peer

from multiprocessing import sharedctypes

space = {
    "ctx": multiprocessing if peer.PY2 else multiprocessing.get_context("spawn"),
    "ctypes": ctypes, "multiprocessing": multiprocessing, "os": os, "pickle": pickle, "sharedctypes": sharedctypes,
    "sys": sys, "unhex": binascii.unhexlify,
}
if sys.version_info >= (3, 8):
    from multiprocessing import resource_tracker, shared_memory
    from multiprocessing.managers import SharedMemoryManager
    from multiprocessing.shared_memory import SharedMemory, ShareableList
    space.update(SharedMemory=SharedMemory, ShareableList=ShareableList, SharedMemoryManager=SharedMemoryManager,
                 resource_tracker=resource_tracker, shared_memory=shared_memory)


def name(f):
    space[f.__name__] = f
    return f


@name
def untracked(shm):
    """Tells the tracker of this process that a segment is no affair of its."""
    resource_tracker.unregister("/" + shm.name, "shared_memory")
    return shm


@name
def raises(f, *args):
    """The name of the exception that a call raises."""
    try:
        f(*args)
    except Exception as e:
        return type(e).__name__


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


space["Point"] = Point


class Spawning(object):
    """Stands for the Popen of a child that is being started: only for one does Python pickle shared memory. The test
    opens the descriptors of this process."""

    def duplicate_for_child(self, fd):
        return fd

    def DupFd(self, fd):
        from multiprocessing.popen_spawn_posix import _DupFd
        return _DupFd(fd)


class Offering(Spawning):
    """Has a descriptor offered to anybody, which Python itself does not do for arenas."""

    def DupFd(self, fd):
        from multiprocessing.resource_sharer import DupFd
        return DupFd(fd)


@name
def offered(value):
    return dumped(value, Offering())


def dumped(value, popen=None):
    from multiprocessing import context, reduction
    out = io.BytesIO()
    context.set_spawning_popen(popen or Spawning())
    try:
        reduction.dump(value, out)
    finally:
        context.set_spawning_popen(None)
    return out.getvalue()


def plain(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"bytes": binascii.hexlify(bytes(value)).decode()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def handle(request):
    if "dump" in request:
        return plain(dumped(eval(request["dump"], space)))
    exec(request.get("do", ""), space)
    return plain(eval(request.get("get", "None"), space))


if __name__ == "__main__":
    peer.ready()
    peer.serve(handle)
