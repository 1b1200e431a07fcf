"""Classes whose instances go through Go: one for each way in which an object can be pickled."""
import collections

import peer

try:
    import enum
except ImportError:
    enum = None
try:
    import dataclasses
except ImportError:
    dataclasses = None


class Plain(object):
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def method(self, *args):
        return (self.x,) + args

    @classmethod
    def make(cls):
        return cls(0, 0)

    @staticmethod
    def static(x):
        return x


class Slotted(object):
    __slots__ = ("a", "b")

    def __init__(self, a, b=None):
        self.a = a
        if b is not None:
            self.b = b


class SlottedAndDict(Slotted):
    """Its state is a pair of dicts."""


class WithState(object):
    def __init__(self, state):
        self.state = state

    def __getstate__(self):
        return ("state", self.state)

    def __setstate__(self, state):
        self.state = state[1]


class FalseState(WithState):
    def __getstate__(self):
        return 0

    def __setstate__(self, state):
        self.state = state


class NewArgs(object):
    def __new__(cls, *args):
        self = object.__new__(cls)
        self.args = args
        return self

    def __getnewargs__(self):
        return self.args


class NewArgsEx(object):
    def __new__(cls, *args, **kwds):
        self = object.__new__(cls)
        self.args, self.kwds = args, kwds
        return self

    def __getnewargs_ex__(self):
        return self.args, self.kwds


class Reduced(object):
    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return (Reduced, self.parts, {"again": True})


class Collector(object):
    """Comes with list items and dict items, and no state."""

    def __init__(self):
        self.items, self.pairs = [], {}

    def append(self, x):
        self.items.append(x)

    def extend(self, xs):
        self.items.extend(xs)

    def __setitem__(self, k, v):
        self.pairs[k] = v

    def __reduce__(self):
        return (Collector, (), None, iter(list(self.items)), iter(sorted(self.pairs.items())))


class Outer(object):
    class Inner(object):
        """Its global has a dotted name."""


class IntChild(int):
    pass


class FloatChild(float):
    pass


class StrChild(str):
    pass


class TextChild(peer.text_type):
    pass


class BytesChild(bytes):
    pass


class TupleChild(tuple):
    pass


class ListChild(list):
    pass


class DictChild(dict):
    pass


class SetChild(set):
    pass


class FrozenSetChild(frozenset):
    pass


class Failure(Exception):
    pass


class TwoArguments(Exception):
    def __init__(self, a, b):
        Exception.__init__(self, a, b)
        self.a, self.b = a, b


class OldStyle:
    """An old-style class in 2.7, a plain one since."""

    def __init__(self, x=None):
        if x is not None:
            self.x = x


class OldStyleArgs:
    def __init__(self, *args):
        self.args = args

    def __getinitargs__(self):
        return self.args


Pair = collections.namedtuple("Pair", "first second")


def function(x):
    return x


def collector(*items, **pairs):
    c = Collector()
    c.extend(items)
    for k in pairs:
        c[k] = pairs[k]
    return c


def with_attributes(x, **attributes):
    for k in attributes:
        setattr(x, k, attributes[k])
    return x


def cyclic_list():
    x = [1]
    x.append(x)
    return x


def cyclic_dict():
    x = {}
    x["self"] = x
    return x


def cyclic_tuple():
    x = ([],)
    x[0].append(x)
    return x


def cyclic_object():
    x = Plain(None, [])
    x.x = x
    x.y.append(x)
    return x


def cyclic_set():
    """A set inside an element of itself."""
    x = Plain(set(), None)
    x.x.add(x)
    return x


def cyclic_reduced():
    """A collector among its own items."""
    c = Collector()
    c.append(c)
    return c


def deep(n):
    x = []
    for _ in range(n):
        x = [x]
    return x


def shared(x):
    return [x, x, (x, {"again": x})]


if enum:
    Color = enum.Enum("Color", "red green", module=__name__)
    Level = enum.IntEnum("Level", "low high", module=__name__)
    if hasattr(enum, "Flag"):
        Mode = enum.Flag("Mode", "read write", module=__name__)

if dataclasses:
    Record = dataclasses.make_dataclass(
        "Record", [("name", str), ("tags", list, dataclasses.field(default_factory=list))])
    Frozen = dataclasses.make_dataclass("Frozen", [("x", int)], frozen=True)
    Record.__module__ = Frozen.__module__ = __name__
