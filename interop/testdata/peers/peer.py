"""What every peer script needs: a ready line, requests and answers as lines of JSON, and an end.

Peers run on every CPython from 2.7 on, so they are written in what 2.7 and 3.15 have in common:
no f-strings, no annotations, no keyword-only arguments, `except X as e`, and text that is
ASCII in the source. A peer ends when its stdin does, so none outlives the test that started it.
"""
from __future__ import print_function

import base64
import binascii
import importlib
import json
import os
import sys
import threading

PY2 = sys.version_info[0] == 2
text_type = type(u"")
_print_lock = threading.Lock()


def say(line):
    with _print_lock:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def ready(*words):
    say(" ".join(("ready",) + words))


def answer(value):
    say(json.dumps(value))


def requests():
    """The requests of the test, one after the other, until it has no more."""
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        yield json.loads(line)


def package():
    """The package that the option --package names, which is taken out of the arguments, and its managers."""
    name = "multiprocessing"
    if sys.argv[1] == "--package":
        name = sys.argv.pop(2)
        del sys.argv[1]
    return importlib.import_module(name), importlib.import_module(name + ".managers")


def serve(handler):
    """Answers each request by handler(request); a failure is an answer too."""
    for request in requests():
        try:
            reply = handler(request)
        except Exception as e:
            reply = error(e)
        answer(reply)


def exit_with_stdin():
    """For scripts whose main thread is busy: the process ends when stdin does. It is not read through
    sys.stdin, whose lock a forked child would find taken."""

    def wait():
        while os.read(0, 4096):
            pass
        os._exit(0)

    thread = threading.Thread(target=wait)
    thread.daemon = True
    thread.start()


def class_name(cls):
    return cls.__module__ + "." + cls.__name__


def error(e):
    return {"error": class_name(type(e)), "args": repr(e.args), "text": str(e), "errno": getattr(e, "errno", None)}


def from_base64(s):
    return base64.b64decode(s.encode("ascii"))


def to_base64(b):
    return base64.b64encode(b).decode("ascii")


def from_hex(s):
    return bytes(bytearray.fromhex(text_type(s)))


def to_hex(data):
    return binascii.hexlify(data).decode("ascii")


def address_of(words):
    """['tcp', host, port] or ['unix', path] as multiprocessing wants it; path may start with @."""
    if words[0] == "tcp":
        return (str(words[1]), int(words[2]))
    path = str(words[1])
    if path.startswith("@"):
        path = "\0" + path[1:]
        return path if PY2 else path.encode("ascii")
    return path


def words_of(address):
    """The reverse of address_of."""
    if isinstance(address, tuple):
        return ["tcp", str(address[0]), str(address[1])]
    if not isinstance(address, str):
        address = address.decode("ascii")
    if address.startswith("\0"):
        address = "@" + address[1:]
    return ["unix", address]
