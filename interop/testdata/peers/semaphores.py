"""Uses what Go has pickled of multiprocessing.synchronize, and pickles what it makes itself.

  {"load": HEX, "as": NAME}    unpickles, and gives the object a name
  {"dump": EXPRESSION}         answers {"pickle": HEX}: the pickle that a child which is being spawned gets
  {"do": STATEMENTS}           runs statements
  {"eval": EXPRESSION}         answers {"value": ...}

An exception is answered as peer.error has it. Statements and expressions see the names that were given, and ctx, which is
the spawn context, or multiprocessing in Python 2, where nothing else than load makes an object with a name.
"""
import io
import multiprocessing
import os
import pickle
import threading
import time

import peer

from multiprocessing import synchronize

names = {
    "multiprocessing": multiprocessing,
    "os": os,
    "synchronize": synchronize,
    "threading": threading,
    "time": time,
    "ctx": multiprocessing if peer.PY2 else multiprocessing.get_context("spawn"),
}


class Spawning(object):
    """Stands for the Popen of a child that is being started: only for one does Python pickle locks."""

    def duplicate_for_child(self, fd):
        return fd

    def DupFd(self, fd):
        from multiprocessing import popen_spawn_posix

        return popen_spawn_posix._DupFd(fd)


def dump(value):
    from multiprocessing import context, reduction

    context.set_spawning_popen(Spawning())
    try:
        out = io.BytesIO()
        reduction.dump(value, out)
        return out.getvalue()
    finally:
        context.set_spawning_popen(None)


def handle(request):
    if "load" in request:
        names[str(request["as"])] = pickle.loads(peer.from_hex(request["load"]))
    elif "dump" in request:
        data = dump(eval(request["dump"], names))
        return {"pickle": "".join("%02x" % b for b in bytearray(data))}
    elif "do" in request:
        exec(request["do"], names)
    else:
        return {"value": eval(request["eval"], names)}
    return {}


peer.ready()
peer.serve(handle)
