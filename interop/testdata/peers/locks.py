"""Locks of files. Requests, KIND being flock or lockf of the module fcntl, or filelock (locks.py PACKAGES, where it is):

  {"op": "lock", "kind": KIND, "path": PATH, "shared": bool, "start": n, "length": n}   does not wait; answers {"busy"}
  {"op": "wait", ...}   the same, and waits
  {"op": "free"}        closes the file that was locked last
"""
import fcntl
import sys

import peer

held = []


class FileLock(object):
    def __init__(self, path):
        import filelock
        self.lock = filelock.FileLock(path)
        self.timeout = filelock.Timeout

    def acquire(self, wait):
        try:
            self.lock.acquire(timeout=-1 if wait else 0)
        except self.timeout:
            return False
        return True

    def close(self):
        self.lock.release()


def lock(request):
    wait = request["op"] == "wait"
    if request["kind"] == "filelock":
        taken = FileLock(str(request["path"]))
        if not taken.acquire(wait):
            return {"busy": True}
    else:
        taken = open(request["path"], "r+b")
        how = (fcntl.LOCK_SH if request["shared"] else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            if request["kind"] == "flock":
                fcntl.flock(taken, how)
            else:
                fcntl.lockf(taken, how, request["length"], request["start"])
        except IOError as e:
            taken.close()
            assert e.errno == 11, e
            return {"busy": True}
    held.append(taken)
    return {"busy": False}


def free(request):
    held.pop().close()


OPS = {"lock": lock, "wait": lock, "free": free}

peer.ready()
peer.serve(lambda request: OPS[request["op"]](request) or {})
