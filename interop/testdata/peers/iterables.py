"""What calls make of iterables: iterables.py PACKAGES ADDRESS-WORDS KEY-HEX. Each request names an iterable; the answer says
what CPython's own server and the other one made of it, call by call."""
import sys

sys.path.insert(1, sys.argv[1])

import array
import collections
import itertools
import operator
import re
import time
import warnings

import both
import peer

from multiprocessing.managers import SyncManager

warnings.simplefilter("ignore")
try:
    import numpy as np
    import pandas as pd
except ImportError:
    np = pd = None
try:
    from collections import ChainMap, UserDict, UserList, UserString
except ImportError:
    from UserDict import IterableUserDict as UserDict
    from UserList import UserList
    ChainMap = UserString = None

Pair = collections.namedtuple("Pair", "a b")


class Mine(list):
    pass


class MyDict(dict):
    pass


class MySet(set):
    pass


class MyFrozenSet(frozenset):
    pass


def advanced(it, n=1):
    for _ in range(n):
        next(it)
    return it


def begun_tee():
    """The second of two of which the first is 60 ahead: beyond what one link of what they share holds."""
    first, second = itertools.tee(range(70))
    advanced(first, 60)
    return advanced(second, 2)


# Each is made anew for each call: an iterator is used up where it is used.
ITERABLES = {
    "array d": lambda: array.array("d", [1.5]), "array B": lambda: array.array("B", [1, 255]),
    "array l": lambda: array.array("l", [-1]), "array h of pairs": lambda: array.array("h", [1, 2]),
    "array u": lambda: array.array("u", u"h\u00e9"),
    "UserList": lambda: UserList([1, "a"]), "UserDict": lambda: UserDict({"a": 1}),
    "pairs in a UserList": lambda: UserList([("a", 1), ["b", 2]]), "list of mine": lambda: Mine([1, 2]),
    "dict of mine": lambda: MyDict(a=1), "namedtuple": lambda: Pair("ab", "cd"), "struct_time": lambda: time.gmtime(0),
    "deque": lambda: collections.deque(["ab"]), "Counter": lambda: collections.Counter("a"),
    "set of mine": lambda: MySet([1, 2]), "frozenset of mine": lambda: MyFrozenSet(["a"]), "no set of mine": lambda: MySet(),
    "set": lambda: {1, 2}, "frozenset": lambda: frozenset([2]), "keys": lambda: list({1: 2}.keys()),
    "number": lambda: 5, "range": lambda: range(3),
}
if not peer.PY2:
    ITERABLES.update({
        "UserString": lambda: UserString("ab"), "ChainMap": lambda: ChainMap({"a": 1}, UserDict({"a": 2, "b": 3})),
        "iterator of a deque": lambda: advanced(iter(collections.deque([1, 2, 3]))),
        "reversed deque": lambda: advanced(reversed(collections.deque([1, 2, 3]))),
        "iterator of a UserList": lambda: iter(UserList([1])) if sys.version_info < (3, 6) else reversed([1, 2]),
    })
    if sys.version_info < (3, 14):
        ITERABLES.update({
            "chain": lambda: itertools.chain(["ab"], [1]), "begun chain": lambda: advanced(itertools.chain([1, 2], "x")),
            "chain of chains": lambda: itertools.chain.from_iterable([itertools.chain("a", "b"), (1,)]),
            "empty chain": lambda: itertools.chain(), "used chain": lambda: advanced(itertools.chain([1])),
            "repeat": lambda: itertools.repeat("ab", 2), "begun repeat": lambda: advanced(itertools.repeat(7, 3)),
            "zip of count": lambda: zip(itertools.count(5), "ab"), "zip of float count": lambda: zip(itertools.count(1, 0.5), "abc"),
            "zip of big count": lambda: zip(itertools.count(2 ** 63 - 1), "abc"), "enumerate": lambda: enumerate(itertools.chain("ab")),
            "slice of cycle": lambda: itertools.islice(itertools.cycle([1, 2]), 5),
            "slice of begun cycle": lambda: itertools.islice(advanced(itertools.cycle([1, 2, 3]), 2), 6),
            "slice of cycle again": lambda: itertools.islice(advanced(itertools.cycle([1, 2, 3]), 5), 6),
            "slice": lambda: itertools.islice([1, 2, 3, 4], 1, None, 2), "begun slice": lambda: advanced(itertools.islice("abcdef", 1, 6, 2)),
            "used slice": lambda: advanced(itertools.islice([1, 2], 1)), "slice of nothing": lambda: itertools.islice([1], 5, 9),
            "takewhile": lambda: itertools.takewhile(bool, [1, 2, 0, 3]), "dropwhile": lambda: itertools.dropwhile(bool, [1, 0, 3]),
            "begun dropwhile": lambda: advanced(itertools.dropwhile(bool, [1, 0, 3])), "filterfalse": lambda: itertools.filterfalse(None, [0, 1, ""]),
            "compress": lambda: itertools.compress("abc", [1, 0, 1]), "product": lambda: itertools.product([1, 2], "ab"),
            "begun product": lambda: advanced(itertools.product([1, 2], "ab"), 2), "product of nothing": lambda: itertools.product(),
            "empty product": lambda: itertools.product([1], []), "permutations": lambda: itertools.permutations([1, 2, 3], 2),
            "begun permutations": lambda: advanced(itertools.permutations([1, 2, 3]), 3), "combinations": lambda: itertools.combinations([1, 2, 3, 4], 2),
            "begun combinations": lambda: advanced(itertools.combinations([1, 2, 3, 4], 2), 4), "too many": lambda: itertools.combinations([1], 2),
            "with replacement": lambda: itertools.combinations_with_replacement([1, 2, 3], 2),
            "begun with replacement": lambda: advanced(itertools.combinations_with_replacement([1, 2, 3], 2), 2),
            "used combinations": lambda: advanced(itertools.combinations([1], 1)),
            "zip_longest": lambda: itertools.zip_longest("ab", [1]), "zip_longest filled": lambda: itertools.zip_longest("ab", [1], fillvalue=9),
            "begun zip_longest": lambda: advanced(itertools.zip_longest("ab", [1])),
            "accumulate": lambda: itertools.accumulate([1, 2.5, True]), "begun accumulate": lambda: advanced(itertools.accumulate([1, 2, 3])),
            "products": lambda: itertools.accumulate([10 ** 20, 3], operator.mul), "texts": lambda: itertools.accumulate("abc"),
            "starmap": lambda: itertools.starmap(pow, [(2, 5), (-3, 3), (10 ** 20, 2), (-1, 10 ** 30), (7, 0)]),
            "starmap of max": lambda: itertools.starmap(max, [(1, 2, 3), ("a", "b")]), "begun starmap": lambda: advanced(itertools.starmap(operator.add, ["ab", "cd"])),
            "starmap of int": lambda: itertools.starmap(int, [(True,), [5]]), "starmap of numbers": lambda: itertools.starmap(max, [1]),
            "map of two": lambda: map(operator.mul, [2, 1.5], itertools.count(3)), "map of max": lambda: map(max, [1, 5], [2, 4], [0, 9]),
            "tee": lambda: itertools.tee([1, 2, 3])[0], "begun tee": lambda: begun_tee(),
            "pairs": lambda: itertools.chain([("a", 1)], {"b": 2}.items()),
        })
    ITERABLES.update({
        "filter": lambda: filter(None, [0, 1, "", "ab"]), "filter by bool": lambda: filter(bool, [0, 5]),
        "map of bool": lambda: map(bool, [0, 1, ""]), "map of int": lambda: map(int, [True, 5]), "map of float": lambda: map(float, [1, True]),
        "map of str": lambda: map(str, [1, "ab"]), "map of tuple": lambda: map(tuple, ["ab", ["c", 1]]),
        "begun map": lambda: advanced(map(str, [1, 2])), "filter of zip": lambda: filter(None, zip("a", "b")),
        "iterator of an iterator": lambda: iter(reversed([1, 2])),
    })
if np is not None:
    if not hasattr(pd, "arrays"):
        pd.arrays = pd
    ITERABLES.update({
        "arange": lambda: np.arange(3), "float32": lambda: np.array([1.5], dtype="f4"), "bools": lambda: np.array([True, False]),
        "big-endian": lambda: np.array([1, 2], dtype=">i4"), "text": lambda: np.array(["ab", "c"]),
        "bytes": lambda: np.array([b"ab", b"c"]), "objects": lambda: np.array([1, "a", None], dtype=object),
        "complex": lambda: np.array([1j]), "long double": lambda: np.array([1.5], dtype=np.longdouble),
        "datetime64": lambda: np.array(["2020-01-02"], dtype="M8[D]"), "timedelta64": lambda: np.array([3], dtype="m8[s]"),
        "records": lambda: np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]), "void": lambda: np.array([b"abc"], dtype="V3"),
        "rows": lambda: np.array([[1, 2], [3, 4]]), "rows of Fortran": lambda: np.array([[1, 2], [3, 4]], order="F"),
        "transposed": lambda: np.arange(6).reshape(3, 2).T, "three dimensions": lambda: np.arange(8).reshape(2, 2, 2),
        "rows of objects": lambda: np.array([["a", 1], ["b", 2]], dtype=object), "every second": lambda: np.arange(6)[::2],
        "matrix": lambda: np.matrix([[1, 2], [3, 4]]), "no elements": lambda: np.zeros((0, 2)), "no dimensions": lambda: np.array(5),
        "numpy text": lambda: np.str_("ab"), "numpy bytes": lambda: np.bytes_(b"ab"), "numpy number": lambda: np.int64(1),
        "Series": lambda: pd.Series([1.5, 2.0]), "Series of texts": lambda: pd.Series(["ab", "cd"]),
        "Series of int8": lambda: pd.Series([1, 2], dtype="i1"), "Series of bools": lambda: pd.Series([True]),
        "Series of objects": lambda: pd.Series([("a", 1), ("b", 2)]), "categories": lambda: pd.Series(["ab", None, "ab"]).astype("category"),
        "Index": lambda: pd.Index([5, 7]), "Index of texts": lambda: pd.Index(["ab", "cd"]), "RangeIndex": lambda: pd.RangeIndex(1, 7, 3),
        "Index of floats": lambda: pd.Index([1.5]), "CategoricalIndex": lambda: pd.CategoricalIndex(["ab"]),
        "MultiIndex": lambda: pd.MultiIndex.from_tuples([("a", 1), ("b", 2)]), "DataFrame": lambda: pd.DataFrame({"ab": [1], "cd": [2.0]}),
        "dates": lambda: pd.date_range("2020-01-01", periods=2), "dates of a zone": lambda: pd.date_range("2020-03-29", periods=3, tz="Europe/Berlin"),
        "dates and none": lambda: pd.DatetimeIndex(["2020-01-01", None]), "dates of UTC": lambda: pd.date_range("2020", periods=2, tz="UTC"),
        "Series of dates": lambda: pd.Series(pd.to_datetime(["2020-01-01", None])),
        "Series of dates of a zone": lambda: pd.Series(pd.date_range("2020-01-01", periods=2, tz="US/Eastern")),
        "array of dates": lambda: pd.Series(pd.date_range("2020-01-01", periods=2)).array, "spans": lambda: pd.to_timedelta([1, None], unit="s"),
        "Series of spans": lambda: pd.Series(pd.to_timedelta([1, 2], unit="s")), "periods": lambda: pd.period_range("2020-01", periods=2, freq="M"),
        "Series of periods": lambda: pd.Series(pd.PeriodIndex(["2020-01", None], freq="M")), "weeks": lambda: pd.period_range("2020", periods=2, freq="W-SUN"),
        "intervals": lambda: pd.interval_range(0, 2), "Series of intervals": lambda: pd.Series(pd.interval_range(0.5, 2.5)),
        "intervals of dates": lambda: pd.IntervalIndex.from_breaks(pd.date_range("2020-01-01", periods=3), closed="left"),
        "intervals and none": lambda: pd.IntervalIndex.from_arrays([0.5, np.nan], [1.5, np.nan]),
        "masked": lambda: pd.array([1, None, 3], dtype="Int64"), "Series masked": lambda: pd.Series([1, None], dtype="Int64"),
        "Index masked": lambda: pd.Index(pd.array([1, 2], dtype="Int64")), "Categorical": lambda: pd.Categorical(["ab", None]),
        "categories of dates": lambda: pd.Categorical(pd.date_range("2020-01-01", periods=2)),
        "levels of dates": lambda: pd.MultiIndex.from_product([pd.date_range("2020-01-01", periods=2), ["a"]]),
        "sparse": lambda: pd.arrays.SparseArray([0, 0, 1]), "sparse of floats": lambda: pd.arrays.SparseArray([1.5, np.nan, 2], kind="block"),
        "array of pandas": lambda: pd.Series([1, 2]).array, "pairs of dates": lambda: pd.Series([("a", pd.Timestamp(0))]),
        "DataFrame of types": lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [3, 4], "d": pd.to_datetime(["2020-01-01", None]),
                                                    "e": pd.Categorical(["u", "v"]), "f": pd.date_range("2020-01-01", periods=2, tz="UTC"),
                                                    "g": [1.5, 2], "h": pd.interval_range(0, 2), "i": pd.period_range("2020", periods=2, freq="M"),
                                                    "j": pd.array([1, None], dtype="Int64"), "k": pd.arrays.SparseArray([0, 1])}),
        "DataFrame of twice the same": lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]), "DataFrame of rows": lambda: pd.DataFrame({"a": [1, 2]}, index=["x", "y"]),
        "DataFrame of nothing": lambda: pd.DataFrame(), "columns of dates": lambda: pd.DataFrame({pd.Timestamp("2020-01-01"): [1]}),
        "zip of arrays": lambda: zip(np.arange(2), np.array([1.5, 2.5])),
    })


def listed(l, f):
    f(l)
    return l[:]


def sliced(l, v):
    l[1:1] = v


def updated(d, v):
    d.update(v)
    return d.copy()


CALLS = {
    "list": lambda m, v: m.list(v)[:],
    "extend": lambda m, v: listed(m.list([0]), lambda l: l.extend(v)),
    "+=": lambda m, v: listed(m.list([0]), lambda l: operator.iadd(l, v)),
    "slice": lambda m, v: listed(m.list([0, 9]), lambda l: sliced(l, v)),
    "add": lambda m, v: m.list([0]) + v,
    "dict": lambda m, v: m.dict(v).copy(),
    "update": lambda m, v: updated(m.dict(z=0), v),
    "array of doubles": lambda m, v: list(m.Array("d", v)[:]),
    "array of ints": lambda m, v: list(m.Array("i", v)[:]),
    "set": lambda m, v: m.set(v).copy(),
    "union": lambda m, v: m.set([1]).union(v),
    "issuperset": lambda m, v: m.set([1]).issuperset(v),
    "intersection": lambda m, v: m.set([1]).intersection(v),
    "|": lambda m, v: m.set([1]) | v,
    "|=": lambda m, v: operator.ior(m.set([1]), v).copy(),
    "&": lambda m, v: m.set([1]) & v,
    "-": lambda m, v: m.set([1, 3]) - v,
    "^": lambda m, v: m.set([1, 3]) ^ v,
    ">=": lambda m, v: m.set([1, 2]) >= v,
}
if not hasattr(SyncManager, "set"):
    for name in "set union issuperset intersection | |= & - ^ >=".split():
        del CALLS[name]


def shown(v):
    """The value with the types of what is in it."""
    if isinstance(v, dict):
        items = ["%s: %s" % (shown(k), shown(x)) for k, x in v.items()]
        return "{%s}" % ", ".join(sorted(items) if peer.PY2 else items)
    if isinstance(v, (set, frozenset)):
        return "%s(%s)" % (type(v).__name__, ", ".join(sorted(shown(x) for x in v)))
    if type(v) in (list, tuple):
        return "%s(%s)" % (type(v).__name__, ", ".join(shown(x) for x in v))
    return "%s %r" % (type(v).__name__, v)


def outcome(call, m, value):
    try:
        return shown(call(m, value))
    except Exception as e:
        name = type(e).__name__
        if name == "RemoteError":
            return re.findall(r"^(?:\w+\.)*(\w+Error)\b", str(e), re.M)[-1]
        return name


def rows(name, servers):
    make = ITERABLES[name]
    return [[call, outcome(CALLS[call], servers.own, make()), outcome(CALLS[call], servers.other, make())]
            for call in sorted(CALLS)]


if __name__ == "__main__":
    both.serve(ITERABLES, np is not None, rows)
