"""Queues that are made by name: names.py ADDRESS WHAT N. "replies" makes one after the other, for one reply each;
"hold" makes N and keeps them; "one" makes one."""
import sys

from base import answer, connect

what, n = sys.argv[2], int(sys.argv[3])
m = connect()


def raised(f, *args):
    """The name of the exception class that a call raises, and all of its text."""
    try:
        f(*args)
    except Exception as e:
        return [type(e).__name__, str(e)]
    return None


def reply(i):
    """What a queue for one reply is used for."""
    q = m.get_queue('reply to %d' % i)
    q.put(i)
    return q.get()


if what == 'replies':
    answer([reply(i) for i in range(n)] == list(range(n)))
elif what == 'hold':
    held, error = [], None
    while error is None and len(held) < n:
        error = raised(lambda: held.append(m.get_queue('held %d' % len(held))))
    answer([len(held), error])
else:
    answer([raised(m.get_queue, 'one more'), raised(m.get_queue, 'x' * 1001)])
