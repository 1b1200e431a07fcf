"""What calls make of odd numbers: operands.py PACKAGES ADDRESS-WORDS KEY-HEX. Each request names a call; the answer says what
CPython's own server and the other one made of it. Nothing here waits where CPython's server is the one that answers."""
import sys

sys.path.insert(1, sys.argv[1])

from decimal import Decimal
from fractions import Fraction

import both
import peer

try:
    import signal
    SIGNAL = signal.SIGINT
except ImportError:
    SIGNAL = 2
try:
    import numpy as np
except ImportError:
    np = None

NAN, INF, LONG = float("nan"), float("inf"), 10 ** 400
TIMEOUTS = {
    "nan": NAN, "inf": INF, "-inf": -INF, "1e308": 1e308, "10**400": LONG, "-10**400": -LONG, "2**40": 2 ** 40,
    "2**63": 2 ** 63, "-2**70": -2 ** 70, "0": 0, "0.0": 0.0, "False": False, "-1": -1, "-0.5": -0.5, "str": "x",
    "list": [], "complex": 1j, "Decimal": Decimal("0.001"), "Fraction": Fraction(1, 1000), "-Fraction": Fraction(-1, 2),
    "large Fraction": Fraction(LONG, 3),
}
NUMBERS = {
    "0": 0, "1": 1, "True": True, "2.0": 2.0, "1.5": 1.5, "-1": -1, "2**70": 2 ** 70, "-2**70": -2 ** 70, "str": "1",
    "None": None, "Decimal": Decimal(1), "Fraction": Fraction(1), "half": Fraction(1, 2), "nan": NAN, "inf": INF,
    "complex": 1 + 0j, "signal": SIGNAL, "list": [1], "bytes": b"1",
}
TRUTHS = {"0": 0, "0.0": 0.0, "empty str": "", "empty list": [], "empty dict": {}, "empty set": set(), "None": None,
          "Decimal 0": Decimal(0), "Fraction 0": Fraction(0), "range 0": range(0), "complex 0": 0j}
if np is not None:
    NUMPY = {
        "np.int8": np.int8(1), "np.uint64": np.uint64(2), "np.int64 -1": np.int64(-1), "np.float64": np.float64(1.0),
        "np.float32": np.float32(0.5), "np.bool_": np.bool_(True), "np.array(1)": np.array(1), "np.array([1])": np.array([1]),
        "np.array(1.5)": np.array(1.5), "np.array([1, 2])": np.array([1, 2]), "np.array([])": np.array([]),
        "np.str_": np.str_("1"), "np.timedelta64": np.timedelta64(1, "s"),
    }
    NUMBERS.update(NUMPY)
    TIMEOUTS.update({"np.float64": np.float64(0.001), "np.int64 0": np.int64(0), "np.float64 nan": np.float64("nan"),
                     "np.float64 -1": np.float64(-1), "np.str_": np.str_("1")})
    TRUTHS.update({"np.False_": np.False_, "np.int64 0": np.int64(0), "np.float32 0": np.float32(0),
                   "np.array([0])": np.array([0]), "np.array(0.0)": np.array(0.0), "np.array([1, 0])": np.array([1, 0]),
                   "np.array([])": np.array([]), "np.str_ empty": np.str_(""), "np.timedelta64 0": np.timedelta64(0, "s")})

WAITS = ("nan", "inf", "1e308", "2**40", "2**63", "np.float64 nan")


def full(m):
    q = m.Queue(1)
    q.put(1)
    return q


def put_full(m, v):
    full(m).put(2, True, v)


def condition(m, v):
    c = m.Condition()
    with c:
        return c.wait(v)


def event_set(m, v):
    e = m.Event()
    e.set()
    return e.wait(v)


def array(m, code, i, v):
    a = m.Array(code, [1, 2, 3])
    a[i] = v
    return list(a[:])


def listed(m, f):
    l = m.list([10, 20, 30])
    out = f(l)
    return out, l[:]


def semaphore(m, v):
    s = m.Semaphore(v)
    return s.acquire(False), s.acquire(False)


def maxsize(m, v):
    q = m.Queue(v)
    for _ in range(3):
        q.put_nowait(1)


def barrier(m, v):
    return m.Barrier(v).wait(0)


CALLS = {
    # with something to do
    "get full": (TIMEOUTS, lambda m, v: full(m).get(True, v)),
    "put room": (TIMEOUTS, lambda m, v: m.Queue(1).put(1, True, v)),
    "put unbounded": (TIMEOUTS, lambda m, v: m.Queue().put(1, True, v)),
    "get not blocking": (TIMEOUTS, lambda m, v: m.Queue().get(False, v)),
    "event set": (TIMEOUTS, event_set),
    "semaphore free": (TIMEOUTS, lambda m, v: m.Semaphore(1).acquire(True, v)),
    "semaphore not blocking": (TIMEOUTS, lambda m, v: m.Semaphore(0).acquire(False, v)),
    "barrier of one": (TIMEOUTS, lambda m, v: m.Barrier(1).wait(v)),
    "lock free": (TIMEOUTS, lambda m, v: m.Lock().acquire(True, v)),
    "lock not blocking": (TIMEOUTS, lambda m, v: m.Lock().acquire(False, v)),
    "rlock free": (TIMEOUTS, lambda m, v: m.RLock().acquire(True, v)),
    "condition not owned": (TIMEOUTS, lambda m, v: m.Condition().wait(v)),
    # with nothing to do
    "get empty": (TIMEOUTS, lambda m, v: m.Queue().get(True, v)),
    "put full": (TIMEOUTS, put_full),
    "event": (TIMEOUTS, lambda m, v: m.Event().wait(v)),
    "condition": (TIMEOUTS, condition),
    "semaphore": (TIMEOUTS, lambda m, v: m.Semaphore(0).acquire(True, v)),
    "barrier": (TIMEOUTS, lambda m, v: m.Barrier(2).wait(v)),
    "barrier of timeout": (TIMEOUTS, lambda m, v: m.Barrier(2, None, v).wait()),
    # indices and counts
    "list index": (NUMBERS, lambda m, v: listed(m, lambda l: l[v])),
    "list assign": (NUMBERS, lambda m, v: listed(m, lambda l: l.__setitem__(v, 7))),
    "list delete": (NUMBERS, lambda m, v: listed(m, lambda l: l.__delitem__(v))),
    "list slice": (NUMBERS, lambda m, v: listed(m, lambda l: l[v:v])),
    "list step": (NUMBERS, lambda m, v: listed(m, lambda l: l[::v])),
    "list repeat": (NUMBERS, lambda m, v: listed(m, lambda l: l * v) if v not in (2 ** 70, LONG) else None),
    "list pop": (NUMBERS, lambda m, v: listed(m, lambda l: l.pop(v))),
    "list insert": (NUMBERS, lambda m, v: listed(m, lambda l: l.insert(v, 7))),
    "list index from": (NUMBERS, lambda m, v: listed(m, lambda l: l.index(30, v))),
    "array index": (NUMBERS, lambda m, v: m.Array("i", [1, 2, 3])[v]),
    "array of ints": (NUMBERS, lambda m, v: array(m, "i", 0, v)),
    "array of bytes": (NUMBERS, lambda m, v: array(m, "B", 0, v)),
    "array of floats": (NUMBERS, lambda m, v: array(m, "d", 0, v)),
    "semaphore of": (NUMBERS, semaphore),
    "queue of": (NUMBERS, maxsize),
    "barrier of": (NUMBERS, barrier),
    # truth
    "block": (TRUTHS, lambda m, v: m.Queue().get(v, 0)),
    "put block": (TRUTHS, lambda m, v: full(m).put(1, v, 0)),
    "acquire": (TRUTHS, lambda m, v: (lambda l: (l.acquire(), l.acquire(v)))(m.Lock())),
    "reverse": (TRUTHS, lambda m, v: listed(m, lambda l: l.sort(reverse=v))),
}
PYTHON3 = ("semaphore free", "semaphore not blocking", "barrier of one", "lock free", "lock not blocking", "rlock free",
           "semaphore", "barrier", "barrier of timeout", "barrier of")


def waits(call, name):
    """Whether CPython's server would wait for long: for ever by asking the clock, or in naps as Python 2 does."""
    if name not in WAITS or call not in ("get empty", "put full", "event", "condition", "semaphore", "barrier",
                                         "barrier of timeout"):
        return False
    if peer.PY2:
        return True
    return "nan" in name and call not in ("event", "condition")


def outcome(call, m, value):
    try:
        return repr(call(m, value))
    except Exception as e:
        name = type(e).__name__
        if name == "RemoteError":
            return "RemoteError " + str(e).strip("- \n").splitlines()[-1].split(":")[0].split(".")[-1]
        return name


def rows(name, servers):
    values, call = CALLS[name]
    return [[v, outcome(call, servers.own, values[v]), outcome(call, servers.other, values[v])]
            for v in sorted(values) if not waits(name, v)]


if __name__ == "__main__":
    both.serve([c for c in CALLS if not (peer.PY2 and c in PYTHON3)], np is not None, rows)
