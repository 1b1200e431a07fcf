"""Pickles of many values as every interpreter writes them, for pickle/testdata/vectors.

    python make_vectors.py write DIR     write what this interpreter makes of each case
    python make_vectors.py check DIR     load each file that names a case and compare it with the case

Run "write" with one interpreter after the other on the same DIR: a pickle that an earlier one wrote
already only gets the version added to its header. "check" also takes pickles that something else wrote.
The script keeps to the subset that Python 2.7 and 3.15 share.
"""
import array
import collections
import copy
import datetime
import decimal
import fractions
import functools
import os
import pickle
import sys
import uuid

PY2 = sys.version_info[0] == 2
VERSION = "%d.%d" % sys.version_info[:2]

if PY2:
    import cPickle
    bytes_of = str
    text_of = lambda s: s.decode("utf-8")
else:
    bytes_of = lambda s: s.encode("latin-1")
    text_of = lambda s: s.encode("latin-1").decode("utf-8")


class Plain(object):
    """Equal by attributes, so that a copy that came back can be compared."""

    def __init__(self, **kw):
        self.__dict__.update(kw)


class Slots(object):
    __slots__ = ("a", "b")


class Old:  # in Python 2 a class without a base: pickled by INST and OBJ
    def __init__(self, x=0):
        self.x = x


class WithInitArgs:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __getinitargs__(self):
        return (self.x, self.y)


class WithNewArgs(object):
    def __new__(cls, x, y):
        self = object.__new__(cls)
        self.x, self.y = x, y
        return self

    def __getnewargs__(self):
        return (self.x, self.y)


class WithNewArgsEx(object):
    def __new__(cls, x, y=0):
        self = object.__new__(cls)
        self.x, self.y = x, y
        return self

    def __getnewargs_ex__(self):
        return ((self.x,), {"y": self.y})


def set_attributes(obj, state):
    obj.__dict__.update(state)


class WithSetter(object):
    def __reduce__(self):
        return (WithSetter, (), {"x": self.x}, None, None, set_attributes)


class MyList(list):
    pass


class MyDict(dict):
    pass


class MyInt(int):
    pass


class MyStr(str):
    pass


class MySet(set):
    pass


class MyError(Exception):
    pass


Point = collections.namedtuple("Point", "x y")


def cases():
    """Yields name, value. The order and the names are the same in all versions."""
    yield "none", None
    yield "true", True
    yield "false", False
    for i, n in enumerate([0, 1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -1, -128, -129, -2**31,
                           -2**31 - 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 10**30, -10**30,
                           2**2039, 2**2040, -2**2040]):
        yield "int_%02d" % i, n
    for name, f in [("zero", 0.0), ("negative_zero", -0.0), ("one", 1.0), ("tenth", 0.1),
                    ("big", 1e300), ("tiny", 5e-324), ("inf", float("inf")),
                    ("minus_inf", float("-inf")), ("nan", float("nan"))]:
        yield "float_" + name, f
    yield "complex", complex(1.5, -0.0)
    yield "text_empty", text_of("")
    yield "text_ascii", text_of("hello")
    yield "text_latin", text_of("gr\xc3\xbc\xc3\x9fe \xc2\x80\xc3\xbf")
    yield "text_wide", text_of("\xe2\x82\xac \xf0\x9f\x90\x8d")
    yield "text_controls", text_of("\x00\x01\t\n\r\x1a\x7f\\ \\u0041 \\\\u0041 '\"")
    yield "text_long", text_of("x" * 300)
    yield "text_surrogate", text_of("a") + (eval("u'\\ud800'") + text_of("b"))
    yield "str_native", "native"
    yield "bytes_empty", bytes_of("")
    yield "bytes_ascii", bytes_of("hello")
    yield "bytes_all", bytes_of("".join(map(chr, range(256))))
    yield "bytes_long", bytes_of("\x80" * 300)
    yield "bytearray_empty", bytearray()
    yield "bytearray", bytearray(bytes_of("\x00a\xff"))
    yield "tuple_0", ()
    yield "tuple_1", (1,)
    yield "tuple_2", (1, 2)
    yield "tuple_3", (1, 2, 3)
    yield "tuple_4", (1, 2, 3, 4)
    yield "list_0", []
    yield "list_1", [1]
    yield "list_3", [1, [2], [[3]]]
    yield "list_1001", list(range(1001))
    yield "dict_0", {}
    yield "dict_1", {1: 2}
    yield "dict_str", {"a": 1}
    yield "dict_keys", {(1, (2, 3)): 1, 1.5: 2, None: 3, frozenset([1]): 4}
    yield "set_0", set()
    yield "set", set([1, 2, 3])
    yield "set_of_tuples", set([(1, 2), ()])
    yield "frozenset_0", frozenset()
    yield "frozenset", frozenset([1, frozenset([2])])
    shared = [1]
    yield "shared_list", [shared, shared, (shared,)]
    t = (1, 2)
    yield "shared_tuple", [t, t]
    s = text_of("shared" * 20)
    yield "shared_text", [s, s]
    loop = []
    loop.append(loop)
    yield "list_in_itself", loop
    loop = ([],)
    loop[0].append(loop)
    yield "tuple_in_itself", loop
    loop = (1, 2, 3, [])
    loop[3].append(loop)
    yield "long_tuple_in_itself", loop
    d = {}
    d["self"] = d
    yield "dict_in_itself", d
    p = Plain(a=1)
    p.me = p
    yield "object_in_itself", p
    p = Plain()
    p.keys = {p: 1}
    yield "object_as_key_of_itself", p
    p = Plain()
    p.group = set([p])
    yield "object_in_its_set", p
    yield "plain", Plain(a=1, b=[2])
    x = Slots()
    x.a, x.b = 1, 2
    yield "slots", x
    yield "old", Old(5)
    yield "init_args", WithInitArgs(1, 2)
    yield "new_args", WithNewArgs(1, 2)
    if not PY2:
        yield "new_args_ex", WithNewArgsEx(1, 2)
        yield "ellipsis", Ellipsis
        yield "not_implemented", NotImplemented
    if sys.version_info >= (3, 8):
        x = WithSetter()
        x.x = 1
        yield "setter", x
        yield "setter_shared", [x, x]
    yield "slice", slice(1, None, 2)
    yield "range", eval("xrange" if PY2 else "range")(1, 10, 3)
    x = MyList([1, 2])
    x.note = 1
    yield "my_list", x
    x = MyDict(a=1)
    x.note = 1
    yield "my_dict", x
    yield "my_int", MyInt(7)
    yield "my_str", MyStr("seven")
    yield "my_set", MySet([1])
    yield "my_error", MyError(1, "two")
    x = MyError("with state")
    x.note = 1
    yield "my_error_state", x
    yield "class", Plain
    yield "function", set_attributes
    yield "builtin_function", len
    yield "builtin_type", int
    yield "exception_type", ValueError
    yield "value_error", ValueError("bad")
    yield "key_error", KeyError(("a", 1))
    yield "os_error", OSError(2, "No such file or directory", "name")
    yield "stop_iteration", StopIteration(3)
    yield "unicode_error", UnicodeDecodeError("utf-8", bytes_of("\xff"), 0, 1, "invalid")
    yield "datetime", datetime.datetime(2026, 3, 4, 5, 6, 7, 89)
    yield "datetime_ascii", datetime.datetime(2048, 3, 4, 5, 6, 7, 89)
    yield "date", datetime.date(1999, 12, 31)
    yield "time", datetime.time(23, 59, 58, 999999)
    yield "timedelta", datetime.timedelta(-1, 3600, 5)
    if not PY2:
        zone = datetime.timezone(datetime.timedelta(hours=2))
        yield "datetime_zone", datetime.datetime(2026, 3, 4, 5, 6, 7, 0, zone)
        yield "datetime_utc", datetime.datetime(2026, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
        yield "datetime_fold", datetime.datetime(2026, 10, 25, 2, 30, fold=1)
    yield "decimal", decimal.Decimal("-1.50")
    yield "decimal_nan", decimal.Decimal("NaN")
    yield "fraction", fractions.Fraction(-1, 3)
    yield "uuid", uuid.UUID("12345678123456781234567812345678")
    yield "ordered_dict", collections.OrderedDict([("b", 1), ("a", 2)])
    yield "default_dict", collections.defaultdict(list, {"a": [1]})
    yield "deque", collections.deque([1, 2, 3], 5)
    yield "counter", collections.Counter("aab")
    yield "namedtuple", Point(1, 2)
    yield "array_i", array.array("i", [1, -2, 3])
    yield "array_d", array.array("d", [1.5])
    yield "partial", functools.partial(int, "ff", base=16)
    if not PY2:
        yield "bound_method", "abc".upper
        import enum
        globals()["Color"] = Color = enum.Enum("Color", "RED GREEN", module=__name__)
        yield "enum", Color.GREEN
        yield "nested_class", Outer.Inner
    if sys.version_info >= (3, 7):
        import dataclasses
        made = dataclasses.make_dataclass("Data", [("a", int), ("b", list)])
        made.__module__ = __name__
        globals()["Data"] = made
        yield "dataclass", made(1, [2])
    try:
        from multiprocessing import managers
    except ImportError:
        return
    yield "token", managers.Token("Queue", ("127.0.0.1", 5000), "7f00")


class Outer(object):
    class Inner(object):
        pass


def forking():
    """Values that need multiprocessing's own reducers; only for dumps by ForkingPickler."""
    if PY2:
        return
    yield "forking_partial", functools.partial(int, "ff", base=16)
    yield "forking_dict_keys", {"a": 1}.keys()
    yield "forking_array", array.array("i", [1, -2, 3])
    yield "forking_method", Point(1, 2)._asdict


def dumps(name, value, protocol):
    """Yields the pickles that this interpreter's picklers make of a value."""
    picklers = [pickle.dumps]
    if PY2:
        picklers.insert(0, cPickle.dumps)
    for dump in picklers:
        try:
            yield dump(value, protocol)
        except Exception:
            pass


def all_pickles():
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for name, value in cases():
            for data in dumps(name, value, protocol):
                yield name, protocol, value, data
    if not PY2:
        from multiprocessing.reduction import ForkingPickler
        for name, value in forking():
            yield name, pickle.DEFAULT_PROTOCOL, value, bytes(ForkingPickler.dumps(value))


def show(value):
    try:
        text = ascii(value) if not PY2 else repr(value)
    except Exception:
        text = "?"
    if " at 0x" in text:
        text = type(value).__name__
    return text[:60]


def read_vector(path):
    with open(path, "rb") as f:
        head, _, body = f.read().partition(b"\n\n")
    lines = head.decode("ascii").split("\n")
    return collections.OrderedDict(line.split(": ", 1) for line in lines), body


def write_vector(path, head, body):
    with open(path, "wb") as f:
        for key in head:
            f.write((key + ": " + head[key] + "\n").encode("ascii"))
        f.write(b"\n" + body)


def told_before(folder, name, protocol, data):
    """Whether a lower protocol has the same bytes, apart from the number in PROTO."""
    for p in range(2, protocol):
        for i in range(100):
            path = os.path.join(folder, "%s.p%d" % (name, p) + (".%d" % i if i else ""))
            if not os.path.exists(path):
                break
            body = read_vector(path)[1]
            if body[:1] == data[:1] and body[2:] == data[2:]:
                return True
    # Protocol 1 differs from 2 by PROTO and by opcodes that 2 added; 0 and 1 have no PROTO.
    return protocol == 1 and name.startswith(("int_", "float_", "my_", "array_", "datetime"))


def add(folder, name, protocol, value, data):
    if told_before(folder, name, protocol, data):
        return
    for i in range(100):
        path = os.path.join(folder, "%s.p%d" % (name, protocol) + (".%d" % i if i else ""))
        if not os.path.exists(path):
            head = collections.OrderedDict()
            head["python"] = VERSION
            head["protocol"] = str(protocol)
            head["expect"] = "value"
            head["value"] = show(value)
            write_vector(path, head, data)
            return
        head, body = read_vector(path)
        if body == data:
            if VERSION not in head["python"].split():
                head["python"] += " " + VERSION
                write_vector(path, head, body)
            return


REFUSALS = [  # name, what is expected of a decoder, what it is, bytes
    ("frame_2_40", "syntax", "a frame of 2**40 bytes", b"\x80\x04\x95\0\0\0\0\0\1\0\0N."),
    ("bytes8_2_40", "syntax", "bytes of 2**40", b"\x80\x04\x8e\0\0\0\0\0\1\0\0."),
    ("bytes8_2_60", "syntax", "bytes of 2**60", b"\x80\x04\x8e\0\0\0\0\0\0\0\x10."),
    ("unicode8_2_63", "syntax", "text of 2**63", b"\x80\x04\x8d\0\0\0\0\0\0\0\x80."),
    ("bytearray8_2_31", "syntax", "bytearray of 2**31", b"\x80\x05\x96\0\0\0\x80\0\0\0\0."),
    ("bytes4_4g", "syntax", "bytes of 4 GB", b"\x80\x03B\xff\xff\xff\xff."),
    ("string4_negative", "syntax", "BINSTRING of -1", b"T\xff\xff\xff\xff."),
    ("long4_2g", "syntax", "LONG4 of 2 GB", b"\x80\x02\x8b\xff\xff\xff\x7f."),
    ("long4_negative", "syntax", "LONG4 of -1", b"\x80\x02\x8b\xff\xff\xff\xff."),
    ("opcode_ff", "syntax", "no opcode", b"\xff."),
    ("odd_setitems", "syntax", "a key without a value", b"}(K\1u."),
    ("odd_dict", "syntax", "a key without a value", b"(K\1d."),
    ("unhashable_key", "syntax", "a list as key", b"}]Ns."),
    ("missing_memo", "syntax", "memo entry 5 of none", b"h\5."),
    ("bad_utf8", "syntax", "text that is not UTF-8", b"X\2\0\0\0\xff\xfe."),
    ("underflow", "syntax", "nothing to take", b"a."),
    ("no_mark", "syntax", "no mark", b"t."),
    ("mark_fence", "syntax", "a value from below the mark", b"](N0a."),
    ("empty", "syntax", "no bytes", b""),
    ("no_stop", "syntax", "no STOP", b"N"),
    ("stop_alone", "syntax", "no value", b"."),
    ("protocol_6", "syntax", "an unknown protocol", b"\x80\6N."),
    ("out_of_band", "syntax", "NEXT_BUFFER", b"\x80\5\x97."),
    ("lost_call", "syntax", "os.system called for nothing", b"cos\nsystem\n(X\2\0\0\0ls" + b"tR0N."),
    ("digits", "limit", "an integer of 5000 digits", b"L" + b"9" * 5000 + b"L\n."),
    ("marks", "limit", "20,000 marks", b"(" * 20000 + b"N."),
]


def write(folder):
    for name, expect, value, data in REFUSALS:
        head = collections.OrderedDict()
        head["python"] = "none"
        head["protocol"] = "-"
        head["expect"] = expect
        head["value"] = value
        write_vector(os.path.join(folder, "refused_" + name), head, data)
    for name, protocol, value, data in all_pickles():
        add(folder, name, protocol, value, data)


def parts(v):
    """What an object is made of, for comparing."""
    if isinstance(v, (Plain, Old, WithInitArgs, WithNewArgs, WithNewArgsEx, WithSetter)):
        return v.__dict__
    if isinstance(v, Slots):
        return (v.a, v.b)
    if isinstance(v, BaseException):
        # Python 2 has attributes that Python 3 has not, and the reverse.
        return (v.args, getattr(v, "note", None))
    if isinstance(v, functools.partial):
        return (v.func, v.args, v.keywords)
    if type(v).__name__ == "Token":
        return (v.typeid, v.address, v.id)
    if type(v) is type("".upper):
        return (v.__self__, v.__name__)
    if isinstance(v, (MyList, MyDict)):
        return (list(v) if isinstance(v, list) else dict(v), v.__dict__)
    return None


STRINGS = (type(b""), type(text_of("")))


def raw(s):
    """Bytes and text alike: across Python 2 and 3 one can become the other."""
    if isinstance(s, type(b"")):
        return s
    return s.encode("latin-1") if all(ord(c) < 256 for c in s) else s.encode("utf-8")


def same(a, b, seen=None, loose=False):
    seen = {} if seen is None else seen
    if (id(a), id(b)) in seen:
        return True
    seen[id(a), id(b)] = (a, b)
    again = lambda x, y: same(x, y, seen, loose)
    if isinstance(a, STRINGS) and isinstance(b, STRINGS):
        return a == b and type(a) is type(b) or loose and raw(a) == raw(b)
    if type(a) is not type(b) and not set([type(a).__name__, type(b).__name__]) <= set(["int", "long"]):
        return False
    if isinstance(a, float):
        return repr(a) == repr(b)
    if isinstance(a, decimal.Decimal):
        return str(a) == str(b)
    if parts(a) is not None:
        return again(parts(a), parts(b))
    if isinstance(a, (list, tuple, collections.deque)):
        return len(a) == len(b) and all(again(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        if len(a) != len(b):
            return False
        try:
            if all(k in b for k in a):
                return all(again(a[k], b[k]) for k in a)
        except TypeError:
            pass
        return all(again(x, y) for x, y in zip(a.items(), b.items()))
    if isinstance(a, (set, frozenset)):
        return a == b or len(a) == len(b) and all(again(x, y) for x, y in zip(a, b))
    if isinstance(a, type(range(0))) and not PY2:
        return (a.start, a.stop, a.step) == (b.start, b.stop, b.step)
    if PY2 and type(a).__name__ == "xrange":
        return list(a) == list(b)
    return a == b


def check(folder):
    """Loads files; a file's name begins with the case's name, up to the first dot."""
    values = dict(cases())
    values.update((n, v) for n, v in forking() if n != "forking_method")
    bad = done = 0
    for name in sorted(os.listdir(folder)):
        case = name.split(".")[0]
        if case not in values:
            continue
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        want = values[case]
        if case == "forking_dict_keys":
            want = list(want)
        try:
            load = cPickle.loads if PY2 else pickle.loads
            got = load(data)
            ok = same(want, got, None, "loose" in name)
            note = "" if ok else "got %s" % show(got)
        except Exception as err:
            ok, note = False, "%s: %s" % (type(err).__name__, err)
        done += 1
        if not ok:
            bad += 1
            print("%s: %s" % (name, note))
    print("%s: %d checked, %d bad" % (VERSION, done, bad))
    return bad


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "check"):
        sys.exit(__doc__)
    if sys.argv[1] == "write":
        write(sys.argv[2])
    elif check(sys.argv[2]):
        sys.exit(1)
