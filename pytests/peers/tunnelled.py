"""Items of many sizes put and taken again, the larger ones in two writes each: tunnelled.py ADDRESS."""
import hashlib

from base import answer, connect

q = connect().get_queue()
wrong = []
for size in (0, 1, 100, 16384, 16400, 32768, 1 << 20):
    item = (hashlib.sha256(str(size).encode('ascii')).digest() * (size // 32 + 1))[:size]
    for _ in range(20 if size < 1 << 20 else 3):
        q.put(item)
        if q.get() != item:
            wrong.append(size)
answer({'wrong': wrong, 'left': q.qsize()})
