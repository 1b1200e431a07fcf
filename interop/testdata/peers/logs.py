"""Files that others read and write at the same time. Requests:

  {"op": "append", "path": PATH, "count": n, "size": n}   writes records of x, each in one write
  {"op": "rotate", "path": PATH, "count": n}              logs numbers from 0 on, with one rotation in their middle
  {"op": "watched", "path": PATH, "lines": [text]}        logs lines as WatchedFileHandler does
  {"op": "follow", "path": PATH, "count": n}              answers {"lines"}, so many as they come
  {"op": "replace", "path": PATH, "count": n, "size": n}  by os.replace, a and b by turns
  {"op": "read", "path": PATH}                            reads until there is "end"; answers {"bad": n, "good": n}
"""
import io
import logging
import logging.handlers
import os
import time

import peer

watched = None


def append(request):
    with io.open(request["path"], "ab", buffering=0) as f:
        for _ in range(request["count"]):
            f.write(b"x" * request["size"] + b"\n")


def rotate(request):
    count = request["count"]
    lines = ["%d" % i for i in range(count)]
    half = sum(len(line) + 1 for line in lines[:count // 2])
    handler = logging.handlers.RotatingFileHandler(request["path"], maxBytes=half + 1, backupCount=2)
    for line in lines:
        handler.emit(logging.makeLogRecord({"msg": line}))
    handler.close()


def watch(request):
    global watched
    if watched is None or watched.baseFilename != request["path"]:
        watched = logging.handlers.WatchedFileHandler(request["path"])
    for line in request["lines"]:
        watched.emit(logging.makeLogRecord({"msg": line}))


def follow(request):
    lines = []
    with io.open(request["path"]) as f:
        while len(lines) < request["count"]:
            line = f.readline()
            if not line:
                time.sleep(0.001)
            lines += [line] if line else []
    return {"lines": lines}


def replace(request):
    path = request["path"]
    for i in range(request["count"]):
        with io.open(path + ".new", "wb") as f:
            f.write((b"a", b"b")[i % 2] * request["size"])
        os.rename(path + ".new", path)  # os.replace, where there is one


def read(request):
    result = {"good": 0, "bad": 0}
    while True:
        with io.open(request["path"], "rb") as f:
            text = f.read()
        if text == b"end":
            return result
        result["good" if text == text[:1] * request["size"] else "bad"] += 1


OPS = {"append": append, "rotate": rotate, "watched": watch, "follow": follow, "replace": replace, "read": read}

peer.ready()
peer.serve(lambda request: OPS[request["op"]](request) or {})
