"""Tells what this interpreter does on the wire, by doing it. See Profile in interop/profile.go."""
from __future__ import print_function

import mmap
import os
import pickle
import shutil
import socket
import sys
import tempfile
import threading

import multiprocessing
from multiprocessing import connection, managers, reduction

import peer

try:
    import queue
except ImportError:
    import Queue as queue


def message_of_send():
    a, b = multiprocessing.Pipe()
    a.send("text")
    return bytearray(b.recv_bytes())


def long_frames():
    """Whether a message of 2^31 bytes can be sent; the memory is mapped but never touched."""
    import struct

    a, _ = multiprocessing.Pipe()
    try:
        if hasattr(a, "_send_bytes"):
            type(a)._send = lambda self, buf, write=None: None
        a.send_bytes(mmap.mmap(-1, 2 ** 31))
        return True
    except (IOError, struct.error):
        return False


def digest():
    """The name in front of a challenge."""
    a, b = multiprocessing.Pipe()

    def deliver():
        try:
            connection.deliver_challenge(a, b"key")
        except multiprocessing.AuthenticationError:
            pass

    t = threading.Thread(target=deliver)
    t.start()
    challenge = b.recv_bytes()[len(b"#CHALLENGE#"):]
    b.send_bytes(b"not an answer")
    t.join()
    if len(challenge) == 20:  # before names: random bytes, of which the first may be a brace
        return ""
    assert challenge.startswith(b"{"), challenge
    return challenge[1:challenge.index(b"}")].decode("ascii")


def empty_key_auth():
    """Whether a listener with an empty key sends a challenge."""
    folder = tempfile.mkdtemp()
    try:
        listener = connection.Listener(os.path.join(folder, "s"), authkey=b"")
        asked = []

        def accept():
            try:
                listener.accept()
            except (EOFError, IOError, multiprocessing.AuthenticationError):
                asked.append(True)

        t = threading.Thread(target=accept)
        t.start()
        s = socket.socket(socket.AF_UNIX)
        s.connect(listener.address)
        s.close()
        t.join()
        listener.close()
        return bool(asked)
    finally:
        shutil.rmtree(folder)


def handle_ack():
    """Whether the sender of a descriptor takes one byte from the receiver."""
    if not hasattr(reduction, "sendfds"):
        return False
    a, b = socket.socketpair()
    b.sendall(b"A")
    reduction.sendfds(a, [b.fileno()])
    a.setblocking(False)
    try:
        return not a.recv(1)
    except (IOError, OSError):
        return True


def exposed(typeid):
    callable_, methods, to_typeid, proxytype = managers.SyncManager._registry[typeid]
    if methods is None:
        methods = getattr(proxytype, "_exposed_", None)
    if methods is None:
        methods = managers.public_methods(callable_())
    return sorted(methods)


def name(cls):
    return peer.class_name(cls) if cls else ""


message = message_of_send()
facts = {
    "Version": {"Major": sys.version_info[0], "Minor": sys.version_info[1]},
    "Protocol": message[1],
    "HighestProtocol": pickle.HIGHEST_PROTOCOL,
    "NativeBytes": message[2] == ord("U"),
    "Digest": digest(),
    "EmptyKeyAuth": empty_key_auth(),
    "HandleAck": handle_ack(),
    "Empty": name(queue.Empty),
    "Full": name(queue.Full),
    "ShutDown": name(getattr(queue, "ShutDown", None)),
    "Builtins": ValueError.__module__,
    "Context": multiprocessing.AuthenticationError.__module__,
    "Typeids": sorted(t for t in managers.SyncManager._registry if hasattr(managers.SyncManager, t)),
    "QueueMethods": exposed("Queue"),
    "LockMethods": exposed("Lock"),
    "LongFrames": long_frames(),
}
peer.ready()
peer.serve(lambda request: facts)
