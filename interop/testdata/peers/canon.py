"""One text per value, the same for two values exactly if Python cannot tell them apart: types,
signs of zero, order of dicts, which mutable parts are one object. Written for comparing a value
that went through Go with one that did not; comparing by == would let most differences pass.
"""
import sys
import types

import peer

try:
    import copyreg
except ImportError:
    import copy_reg as copyreg

ORDERED = sys.version_info >= (3, 6)
INTS = (int,) if not peer.PY2 else (int, long)  # noqa: F821
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
TEXT = ascii if not peer.PY2 else repr  # noqa: F821


def canon(value):
    return _Writer().of(value)


class _Writer(object):
    def __init__(self, seen=()):
        self.seen = dict(seen)
        self.alive = []  # ids stay unique as long as the objects live

    def of(self, x):
        writer = SIMPLE.get(type(x))
        if writer:
            return writer(x)
        if isinstance(x, tuple) and type(x) is tuple:
            return "tuple(%s)" % self.all(x)
        if type(x) is frozenset:
            return "frozenset(%s)" % self.unordered(x)
        if id(x) in self.seen:
            return "#%d" % self.seen[id(x)]
        number = self.seen[id(x)] = len(self.seen)
        self.alive.append(x)
        return "#%d=%s" % (number, self.first(x))

    def first(self, x):
        if type(x) is list:
            return "list(%s)" % self.all(x)
        if type(x) is set:
            return "set(%s)" % self.unordered(x)
        if type(x) is bytearray:
            return "bytearray(%s)" % TEXT(bytes(x))
        if type(x) is dict:
            return "dict(%s)" % self.pairs(x)
        if isinstance(x, FUNCTIONS + (type,)) and not is_bound(x):
            return "global(%s.%s)" % (x.__module__, getattr(x, "__qualname__", x.__name__))
        if peer.PY2 and isinstance(x, types.ClassType):
            return "global(%s.%s)" % (x.__module__, x.__name__)
        if hasattr(x, "__self__") and hasattr(x, "__name__"):
            return "method(%s, %s)" % (self.of(x.__self__), x.__name__)
        if peer.PY2 and isinstance(x, types.InstanceType):
            return "instance(%s, %s)" % (self.of(x.__class__), self.of(x.__dict__))
        return self.reduced(x)

    def reduced(self, x):
        """What copying would use describes any other object."""
        reducer = copyreg.dispatch_table.get(type(x))
        parts = reducer(x) if reducer else x.__reduce_ex__(2)
        if isinstance(parts, str):
            return "global(%s)" % parts
        parts = list(parts) + [None] * (5 - len(parts))
        for i in (3, 4):
            if parts[i] is not None:
                parts[i] = list(parts[i])
        return "%s(%s)" % (peer.class_name(type(x)), self.all(parts))

    def all(self, items):
        return ", ".join([self.of(item) for item in items])

    def unordered(self, items):
        # Each by itself, or an object inside an element of itself would never end.
        return self.all(sorted(items, key=lambda item: _Writer(self.seen).of(item)))

    def pairs(self, d):
        items = list(d.items())
        if not ORDERED:
            items.sort(key=lambda item: canon(item[0]))
        return ", ".join("%s: %s" % (self.of(k), self.of(v)) for k, v in items)


def is_bound(function):
    owner = getattr(function, "__self__", None)
    return owner is not None and not isinstance(owner, types.ModuleType)


def _text(x):
    if peer.PY2:
        x = x.encode("utf-8").decode("utf-8")  # 2.7 joins surrogate pairs at some protocols
    return "text(%s)" % TEXT(x)


def _float(x):
    return "float(nan)" if x != x else "float(%r)" % x


SIMPLE = {
    type(None): repr,
    bool: repr,
    float: _float,
    complex: lambda x: "complex(%s, %s)" % (_float(x.real), _float(x.imag)),
    peer.text_type: _text,
    bytes: lambda x: "bytes(%s)" % TEXT(x),
    type(Ellipsis): lambda x: "Ellipsis",
    type(NotImplemented): lambda x: "NotImplemented",
}
for _t in INTS:
    # 2.7 has two integer types of which the wire keeps one, by size.
    SIMPLE[_t] = lambda x: "int(%d)" % x
