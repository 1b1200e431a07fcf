"""Runs statements of the test, one request a line, in one namespace, and answers what the variable answer is then."""
import json
import sys

import numpy
import pandas
import pyarrow as pa

from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory


def untracked(shm):
    resource_tracker.unregister("/" + shm.name, "shared_memory")
    return shm


def lies_in(buffer, whole):
    return whole.address <= buffer.address and buffer.address + buffer.size <= whole.address + whole.size


def array_in(array, whole):
    return lies_in(pa.py_buffer(array), whole)


space = globals()
print("ready", flush=True)
for line in sys.stdin:
    try:
        exec(json.loads(line), space)
        reply = {"Answer": space["answer"]}
    except Exception as e:
        reply = {"Error": "%s: %s" % (type(e).__name__, e)}
    print(json.dumps(reply), flush=True)
