"""One side of a queue or a Pipe: queues.py PICKLE-BASE64, of the objects. Each request is a line:

  put INDEX COUNT SIZE    puts COUNT byte strings, and answers nothing in particular
  get INDEX COUNT SIZE    gets COUNT, and answers the seconds from the first to the last
"""
import base64
import pickle
import sys
import time


def put(q, count, item):
    give = getattr(q, "put", None) or q.send
    for _ in range(count):
        give(item)


def get(q, count, item):
    take = getattr(q, "get", None) or q.recv
    if take() != item:
        raise ValueError("another item came")
    begin = time.time()
    for _ in range(count - 1):
        take()
    return time.time() - begin


def main():
    objects = pickle.loads(base64.b64decode(sys.argv[1]))
    print("ready")
    sys.stdout.flush()
    for line in iter(sys.stdin.readline, ""):
        what, index, count, size = line.split()
        did = {"put": put, "get": get}[what](objects[int(index)], int(count), b"x" * int(size))
        print(did or 0.0)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
