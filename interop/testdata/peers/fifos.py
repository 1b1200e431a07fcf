"""Connections over FIFOs, and over the pipes of Pipe(duplex=False). Requests:

  {"op": "open", "path": PATH, "for": "read" or "write"}   waits for the other side, as open does
  {"op": "pipes"}      makes two; answers the descriptors of the ends that are the other side's: {"read", "write"}
  {"op": "opened"}     closes these: the other side has them
  {"op": "send", "data": hex, "count": n, "size": n}       the data, as often as it says, repeated up to the size
  {"op": "receive"}    answers {"data"}
  {"op": "objects", "count": n}                            receives objects and sends them back
  {"op": "close"}

An answer may be {"error": class}.
"""
import multiprocessing
import os

import peer

if peer.PY2:
    from _multiprocessing import Connection
else:
    from multiprocessing.connection import Connection

reader, writer, others = None, None, []


def open_(request):
    global reader, writer
    if request["for"] == "read":
        reader = Connection(os.open(request["path"], os.O_RDONLY), writable=False)
    else:
        writer = Connection(os.open(request["path"], os.O_WRONLY), readable=False)


def pipes(request):
    global reader, writer
    reader, to_us = multiprocessing.Pipe(duplex=False)
    from_us, writer = multiprocessing.Pipe(duplex=False)
    others[:] = [from_us, to_us]
    return {"read": from_us.fileno(), "write": to_us.fileno()}


def opened(request):
    while others:
        others.pop().close()


def send(request):
    data = peer.from_hex(request["data"])
    data = (data * (request["size"] // len(data) + 1))[:request["size"]]
    for _ in range(request["count"]):
        writer.send_bytes(data)


def receive(request):
    return {"data": peer.to_hex(reader.recv_bytes())}


def objects(request):
    for _ in range(request["count"]):
        writer.send(reader.recv())


def close(request):
    for end in (reader, writer):
        if end is not None and not end.closed:
            end.close()


OPS = {"open": open_, "pipes": pipes, "opened": opened, "send": send, "receive": receive, "objects": objects,
       "close": close}

peer.ready()
peer.serve(lambda request: OPS[request["op"]](request) or {})
