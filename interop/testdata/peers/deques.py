"""What calls make of a deque: deques.py PACKAGES ADDRESS-WORDS KEY-HEX. Each request names how a deque is made; the answer
says what CPython's own server, which offers collections.deque, and the other one made of it, call by call."""
import collections
import operator
import re

import both
import peer

from multiprocessing.managers import SyncManager

METHODS = ["__add__", "__contains__", "__delitem__", "__getitem__", "__imul__", "__len__", "__mul__", "__rmul__",
           "__setitem__", "append", "appendleft", "clear", "copy", "count", "extend", "extendleft", "index", "insert", "pop",
           "popleft", "remove", "reverse", "rotate"]
if peer.PY2:
    for method in "__add__ __contains__ __imul__ __mul__ __rmul__ copy index insert".split():
        METHODS.remove(method)


class Manager(SyncManager):
    pass


Manager.register("deque", collections.deque, exposed=METHODS)
both.SyncManager = Manager

MAKE = {
    "empty": lambda m: m.deque(), "of three": lambda m: m.deque([1, "a", None]), "bounded": lambda m: m.deque([1, 2, 3, 4], 3),
    "bounded by name": lambda m: m.deque(iterable="abc", maxlen=5) if not peer.PY2 else m.deque("abc", maxlen=5),
    "of no room": lambda m: m.deque([1], 0),
    "of many": lambda m: m.deque(range(100)), "of floats": lambda m: m.deque([1.0, 2, True]),
}

CALLS = {
    "append": lambda d: d.append(9), "appendleft": lambda d: d.appendleft(9), "pop": lambda d: d.pop(), "popleft": lambda d: d.popleft(),
    "extend": lambda d: d.extend("xyz"), "extendleft": lambda d: d.extendleft("xyz"), "extend nothing": lambda d: d.extend(5),
    "rotate": lambda d: d.rotate(), "rotate left": lambda d: d.rotate(-2), "rotate far": lambda d: d.rotate(1007),
    "rotate by text": lambda d: d.rotate("a"), "reverse": lambda d: d.reverse(), "clear": lambda d: d.clear(),
    "remove": lambda d: d.remove(1), "remove what is not there": lambda d: d.remove("zz"),
    "count": lambda d: d.count(1), "length": lambda d: len(d), "first": lambda d: d[0], "last": lambda d: d[-1],
    "beyond": lambda d: d[100], "slice": lambda d: d[0:1], "by text": lambda d: d["a"],
    "set": lambda d: d.__setitem__(0, "new"), "set beyond": lambda d: d.__setitem__(100, "new"),
    "delete": lambda d: d.__delitem__(1), "delete beyond": lambda d: d.__delitem__(-101),
    "many of both ends": lambda d: [(d.appendleft(i), d.append(-i), d.popleft() if i % 3 else d.pop()) for i in range(40)],
    "too many arguments": lambda d: d.append(1, 2), "too few": lambda d: d.append(), "by keyword": lambda d: d.append(x=1),
}
if not peer.PY2:
    CALLS.update({
        "in": lambda d: [1 in d, "a" in d, "zz" in d], "copy": lambda d: d.copy(), "copied type": lambda d: type(d.copy()).__name__,
        "copied bound": lambda d: d.copy().maxlen, "index": lambda d: d.index(1), "index from": lambda d: d.index(1, 1),
        "index of nothing": lambda d: d.index("zz"), "insert": lambda d: d.insert(1, "in"), "insert far": lambda d: d.insert(1000, "in"),
        "insert before": lambda d: d.insert(-1, "in"), "add": lambda d: d + collections.deque([7]), "add a list": lambda d: d + [7],
        "times": lambda d: d * 2, "times nothing": lambda d: d * 0, "times from the left": lambda d: 2 * d,
        "times in place": lambda d: d.__imul__(2), "times text": lambda d: d * "a",
        "all": lambda d: list(iter(d)),
    })


def outcome(call, make, manager):
    try:
        d = make(manager)
        result = repr(call(d))
    except Exception as e:
        name = type(e).__name__
        if name == "RemoteError":
            name = re.findall(r"^(?:\w+\.)*(\w+Error)\b", str(e), re.M)[-1]
        result = name  # the text of some is another in newer Pythons
    return "%s, then %s" % (result, d)


def rows(name, servers):
    return [[call, outcome(CALLS[call], MAKE[name], servers.own), outcome(CALLS[call], MAKE[name], servers.other)]
            for call in sorted(CALLS)]


if __name__ == "__main__":
    both.serve(MAKE, False, rows)
