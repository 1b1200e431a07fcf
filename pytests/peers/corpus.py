"""Values that cross between versions, and how a reader knows them again."""
import array
import collections
import datetime
import decimal
import fractions
import functools
import sys
import uuid

import things

PY2 = sys.version_info[0] == 2

selfref = []
selfref.append(selfref)
shared = [1]

VALUES = {
    'none': None, 'true': True, 'false': False,
    'ints': [0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, -2**31, 2**31, 2**63, -2**63, 2**200],
    'floats': [0.0, 1.5, -1e300, float('inf'), float('-inf')],
    'complex': complex(1, -2),
    'text': u'a\xe9\u20ac\U0001f600\x00 end',
    'long text': u'x' * 70000,
    'bytes': b'ab\xff\x00',
    'bytearray': bytearray(b'ab\xff'),
    'tuples': ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
    'list': [1, [2, [3, []]]],
    'dict': {u'k': 1, 2: u'v', (1, 2): None},
    'set': set([1, 2, 3]), 'frozenset': frozenset([1, (2, 3)]),
    'shared': [shared, shared],
    'datetime': datetime.datetime(2026, 11, 21, 1, 2, 3, 456789),
    'date': datetime.date(2026, 11, 21), 'time': datetime.time(1, 2, 3),
    'timedelta': datetime.timedelta(1, 2, 3),
    'decimal': decimal.Decimal('1.50'), 'fraction': fractions.Fraction(3, 4),
    'uuid': uuid.UUID(int=12345678901234567890),
    'ordered': collections.OrderedDict([(u'b', 1), (u'a', 2)]),
    'default': collections.defaultdict(list, {u'a': [1]}),
    'deque': collections.deque([1, 2, 3]),
    'counter': collections.Counter([1, 1, 2]),
    'point': things.Point(1, 2), 'thing': things.Thing(u'x', [1]),
    'many': [things.Thing(n, None) for n in range(100)],
    'big list': list(range(5000)),
}


# What Python 2 has not, or cannot pickle; a dataclass needs 3.7.
MODERN = {}
if not PY2:
    MODERN = {
        'ellipsis': Ellipsis, 'not implemented': NotImplemented, 'slice': slice(1, None, 2),
        'range': range(1, 10, 3), 'enum': things.Colour.BLUE, 'bound method': 'abc'.upper,
        'class': things.Thing, 'bytes with a frame': b'z' * 70000, 'none type': type(None),
    }


def same(name, got, writer2):
    """Whether a reader finds the value equal, in a world where 2.7 is among the writers."""
    want = VALUES[name] if name in VALUES else MODERN[name]
    if name == 'bound method':
        return got() == 'ABC'
    if type(got) is not type(want) and not (PY2 or writer2):
        return False
    return got == want


def special(out):
    """Values without an equality of their own; returns name -> value and name -> check."""
    err = ValueError(u'text', 1)
    values = {
        'selfref': selfref, 'nan': float('nan'), 'negative zero': -0.0, 'error': err,
        'array': array.array('i', [1, -2]), 'partial': functools.partial(int, u'7'),
    }
    checks = {
        'selfref': lambda v: v[0] is v, 'nan': lambda v: v != v,
        'negative zero': lambda v: str(v) == '-0.0',
        'error': lambda v: type(v) is ValueError and list(v.args) == [u'text', 1],
        'array': lambda v: v.tolist() == [1, -2], 'partial': lambda v: v() == 7,
    }
    return values, checks
