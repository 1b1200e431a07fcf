"""Values of every kind that is spelled in JSON: puts made-up ones, or checks that they came back.

kinds.py ADDRESS put|check SEED COUNT
"""
from __future__ import print_function

import array
import collections
import datetime
import decimal
import fractions
import json
import random
import sys
import uuid
from multiprocessing.managers import BaseManager

PY3 = sys.version_info[0] == 3

if PY3:
    import pathlib
    unichr, unicode, long = chr, str, int

try:
    import zoneinfo
    BERLIN = zoneinfo.ZoneInfo('Europe/Berlin')
except (ImportError, KeyError):
    zoneinfo = None


class Manager(BaseManager):
    pass


Manager.register('kinds')


class Maker(object):
    """Makes values of a seed, the same each time."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.leaves = [getattr(self, n) for n in sorted(dir(self)) if n.startswith('leaf_')]
        self.keys = [self.leaf_int, self.leaf_text, self.leaf_bytes, self.leaf_uuid, self.leaf_bool,
                     self.leaf_decimal, self.leaf_date]
        self.nests = [getattr(self, n) for n in sorted(dir(self)) if n.startswith('nest_')]

    def value(self, depth=3):
        if depth and self.r.random() < 0.6:
            return self.r.choice(self.nests)(depth - 1)
        return self.r.choice(self.leaves)()

    def some(self, depth):
        return [self.value(depth) for _ in range(self.r.randrange(4))]

    def key(self):
        if self.r.random() < 0.3:
            return tuple(self.r.choice(self.keys)() for _ in range(self.r.randrange(3)))
        return self.r.choice(self.keys)()

    def leaf_none(self):
        return None

    def leaf_bool(self):
        return self.r.random() < 0.5

    def leaf_int(self):
        return self.r.choice([0, 1, -1, 2 ** 31, -2 ** 63, 2 ** 64, 10 ** 50, -7 ** 5000])

    def leaf_float(self):
        return self.r.choice([0.0, -0.0, 1.0, -2.5, 1e300, 5e-324, 0.1, float('inf'), float('nan')])

    def leaf_complex(self):
        return complex(self.r.choice([0.0, -1.5]), self.r.choice([2.0, float('inf')]))

    def leaf_text(self):
        letters = [u'a', u'"', u'\\', u'\0', u'\n', u'\x7f', u'\x9b', u'\xe4', u'\u2028', u'\u20ac', u'\u202e',
                   u'__class__']
        letters += [u'\U0001f600', u'\udc80' if PY3 else u'b']
        return u''.join(self.r.choice(letters) for _ in range(self.r.randrange(5)))

    def leaf_bytes(self):
        return bytes(bytearray(self.r.randrange(256) for _ in range(self.r.randrange(1, 4)))) + b'\xff'

    def leaf_bytearray(self):
        return bytearray(self.leaf_bytes())

    def leaf_decimal(self):
        return decimal.Decimal(self.r.choice(['1.10', '-0', 'Infinity', '1E+400', '0.1', '-12345678901234567890.5']))

    def leaf_fraction(self):
        return fractions.Fraction(self.r.randrange(-9, 9), self.r.randrange(1, 9))

    def leaf_uuid(self):
        return uuid.UUID(int=self.r.getrandbits(128))

    def leaf_date(self):
        return datetime.date(self.r.randrange(1, 9999), self.r.randrange(1, 13), self.r.randrange(1, 29))

    def zone(self):
        if not PY3 or self.r.random() < 0.4:
            return None
        offset = datetime.timedelta(minutes=self.r.choice([0, 60, -210, 1439, -1439, 570]))
        if sys.version_info >= (3, 7):
            offset += datetime.timedelta(0, self.r.choice([0, 0, 59]), self.r.choice([0, 0, 17]))
        zones = [datetime.timezone(offset), datetime.timezone.utc, datetime.timezone(offset, 'here')]
        return self.r.choice(zones + ([BERLIN] if zoneinfo else []))

    def leaf_time(self):
        t = datetime.time(self.r.randrange(24), 59, self.r.randrange(60), self.r.choice([0, 1, 999999]), self.zone())
        if sys.version_info < (3, 8):  # which pickle in protocol 3, and that has no fold
            return t
        return t.replace(fold=self.r.randrange(2))

    def leaf_datetime(self):
        return datetime.datetime.combine(self.leaf_date(), self.leaf_time())

    def leaf_timedelta(self):
        return datetime.timedelta(self.r.randrange(-999, 999), self.r.randrange(86400), self.r.choice([0, 7]))

    def leaf_timezone(self):
        return self.zone()

    def leaf_array(self):
        return array.array(str(self.r.choice('bBhHiId')), [1, 0, 3])

    def leaf_path(self):
        if not PY3:
            return None
        kinds = [pathlib.PurePosixPath, pathlib.PosixPath, pathlib.PureWindowsPath]
        return self.r.choice(kinds)(self.r.choice(['.', '/', '/etc/hosts', 'a/b', '//x/y', 'C:/x/y', 'C:x', '..']))

    def leaf_range(self):
        return range(self.r.randrange(9), 2 ** 70, 3) if PY3 else xrange(1, 10, 3)  # noqa: F821

    def leaf_slice(self):
        return slice(1, None, self.r.choice([None, -1])) if PY3 else None

    def leaf_ellipsis(self):
        return Ellipsis if PY3 else None

    def leaf_exception(self):
        kinds = [ValueError, KeyError, OSError, ZeroDivisionError, StopIteration]
        return self.r.choice(kinds)(*[self.r.choice([1, u'text']) for _ in range(self.r.randrange(3))])

    def leaf_class(self):
        return self.r.choice([ValueError, int, collections.OrderedDict, decimal.Decimal])

    def nest_list(self, depth):
        return self.some(depth)

    def nest_tuple(self, depth):
        return tuple(self.some(depth))

    def nest_dict(self, depth):
        return dict((self.leaf_text(), v) for v in self.some(depth))

    def nest_dict_of_keys(self, depth):
        return dict((self.key(), v) for v in self.some(depth))

    def nest_ordered(self, depth):
        return collections.OrderedDict((self.key(), v) for v in self.some(depth))

    def nest_defaultdict(self, depth):
        return collections.defaultdict(self.r.choice([list, int, None]), self.nest_dict_of_keys(depth))

    def nest_counter(self, depth):
        return collections.Counter(self.key() for _ in range(3))

    def nest_deque(self, depth):
        return collections.deque(self.some(depth), self.r.choice([None, 5]))

    def nest_set(self, depth):
        return set(self.key() for _ in range(3))

    def nest_frozenset(self, depth):
        return frozenset([frozenset([self.key()]), self.key()])

    def nest_shared(self, depth):
        v = self.value(depth)
        return [v, v]


def shape(v):
    """What tells a value from others of another type or content. ASCII text of Python 2 is unicode."""
    name = type(v).__name__
    if not PY3 and isinstance(v, str) and all(c < '\x80' for c in v):
        v, name = unicode(v), 'unicode'
    if not PY3 and isinstance(v, long):
        v, name = int(v), 'int'  # which is a long only where it has to be
    if isinstance(v, collections.deque):
        return [name, v.maxlen, [shape(x) for x in v]]
    if isinstance(v, collections.defaultdict):
        return [name, repr(v.default_factory), pairs(v)]
    if isinstance(v, dict):
        return [name, pairs(v)]
    if isinstance(v, (set, frozenset)):
        return [name, sorted((shape(x) for x in v), key=repr)]
    if isinstance(v, (list, tuple)):
        return [name, [shape(x) for x in v]]
    if isinstance(v, BaseException):
        return [name, [shape(x) for x in v.args]]
    if isinstance(v, datetime.datetime) or isinstance(v, datetime.time):
        return [name, repr(v), repr(v.tzinfo), getattr(v, 'fold', 0)]
    return [name, repr(v)]


def pairs(d):
    return sorted(([shape(k), shape(v)] for k, v in d.items()), key=repr)


def main(address, what, seed, count):
    host, port = address.rsplit(':', 1)
    manager = Manager((host, int(port)), authkey=b'secret key')
    manager.connect()
    queue = manager.kinds()
    maker = Maker(int(seed))
    wrong = []
    for _ in range(int(count)):
        value = maker.value()
        if what == 'put':
            queue.put(value)
            continue
        back = queue.get_nowait()
        if shape(back) != shape(value):
            wrong.append([repr(value), repr(back)])
    print(json.dumps(wrong))


if __name__ == '__main__':
    if hasattr(sys, 'set_int_max_str_digits'):
        sys.set_int_max_str_digits(0)
    main(*sys.argv[1:])
