# -*- coding: ascii -*-
"""Values that go through Go, as expressions: (name, expression). An expression that this
interpreter cannot evaluate for lack of a name, a module or a syntax of its time is left out."""
from __future__ import print_function

import array
import collections
import datetime
import decimal
import fractions
import functools
import operator
import re
import sys
import uuid

import shapes

try:
    import cPickle as pickle
except ImportError:
    import pickle
try:
    import queue
except ImportError:
    import Queue as queue
try:
    import numpy
except ImportError:
    numpy = None

from multiprocessing import managers

VALUES = [
    ("none", "None"),
    ("true", "True"),
    ("false", "False"),
    ("ints at the edges of their opcodes",
     "[0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2**31-1, 2**31, -2**31, -2**31-1]"),
    ("ints at the edges of 64 bits", "[2**63-1, 2**63, -2**63, -2**63-1, 2**64-1, 2**64]"),
    ("a big int", "[10**400, -10**400, 1 << 2040, -1 << 2039, (1 << 2040) + 1]"),
    ("floats", "[0.0, 1.5, -2.25, 1e308, 5e-324, 0.1]"),
    ("minus zero", "-0.0"),
    ("infinities", "[float('inf'), float('-inf')]"),
    ("nan", "float('nan')"),
    ("complex", "[1+2j, complex(-0.0, float('inf'))]"),
    ("empty text", "u''"),
    ("ascii text", "u'hello'"),
    ("text of 255 and 256 bytes", "[u'x' * 255, u'x' * 256]"),
    ("text beyond a frame", "[u'y' * 70000, u'after']"),
    ("text of every width", "u'a\\xe9\\u20ac\\U0001f600'"),
    ("text with control characters", "u'\\x00\\n\\r\\t\\\\u0041\\x1a\\x7f\\x80\\u2028'"),
    ("lone surrogates", "[u'\\ud800', u'a\\udcffb', u'\\udfff\\ud800']"),
    ("native text", "['', 'abc', 'quote\\' \" \\\\ \\n']"),
    ("bytes", "[b'', b'abc', b'\\x00\\xff\\n\\'\"\\\\', b'x' * 255, b'x' * 256]"),
    ("all bytes", "bytes(bytearray(range(256)))"),
    ("bytes beyond a frame", "[b'z' * 70000, b'after']"),
    ("bytearray", "[bytearray(), bytearray(b'abc\\xff'), bytearray(b'q' * 70000)]"),
    ("a bytearray used twice", "shapes.shared(bytearray(b'abc'))"),
    ("tuples", "((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),)))"),
    ("a long tuple", "tuple(range(2000))"),
    ("lists", "[[], [1], [1, 2], [[[]]], list(range(2500))]"),
    ("dicts", "[{}, {1: 2}, {'a': {'b': {}}}, dict((i, str(i)) for i in range(1500))]"),
    ("dict keys of all kinds",
     "{None: 1, True: 2, 7: 3, 2.5: 4, u'k': 5, (1, u'a'): 6, frozenset([1]): 7, 2**70: 8}"),
    ("sets", "[set(), {1, 2, 3}, {(1, 2), u'x'}, set(range(1200))]"),
    ("frozensets", "[frozenset(), frozenset([1, 2]), frozenset([frozenset([3])])]"),
    ("ellipsis", "[Ellipsis, ...]"),
    ("not implemented", "NotImplemented"),
    ("slices", "[slice(None), slice(1, 2), slice(1, None, -1), slice('a', 'b')]"),
    ("ranges", "[range(0), range(5), range(1, 10, 3), range(5, -5, -2)]"),
    ("a range beyond 64 bits", "range(2**70)"),
    ("xranges", "[xrange(5), xrange(1, 10, 3)]"),
    ("deep lists", "shapes.deep(150)"),
    ("a list in itself", "shapes.cyclic_list()"),
    ("a dict in itself", "shapes.cyclic_dict()"),
    ("a tuple in its list", "shapes.cyclic_tuple()"),
    ("an object in itself", "shapes.cyclic_object()"),
    ("an object in its set", "shapes.cyclic_set()"),
    ("a reduced object in itself", "shapes.cyclic_reduced()"),
    ("a list used three times", "shapes.shared([1])"),
    ("a dict used three times", "shapes.shared({1: 2})"),
    ("a set used three times", "shapes.shared({1, 2})"),
    ("a tuple used three times", "shapes.shared((1, [2]))"),
    ("an object used three times", "shapes.shared(shapes.Plain(1, 2))"),
    ("a string used often", "[shapes.Plain('text', 'text') for _ in range(300)]"),
    ("date", "datetime.date(2024, 2, 29)"),
    ("time", "[datetime.time(23, 59, 58, 999999), datetime.time(0)]"),
    ("datetime", "[datetime.datetime(1, 1, 1), datetime.datetime(2024, 2, 29, 13, 14, 15, 161718)]"),
    ("datetime in a fold", "datetime.datetime(2024, 10, 27, 2, 30, fold=1)"),
    ("datetime in utc", "datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)"),
    ("datetime in a zone",
     "datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone(datetime.timedelta(hours=-3), 'X'))"),
    ("timedelta",
     "[datetime.timedelta(0), datetime.timedelta(-1, 3, 5), datetime.timedelta(999999999)]"),
    ("decimal", "[decimal.Decimal('1.10'), decimal.Decimal('-Infinity'), decimal.Decimal('NaN')]"),
    ("fraction", "[fractions.Fraction(1, 3), fractions.Fraction(-7)]"),
    ("uuid", "uuid.UUID('12345678123456781234567812345678')"),
    ("ordered dict", "collections.OrderedDict([('b', 1), ('a', [2])])"),
    ("default dict", "collections.defaultdict(list, {'a': [1]})"),
    ("default dict without factory", "collections.defaultdict(None, {1: 2})"),
    ("counter", "collections.Counter('abracadabra')"),
    ("deque", "[collections.deque([1, 2, 3]), collections.deque([1], maxlen=2), collections.deque()]"),
    ("chain map", "collections.ChainMap({'a': 1}, {'b': 2})"),
    ("named tuple", "shapes.Pair(1, [2])"),
    ("enum", "[shapes.Color.red, shapes.Color.green, shapes.Color.red]"),
    ("int enum", "{shapes.Level.low: shapes.Level.high}"),
    ("flag", "[shapes.Mode.read, shapes.Mode.read | shapes.Mode.write]"),
    ("dataclass", "[shapes.Record('n', ['t']), shapes.Frozen(1)]"),
    ("array", "[array.array('i', [1, -2]), array.array('d', [1.5]), array.array('b')]"),
    ("array of bytes", "array.array('B', range(256))"),
    ("array of text", "array.array('u', u'a\\u20ac')"),
    ("partial", "functools.partial(shapes.function, 1, key=[2])"),
    ("bound method", "shapes.Plain(1, 2).method"),
    ("class method", "shapes.Plain.make"),
    ("bound built-in method", "[1, 2].append"),
    ("functions", "[shapes.function, len, operator.add]"),
    ("a method of a class", "datetime.datetime.now"),
    ("classes", "[int, dict, shapes.Plain, ValueError, Exception, set, bytearray]"),
    ("a nested class", "shapes.Outer.Inner"),
    ("type of None", "type(None)"),
    ("classes of Python 2", "[long, unicode, basestring, file]"),
    ("type of Ellipsis", "[type(Ellipsis), type(NotImplemented)]"),
    ("object()", "object()"),
    ("plain object", "shapes.Plain(1, [2])"),
    ("object without attributes", "shapes.NewArgs()"),
    ("slots", "[shapes.Slotted(1), shapes.Slotted(1, 2)]"),
    ("slots and dict", "shapes.with_attributes(shapes.SlottedAndDict(1, 2), c=3)"),
    ("state of its own", "[shapes.WithState([1]), shapes.WithState(None)]"),
    ("false state", "shapes.FalseState(1)"),
    ("new with arguments", "shapes.NewArgs(1, 'a')"),
    ("new with keywords", "shapes.NewArgsEx(1, key=[2])"),
    ("reduce with state", "shapes.Reduced(1, [2])"),
    ("items and pairs", "shapes.collector(1, [2], a=1, b=[2])"),
    ("many items", "shapes.collector(*range(1200))"),
    ("old-style object", "[shapes.OldStyle(1), shapes.OldStyle()]"),
    ("old-style object with arguments", "shapes.OldStyleArgs(1, [2])"),
    ("object of a nested class", "shapes.Outer.Inner()"),
    ("subclass of int", "[shapes.IntChild(5), shapes.IntChild(2**70)]"),
    ("subclass of float", "shapes.FloatChild(1.5)"),
    ("subclass of str", "shapes.StrChild('abc')"),
    ("subclass of unicode", "shapes.TextChild(u'a\\u20ac')"),
    ("subclass of bytes", "shapes.BytesChild(b'a\\xff')"),
    ("subclass of tuple", "shapes.with_attributes(shapes.TupleChild([1, 2]), extra=1)"),
    ("subclass of list", "shapes.with_attributes(shapes.ListChild([1, 2]), extra=1)"),
    ("subclass of dict", "shapes.with_attributes(shapes.DictChild(a=1), extra=1)"),
    ("subclass of set", "shapes.with_attributes(shapes.SetChild([1]), extra=1)"),
    ("subclass of frozenset", "shapes.FrozenSetChild([1])"),
    ("exceptions", "[ValueError('bad', 1), KeyError('k'), Exception(), StopIteration(3)]"),
    ("exception with attributes", "shapes.with_attributes(shapes.Failure('f'), code=7)"),
    ("exception with two arguments", "shapes.TwoArguments(1, [2])"),
    ("os errors", "[OSError(2, 'no such file', 'name'), IOError(5, 'io'), EnvironmentError('x')]"),
    ("unicode error", "UnicodeDecodeError('utf-8', b'\\xff', 0, 1, 'invalid start byte')"),
    ("import error", "ImportError('no', name='m', path='p')"),
    ("exception group", "ExceptionGroup('g', [ValueError(1), TypeError(2)])"),
    ("queue exceptions", "[queue.Empty(), queue.Full()]"),
    ("queue shut down", "queue.ShutDown()"),
    ("multiprocessing exceptions",
     "[managers.RemoteError('t'), managers.ProcessError('p'), managers.TimeoutError()]"),
    ("token", "managers.Token('Queue', ('127.0.0.1', 5000), '7f00')"),
    ("token of a unix server", "managers.Token('get_queue', '/tmp/socket', '7f00')"),
    ("namespace", "managers.Namespace(a=1)"),
    ("iterators", "[iter([1, 2]), iter((3,)), reversed([4, 5])]"),
    ("dict views", "[{1: 2}.keys(), {1: 2}.values(), {1: 2}.items()]"),
    ("operator objects", "[operator.itemgetter(1, 2), operator.attrgetter('a.b')]"),
    ("regular expression", "re.compile('a+b', re.I)"),
    ("numpy array", "[numpy.arange(6).reshape(2, 3), numpy.zeros(3, 'f4'), numpy.array(['a', 'bc'])]"),
    ("numpy array in Fortran order", "numpy.asfortranarray(numpy.arange(6).reshape(2, 3))"),
    ("large numpy array", "numpy.arange(20000)"),
    ("numpy scalars", "[numpy.float64(1.5), numpy.int8(-1), numpy.bool_(True)]"),
    ("structured numpy array", "numpy.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')])"),
]


def evaluate(expression):
    """(True, value), or (False, None) if this interpreter has not what the expression needs."""
    try:
        return True, eval(expression, dict(globals()))
    except (NameError, AttributeError, SyntaxError, ImportError, OverflowError):
        return False, None
    except TypeError as e:
        # Arguments that came later: datetime(fold=), ImportError(name=).
        if "keyword" in str(e):
            return False, None
        raise
