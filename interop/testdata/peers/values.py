"""What this Python does with values, asked in batches. Requests:

  {"op": "pairs", "seed": 1, "count": 100}     pairs of values, many of them nearly equal
  {"op": "sorts", "seed": 1, "count": 100}     lists, and where sorted() puts their elements
  {"op": "slices", "seed": 1, "count": 100}    slices and indices of sequences

Each case has the pickles of its values and a text for each question: what repr() says of the
answer, or the exception's class and text.
"""
import array
import collections
import copy
import datetime
import decimal
import fractions
import operator
import pickle
import random
import struct
import sys
import uuid
import warnings

import peer

try:
    import pathlib
except ImportError:
    pathlib = None

warnings.simplefilter("ignore")  # the type code "u" is on its way out of Python, comparisons in 2.7

# 2.7 multiplies the huge ones out.
HUGE = [] if peer.PY2 else ["sNaN", "1E+5000", "3E+999999", "3E-999999"]
ERRORS = (TypeError, ValueError, ArithmeticError, IndexError, MemoryError, RuntimeError)
EXCEPTIONS = [ValueError, KeyError, OSError, Exception, StopIteration, ZeroDivisionError]
if not peer.PY2:
    unichr, long = chr, int
CHARACTERS = [
    0x27, 0x22, 0x5C, 0x0A, 0x09, 0x00, 0x20, 0x41, 0x61, 0x7E, 0x7F, 0x80, 0xA0, 0xAD, 0xDF, 0xE9,
    0xFF, 0x100, 0x301, 0x378, 0x600, 0x200B, 0x2028, 0x20AC, 0x3000, 0xD800, 0xDFFF, 0xE000,
    0xFEFF, 0xFFFD, 0xFFFE,
]
WIDE = CHARACTERS + [0x10000, 0x1F600, 0xE0001, 0xF0000, 0x10FFFF, 0x2FFFF]


class Maker(object):
    def __init__(self, seed):
        self.r = random.Random(seed)

    def value(self, depth=2):
        if depth == 0 or self.r.random() < 0.5:
            return self.r.choice(LEAVES)(self)
        return self.r.choice(CONTAINERS)(self, depth - 1)

    def few(self):
        return range(self.r.choice([0, 1, 1, 1, 2, 2, 3, 5]))

    def key(self):
        while True:
            v = self.value(1)
            try:
                hash(v)
                return v
            except ERRORS:
                pass

    def integer(self):
        if self.r.random() < 0.6:
            return self.r.randrange(-3, 4)
        n = 1 << self.r.choice([7, 31, 32, 53, 54, 62, 63, 64, 100, 1023, 1024])
        return self.r.choice([1, -1]) * (n + self.r.randrange(-1, 2))

    def floating(self):
        x = struct.unpack(">d", struct.pack(">Q", self.r.getrandbits(64)))[0]
        return self.r.choice([
            0.0, -0.0, 1.0, 0.5, -1.5, 2.0, 0.1, 1e16, 1e15, 123456789012345680.0, 1e22, 1e23,
            1e-4, 1e-5, 5e-324, 1.7976931348623157e308, 2.0 ** 53, 2.0 ** 63, -2.0 ** 63, 2.0 ** 64,
            1e100, 100.0, float("inf"), float("-inf"), float("nan"), x, self.r.random(),
            float(self.r.randrange(99))])

    def text(self):
        points = CHARACTERS if sys.maxunicode < 0x10000 else WIDE
        if self.r.random() < 0.6:
            points = [0x61, 0x62, 0x27]
        return u"".join(unichr(self.r.choice(points)) for _ in self.few())

    def binary(self):
        if self.r.random() < 0.6:
            return b"ab'"[:self.r.randrange(4)]
        return bytes(bytearray(self.r.choice(CHARACTERS) & 255 for _ in self.few()))

    def decimal(self):
        return decimal.Decimal(self.r.choice([
            "0", "-0", "0.0", "1", "1.0", "1.50", "-1.5", "0.1", "1E+3", "1E-7", "1E+400",
            "1E-400", "2", "9007199254740993", "0.5", "NaN", "-NaN", "NaN123", "Infinity",
            "-Infinity", "0E+3", "0E-9", "1E+22", "9223372036854775808", "12.30E+5",
            str(self.integer())] + HUGE))

    def fraction(self):
        n, d = self.r.choice([(0, 1), (1, 1), (1, 2), (-3, 2), (1, 3), (1, 10), (2, 1),
                              (2 ** 70, 3), (2 ** 64, 1), (self.integer(), 7)])
        return fractions.Fraction(n, d)

    def delta(self):
        return datetime.timedelta(
            self.r.choice([0, 0, 1, -1, 2, 999999999]), self.r.choice([0, 0, 1, 60, 3661, 86399]),
            self.r.choice([0, 0, 1, 500000]))

    def zone(self):
        if peer.PY2 or self.r.random() < 0.5:
            return None
        utc = datetime.timezone.utc
        offsets = [(0, 3600), (0, 0), (-1, 43200), (0, 5400), (0, 59)]
        offsets += [(0, 60, 5)] if sys.version_info >= (3, 7) else []
        delta = datetime.timedelta(*self.r.choice(offsets))
        if delta.seconds % 60 and sys.version_info < (3, 7):
            delta = datetime.timedelta(hours=2)
        return self.r.choice([utc, datetime.timezone(delta), datetime.timezone(delta, self.text())])

    def moment(self):
        return datetime.datetime(
            self.r.choice([1, 1999, 2026, 9999]), self.r.randrange(1, 13), self.r.randrange(2, 28),
            self.r.choice([0, 0, 1, 23]), self.r.choice([0, 0, 59]), self.r.choice([0, 0, 7]),
            self.r.choice([0, 0, 1, 250000]), self.zone(), **self.fold())

    def fold(self):
        return {"fold": 1} if not peer.PY2 and self.r.random() < 0.1 else {}

    def time(self):
        t = self.moment()
        return t.timetz() if self.r.random() < 0.5 else t.time()

    def array(self):
        code = self.r.choice("bBhHiIlLfdqQ" if not peer.PY2 else "bBhHiIlLfd")
        if self.r.random() < 0.1:
            return array.array("u", u"ab'" * self.r.randrange(2))
        if code in "fd":
            floats = [0.0, -0.0, 1.5, 0.1, 1.0]
            return array.array(code, [self.r.choice(floats) for _ in self.few()])
        return array.array(code, [self.r.randrange(0, 100) for _ in self.few()])

    def span(self):
        a, b = self.r.choice([0, 0, 1, -2, 2 ** 70]), self.r.choice([0, 1, 3, 5, -3])
        try:
            kind = range if not peer.PY2 else xrange  # noqa: F821
            return kind(a, a + b, self.r.choice([1, 1, 2, -1, 3]))
        except OverflowError:
            return None

    def slice(self):
        part = [None, None, 0, 1, -1, 2, 5, True, "x", 1.0, 2 ** 70, -2 ** 70]
        part += [2 ** 63 - 1, -2 ** 63, 3, -3]
        return slice(self.r.choice(part), self.r.choice(part), self.r.choice(part))

    def error(self, depth):
        cls = self.r.choice(EXCEPTIONS)
        if cls is OSError:
            return OSError(*[2, "no", u"file's", None, "other"][:self.r.randrange(6)])
        return cls(*[self.value(depth) for _ in self.few()])

    def counter(self):
        counts = dict((self.key(), self.r.choice([0, 1, 1, 2, 3, -1])) for _ in self.few())
        return collections.Counter(counts)

    def items(self, depth):
        return [(self.key(), self.value(depth)) for _ in self.few()]

    def path(self):
        if pathlib is None:
            return None
        return pathlib.PurePosixPath(
            self.r.choice(["", "/", "a", "a/b", "//x", "a//b/.", "..", "/a/../b", "a-b", "a/B"]))

    def near(self, v):
        """A value that differs a little, or in its type alone, or not at all."""
        if self.r.random() < 0.25:
            return copy.deepcopy(v)
        for kinds, changes in CHANGES:
            if isinstance(v, kinds):
                try:
                    return self.r.choice(changes)(self, v)
                except ERRORS:
                    return v
        return v

    def near_item(self, items):
        """The same elements but one."""
        items = list(items)
        if items:
            i = self.r.randrange(len(items))
            items[i] = self.near(items[i])
        return items

    def near_dict(self, d):
        items = list(d.items())
        if items:
            i = self.r.randrange(len(items))
            items[i] = (items[i][0], self.near(items[i][1]))
        return items


LEAVES = [
    Maker.integer, Maker.integer, Maker.floating, Maker.floating, Maker.text, Maker.text,
    Maker.binary,
    Maker.decimal, Maker.fraction, Maker.delta, Maker.moment, Maker.time, Maker.zone, Maker.array,
    Maker.span, Maker.slice, Maker.counter, Maker.path,
    lambda m: None,
    lambda m: m.r.random() < 0.5,
    lambda m: complex(m.floating(), m.floating()),
    lambda m: complex(m.integer() % 3, 0),
    lambda m: bytearray(m.binary()),
    lambda m: m.moment().date(),
    lambda m: uuid.UUID(int=m.r.choice([0, 1, 2 ** 128 - 1, 0x12345678 << 90])),
    lambda m: m.r.choice([Ellipsis, NotImplemented]),
    lambda m: m.r.choice([int, str, len, collections.OrderedDict, ValueError, datetime.date]),
    lambda m: "native" * m.r.choice([0, 1, 2]),
]
CONTAINERS = [
    lambda m, d: [m.value(d) for _ in m.few()],
    lambda m, d: [m.value(d) for _ in m.few()],
    lambda m, d: tuple([m.value(d) for _ in m.few()]),
    lambda m, d: tuple([m.value(d) for _ in m.few()]),
    lambda m, d: dict(m.items(d)),
    lambda m, d: dict(m.items(d)),
    lambda m, d: set(m.key() for _ in m.few()),
    lambda m, d: frozenset(m.key() for _ in m.few()),
    lambda m, d: frozenset(m.integer() for _ in m.few()),
    lambda m, d: collections.OrderedDict(m.items(d)),
    lambda m, d: collections.defaultdict(m.r.choice([None, int, list]), m.items(d)),
    lambda m, d: collections.deque([m.value(d) for _ in m.few()], m.r.choice([None, None, 2, 9])),
    lambda m, d: m.error(d),
    lambda m, d: m.cyclic(d),
]
if not peer.PY2:
    import types

    CONTAINERS.append(lambda m, d: types.SimpleNamespace(a=m.value(d)))


def cyclic(m, depth):
    x = [m.value(depth)]
    inner = m.r.choice([lambda: x, lambda: (x,), lambda: {1: x}, lambda: collections.deque([x])])
    x.append(inner())
    return x


def short(d):
    if d.is_finite() and abs(d.adjusted()) > 1000:
        raise ValueError("takes long")
    return d


Maker.cyclic = cyclic
CHANGES = [
    (bool, [lambda m, v: int(v), lambda m, v: float(v), lambda m, v: not v]),
    ((int, long), [
        lambda m, v: float(v), lambda m, v: v + 1, lambda m, v: decimal.Decimal(v),
        lambda m, v: fractions.Fraction(v), lambda m, v: complex(v), lambda m, v: -v,
        lambda m, v: decimal.Decimal(v) / 10, lambda m, v: float(v) + 0.5]),
    (float, [
        lambda m, v: int(v), lambda m, v: -v, lambda m, v: decimal.Decimal(v),
        lambda m, v: complex(v),
        lambda m, v: fractions.Fraction(v), lambda m, v: decimal.Decimal(repr(v)),
        lambda m, v: v * 2]),
    (complex,
        [lambda m, v: v.real, lambda m, v: v.conjugate(), lambda m, v: complex(-v.real, v.imag)]),
    (decimal.Decimal, [
        lambda m, v: float(v), lambda m, v: int(short(v)),
        lambda m, v: fractions.Fraction(short(v)),
        lambda m, v: -v, lambda m, v: v.normalize(), lambda m, v: v + 1]),
    (fractions.Fraction,
        [lambda m, v: float(v), lambda m, v: int(v), lambda m, v: -v, lambda m, v: 1 / v]),
    (type(u""), [
        lambda m, v: v + u"a", lambda m, v: v.encode("utf-8"), lambda m, v: v[:-1],
        lambda m, v: m.text(),
        lambda m, v: (v,)]),
    (bytes,
        [lambda m, v: bytearray(v), lambda m, v: v + b"a", lambda m, v: v[:-1], lambda m, v: [v]]),
    (bytearray, [lambda m, v: bytes(v), lambda m, v: v + b"a"]),
    (list, [
        lambda m, v: tuple(v), lambda m, v: m.near_item(v), lambda m, v: m.near_item(v),
        lambda m, v: v[:-1],
        lambda m, v: collections.deque(v), lambda m, v: v + [1]]),
    (tuple, [
        lambda m, v: list(v), lambda m, v: tuple(m.near_item(v)),
        lambda m, v: tuple(m.near_item(v)),
        lambda m, v: v[:-1], lambda m, v: v + (1,)]),
    (collections.deque, [
        lambda m, v: list(v), lambda m, v: collections.deque(m.near_item(v), v.maxlen),
        lambda m, v: collections.deque(v)]),
    ((set, frozenset), [
        lambda m, v: frozenset(v), lambda m, v: set(v), lambda m, v: v | frozenset([m.key()]),
        lambda m, v: frozenset(list(v)[1:]), lambda m, v: set(m.near_item(v))]),
    (collections.Counter, [
        lambda m, v: dict(v), lambda m, v: collections.Counter(dict(m.near_dict(v))),
        lambda m, v: v + collections.Counter([m.key()]), lambda m, v: collections.OrderedDict(v)]),
    (collections.OrderedDict, [
        lambda m, v: dict(v), lambda m, v: collections.OrderedDict(m.near_dict(v)),
        lambda m, v: collections.OrderedDict(reversed(list(v.items()))),
        lambda m, v: collections.defaultdict(None, v)]),
    (dict, [
        lambda m, v: dict(m.near_dict(v)), lambda m, v: collections.OrderedDict(v),
        lambda m, v: dict(reversed(list(v.items()))), lambda m, v: list(v.items()),
        lambda m, v: collections.defaultdict(int, v)]),
    (datetime.datetime, [
        lambda m, v: v + datetime.timedelta(0, 0, 1), lambda m, v: v.replace(tzinfo=m.zone()),
        lambda m, v: v.date(), lambda m, v: v.astimezone(datetime.timezone.utc),
        lambda m, v: v.replace(fold=1)]),
    (datetime.date, [
        lambda m, v: v + datetime.timedelta(1),
        lambda m, v: datetime.datetime(v.year, v.month, v.day)]),
    (datetime.time,
        [lambda m, v: v.replace(tzinfo=m.zone()), lambda m, v: v.replace(microsecond=5)]),
    (datetime.timedelta,
        [lambda m, v: -v, lambda m, v: v * 2, lambda m, v: v + datetime.timedelta(0, 1)]),
    (array.array, [
        lambda m, v: array.array("d", v), lambda m, v: v.tolist(), lambda m, v: v[:-1],
        lambda m, v: array.array("q", v)]),
    (type(NotImplemented), [lambda m, v: v]),
    ((type(Ellipsis), type(None)), [lambda m, v: v, lambda m, v: 0]),
    (slice, [
        lambda m, v: slice(v.start, v.stop, 1), lambda m, v: (v.start, v.stop, v.step),
        lambda m, v: slice(0, v.stop, v.step)]),
    (range if not peer.PY2 else type(None), [
        lambda m, v: range(v.start, v.stop + 1, v.step), lambda m, v: list(v),
        lambda m, v: range(v.start, v.stop - 1, v.step)]),
    (object, [lambda m, v: m.value(1), lambda m, v: v]),
]


def answer(question, *args):
    try:
        return repr(question(*args))
    except ERRORS as e:
        return problem(e)


def plain(question, *args):
    """As answer(), for what is text already."""
    try:
        return question(*args)
    except ERRORS as e:
        return problem(e)


def problem(e):
    name = type(e).__name__
    if isinstance(e, RuntimeError):
        return name  # the text says where the recursion was noticed
    return "%s: %s" % (name, e) if str(e) else name


class Features(object):
    """What in a value makes some questions meaningless."""

    def __init__(self):
        self.found = set()
        self.seen = set()

    def walk(self, v):
        if id(v) in self.seen:
            return self.found
        self.seen.add(id(v))
        if isinstance(v, BaseException):
            self.found.add("exception")
            self.all(v.args)
        elif isinstance(v, (set, frozenset)):
            if len(v) > 1:
                self.found.add("unordered")
            self.all(v)
        elif isinstance(v, dict):
            ordered = sys.version_info >= (3, 6) or isinstance(v, collections.OrderedDict)
            if len(v) > 1 and not ordered:
                self.found.add("unordered")
            if isinstance(v, collections.Counter):
                self.found.add("Counter")
            self.all(v.keys())
            self.all(v.values())
        elif isinstance(v, (list, tuple, collections.deque)):
            self.all(v)
        elif isinstance(v, (array.array, bytearray)):
            self.found.add(type(v).__name__)
        elif isinstance(v, slice):
            self.found.add("slice")
            self.all((v.start, v.stop, v.step))
        elif type(v).__name__ == "SimpleNamespace":
            self.all(v.__dict__.values())
        elif peer.PY2 and isinstance(v, long) and -2 ** 63 <= v < 2 ** 63:
            self.found.add("short long")
        return self.found

    def all(self, vs):
        for v in vs:
            self.walk(v)


COMPARISONS = [
    ("==", operator.eq), ("!=", operator.ne), ("<", operator.lt), ("<=", operator.le),
    (">", operator.gt), (">=", operator.ge),
]


def pair(seed):
    maker = Maker(seed)
    while True:
        try:
            a = maker.value(3)
            b = maker.near(a) if maker.r.random() < 0.8 else maker.value(3)
            if maker.r.random() < 0.5:
                a, b = b, a
            docs = [pickle.dumps(v, pickle.HIGHEST_PROTOCOL) for v in (a, b)]
            a, b = [pickle.loads(doc) for doc in docs]  # nothing in a is an object in b
            break
        except (ERRORS + (AttributeError, pickle.PicklingError)):
            pass  # an exception that cannot be made again, a slice of 2.7, ...
    features = Features().walk(a) | Features().walk(b)
    answers = {"repr": plain(repr, a)}
    try:
        answers["str"] = str(a)
    except UnicodeError:
        pass  # 2.7 encodes as ASCII
    except ERRORS as e:
        answers["str"] = problem(e)
    if not peer.PY2:
        answers.update(compared(a, b))
    return case(docs, sorted(features), answers)


def compared(a, b):
    """What package values has no style of Python 2 for."""
    answers = {
        "bool": answer(bool, a),
        "hash": answer(lambda: [hash(a)] and None),
        "in": answer(lambda: a in {b: 1}),
        "in set": answer(lambda: a in set([b])),
        "list": answer(lambda: list(a)),
    }
    for name, compare in COMPARISONS:
        answers[name] = answer(compare, a, b)
    return answers


def case(docs, features, answers):
    if peer.PY2:
        answers = dict((k, v.decode("latin-1")) for k, v in answers.items())
    else:
        answers = dict((k, v.encode("utf-8", "surrogatepass").decode("latin-1"))
                       for k, v in answers.items())
    return {"pickles": [peer.to_base64(d) for d in docs], "features": features, "answers": answers}


SORTABLE = [
    lambda m: m.r.randrange(8),
    lambda m: m.text(),
    lambda m: m.binary(),
    lambda m: (m.r.randrange(2), m.r.choice([1, 1.0, True, 2])),
    lambda m: [m.r.randrange(3) for _ in m.few()],
    lambda m: m.fraction(),
    lambda m: m.delta(),
    lambda m: m.moment().date(),
    lambda m: m.r.choice([m.integer(), m.fraction(), 1, 2.5]),
    # These have no total order.
    lambda m: m.r.choice([m.integer(), m.floating(), m.r.random() < 0.5]),
    lambda m: m.floating(),
    lambda m: frozenset(m.r.randrange(4) for _ in m.few()),
    lambda m: m.value(1),
    lambda m: m.r.choice([1, 2, 3, "x", None]) if m.r.random() < 0.1 else m.integer(),
]


def sort(seed):
    maker = Maker(seed)
    kind = maker.r.randrange(len(SORTABLE))
    one = SORTABLE[kind]
    size = maker.r.choice([0, 1, 2, 3, 5, 10, 31, 32, 33, 63, 64, 65, 100, 200])
    while True:
        try:
            vs = [one(maker) for _ in range(size)]
            if maker.r.random() < 0.3:
                vs.sort(key=lambda v: repr(v))
            doc = pickle.dumps(vs, pickle.HIGHEST_PROTOCOL)
            vs = pickle.loads(doc)
            break
        except (ERRORS + (AttributeError, pickle.PicklingError)):
            pass
    answers = {}
    for name, reverse in ("ascending", False), ("descending", True):
        answers[name] = answer(lambda: sorted(range(len(vs)), key=vs.__getitem__, reverse=reverse))
    features = Features().walk(vs)
    if kind >= len(SORTABLE) - 5:
        features.add("without total order")
    if size > 63:
        features.add("long")
    return case([doc], sorted(features), answers)


def slices(seed):
    maker = Maker(seed)
    n = maker.r.choice([0, 1, 2, 3, 5, 10])
    s = maker.slice()
    if maker.r.random() < 0.5:
        part = lambda: maker.r.choice([None, maker.r.randrange(-12, 12)])  # noqa: E731
        s = slice(part(), part(), part())
    v = maker.r.choice([maker.integer(), maker.value(1)])
    docs = [pickle.dumps(x, pickle.HIGHEST_PROTOCOL) for x in ((s.start, s.stop, s.step), n, v)]
    answers = {"slice": answer(lambda: list(range(n))[s]), "pop": answer(popped, v)}
    for name, container in SEQUENCES:
        if not isinstance(v, slice):
            answers[name] = answer(indexed, container, v)
    return case(docs, [], answers)


SEQUENCES = [
    ("list", []), ("tuple", ()), ("byte", b""), ("string", ""), ("bytearray", bytearray()),
    ("array", array.array("i")),
]


def indexed(container, v):
    """The index, where the sequence finds it too large and no more."""
    try:
        container[v]
    except IndexError as e:
        if "cannot fit" in str(e):
            raise
    return int(operator.index(v))


def popped(v):
    try:
        [].pop(v)
    except IndexError:
        return int(operator.index(v))


CASES = {"pairs": pair, "sorts": sort, "slices": slices}


def run(request):
    make, seed = CASES[request["op"]], request["seed"]
    return [make("%s %d" % (request["op"], n)) for n in range(seed, seed + request["count"])]


peer.ready()
peer.serve(run)
