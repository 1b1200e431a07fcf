# -*- coding: utf-8 -*-
"""Keys and elements that equal others of another class, in a dict and a list of the server.

What is right is what this interpreter's own dict and list make of copies that were pickled. numpy, pandas, pytz and
dateutil take part where the folder that has them is given after the address.
"""
import collections
import datetime
import decimal
import fractions
import os
import pickle
import sys
import time
import uuid
import warnings

from multiprocessing.managers import DictProxy, ListProxy

from base import Manager, answer, connect

PACKAGES = sys.argv[2:]
sys.path[:0] = PACKAGES
warnings.simplefilter('ignore')


class Number(int):
    """A subclass with nothing of its own."""


class Word(str):
    """The same of a text."""


class Real(float):
    """The same of a float."""


class Several(tuple):
    """The same of a tuple."""


class Raw(bytes):
    """The same of bytes."""


class Tags(frozenset):
    """The same of a frozenset."""


Pair = collections.namedtuple('Pair', 'a b')

IMPORTS = '''
import http, signal
import re, socket, ssl
import pathlib
import urllib.parse
import calendar, inspect
from datetime import timezone as tz; utc = tz.utc
from zoneinfo import ZoneInfo; ZoneInfo('Europe/Berlin'); ZoneInfo('Europe/Paris')
import numpy as np
import pandas as pd
import pytz
import dateutil.tz
import array
'''

# Each line is of values that are equal to each other or to others.
EQUAL = '''
0; False; 0.0; -0.0; Decimal(0); Decimal('-0'); Fraction(0); complex(0, -0.0); TD(0)
1; True; 1.0; complex(1, 0); Decimal(1); Decimal('1.0'); Fraction(1); Number(1); Real(1)
2; 0.1; 0.5; 1.5; 1j; complex(1, 2); Decimal('0.1'); Decimal('0.5'); Decimal(0.1); Fraction(1, 10); Fraction(1, 2); Real(0.5)
2 ** 53; 2 ** 53 + 1; float(2 ** 53); Decimal(2) ** 53; 2 ** 63; -2 ** 63; 2 ** 64; float(2 ** 64); 10 ** 30; 1e30; int(1e30); 10 ** 400; Decimal('1E+400')
float('inf'); float('-inf'); Decimal('inf'); float('nan'); Decimal('nan'); (float('nan'),); frozenset([float('nan')])
''; 's'; u's'; b's'; b''; u'\\xe9'; Word('s'); Raw(b's'); bytearray(b's'); collections.UserString('s'); '1'; collections.UserString('t'); 't'
(); (1, 2); (1.0, 2); (Decimal(1), Number(2)); Pair(1, 2); Several((1, 2)); os.terminal_size((1, 2)); ((1, 2),); (Pair(1, 2),)
frozenset([1]); frozenset([1.0]); frozenset([Decimal(1)]); frozenset([(1, 2)]); frozenset([Pair(1, 2)]); frozenset(); Tags([1]); Tags([2, 1]); frozenset([1.0, 2]); (Tags([1]),); (frozenset([1]),)
time.gmtime(0); tuple(time.gmtime(0)); os.stat_result(range(10)); tuple(range(10)); decimal.Decimal(1).as_tuple(); (0, (1,), 0)
urllib.parse.urlsplit('http://a/'); ('http', 'a', '/', '', ''); urllib.parse.urldefrag('a#b'); ('a', 'b')
http.HTTPStatus.OK; 200; http.HTTPMethod.GET; 'GET'; signal.SIGINT; signal.SIG_DFL; socket.AF_INET; socket.SOCK_STREAM; re.IGNORECASE; re.I | re.M; 10
inspect.Parameter.POSITIONAL_ONLY; ssl.TLSVersion.TLSv1_2; 771; calendar.MONDAY; ssl.VerifyMode.CERT_NONE
range(3); range(0, 3, 1); range(0); range(1, 1); range(0, 5, 2); range(0, 6, 2); None; Ellipsis; int; str; len
DT(2020, 1, 1); datetime.date(2020, 1, 1); DT(2020, 1, 1, tzinfo=utc); DT(2020, 1, 1, 1, tzinfo=tz(TD(hours=1))); DT(2020, 1, 1, tzinfo=tz(TD(microseconds=1)))
TD(1); TD(0, 86400); TD(0, 1); TD(-1, 86399); datetime.time(0); datetime.time(1); datetime.time(1, tzinfo=utc); datetime.time(2, tzinfo=tz(TD(hours=1))); datetime.time(0, 30, tzinfo=tz(TD(hours=1)))
utc; tz(TD(0)); tz(TD(hours=1)); tz(TD(hours=1), 'x'); datetime.time(1, tzinfo=ZoneInfo('UTC')); datetime.time(1, tzinfo=ZoneInfo('Europe/Berlin'))
DT(2020, 1, 1, 1, tzinfo=ZoneInfo('Europe/Berlin')); DT(2020, 7, 2, 12, tzinfo=ZoneInfo('Europe/Berlin')); DT(2020, 7, 2, 10, tzinfo=utc); DT(2020, 7, 2, 12, tzinfo=ZoneInfo('Europe/Paris'))
DT(2020, 10, 25, 2, 30, tzinfo=ZoneInfo('Europe/Berlin')); DT(2020, 10, 25, 2, 30, tzinfo=ZoneInfo('Europe/Berlin'), fold=1); DT(2020, 10, 25, 2, 30, tzinfo=ZoneInfo('Europe/Paris')); DT(2020, 10, 25, 0, 30, tzinfo=utc); DT(2020, 10, 25, 1, 30, tzinfo=utc)
DT(2020, 3, 29, 2, 30, tzinfo=ZoneInfo('Europe/Berlin')); DT(2020, 3, 29, 2, 30, tzinfo=ZoneInfo('Europe/Berlin'), fold=1); DT(2020, 3, 29, 1, 30, tzinfo=utc); DT(2020, 3, 29, 0, 30, tzinfo=utc); DT(2020, 1, 1, fold=1)
uuid.UUID(int=1); uuid.UUID(int=2); pathlib.PurePosixPath('a'); pathlib.PosixPath('a'); pathlib.PurePosixPath('a/'); pathlib.PureWindowsPath('A/b'); pathlib.PureWindowsPath('a', 'B'); pathlib.PurePosixPath('A'); (pathlib.PurePosixPath('a'),); (pathlib.PosixPath('a'),)
int('7' * 600); Decimal('7' * 600); Decimal('7' * 599 + '8'); Decimal('1E+5000'); 10 ** 5000; Fraction(1, 10 ** 2000); Decimal('1E-2000'); 5e-324; Fraction(5e-324)
'''

# The same of packages. In a list numpy's compare with scalars alone, and raise or broadcast with others.
OF_PACKAGES = '''
DT(2020, 1, 1, 1, tzinfo=dateutil.tz.gettz('Europe/Berlin')); DT(2020, 1, 1, tzinfo=dateutil.tz.tzutc()); DT(2020, 1, 1, 1, tzinfo=dateutil.tz.tzoffset(None, 3600)); DT(2020, 1, 1, tzinfo=pytz.utc)
pytz.timezone('Europe/Berlin').localize(DT(2020, 1, 1, 1)); pytz.timezone('Europe/Berlin').localize(DT(2020, 10, 25, 2, 30), is_dst=False); DT(2020, 1, 1, 1, tzinfo=pytz.FixedOffset(60))
np.int8(1); np.int16(1); np.int32(1); np.int64(1); np.longlong(1); np.uint8(1); np.uint16(1); np.uint32(1); np.uint64(1); np.uint64(2 ** 63); np.bool_(True); np.bool_(False)
np.float16(0.5); np.float32(0.5); np.float64(0.5); np.float64(0.1); np.float32('inf'); np.float64('nan'); np.complex64(1); np.complex128(1 + 2j)
np.array([1], '>i4')[0]; np.array([0.5], '>f8')[0]; np.array([1], '>u2')[0]; np.str_('s'); np.array(['s'], '>U1')[0]; np.bytes_(b's'); np.str_(''); np.str_(u'\\xe9')
(np.int64(1), np.int64(2)); (np.int64(1), 2); frozenset([np.int64(1)]); np.datetime64('2020-01-01', 's') if np.lib.NumpyVersion(np.__version__) >= '2.2.0' else nothing; np.datetime64('NaT'); np.timedelta64('NaT')
pd.Timestamp('2020-01-01'); pd.Timestamp('2020-01-01', tz='UTC'); pd.Timestamp('2020-01-01 01:00', tz='Europe/Berlin'); pd.Timestamp('2020-01-01 00:00:00.000000001'); pd.Timedelta(1, 'D'); pd.Timedelta('1s'); pd.Timedelta(1, 'ns')
'''

# What is no key, and is no element that could be compared with all of the above.
UNHASHABLE = '''
[]; {}; set(); bytearray(b's'); ([],); (1, [2]); frozenset([([],)]); slice([]); collections.deque(); collections.OrderedDict()
collections.Counter(); collections.defaultdict(int); collections.UserDict(); collections.UserList(); collections.ChainMap(); array.array('b', [1])
np.array([1]); np.array(1); np.zeros(0); (np.array([1]),); np.array([(1, 2)], 'i4,i4')[0]; np.ma.masked; np.void(b'ab')
pd.Series([1]); pd.DataFrame(); pd.Index([1]); pd.RangeIndex(3); pd.Categorical(['a']) if sys.version_info > (3,) else nothing; dateutil.tz.tzutc()
'''

names = dict(globals(), DT=datetime.datetime, TD=datetime.timedelta, Decimal=decimal.Decimal, Fraction=fractions.Fraction)


def values(text):
    """What of a text's expressions this interpreter has, each with its text."""
    for one in text.replace('\n', ';').split(';'):
        if sys.version_info < (3,) and ('Fraction' in one or 'complex' in one):
            continue  # in Python 2 they are no equals of a Decimal
        try:
            value = eval(one.strip() or 'nothing', names)
            yield one.strip(), value, pickle.loads(pickle.dumps(value, 2))
        except Exception:
            continue


def outcome(do):
    """What a call returns, or the name of the class that it raises."""
    try:
        return do()
    except Exception as err:
        return type(err).__name__


for line in IMPORTS.strip().split('\n'):
    try:
        exec(line, names)
    except Exception:
        continue

Manager.register('d', proxytype=DictProxy)
Manager.register('l', proxytype=ListProxy)
m = connect()
d, l = m.d(), m.l()
wrong = []
zoo = list(values(EQUAL))
packages = list(values(OF_PACKAGES))
theirs = {}
for text, value, copy in zoo + packages:
    mine, right = outcome(lambda: d.get(value)), outcome(lambda: theirs.get(copy))
    if mine != right:
        wrong.append(['d.get(%s)' % text, mine, right])
    outcome(lambda: d.__setitem__(value, text))
    outcome(lambda: theirs.__setitem__(copy, text))
if len(d) != len(theirs):
    wrong.append(['len(d)', len(d), len(theirs)])


def compare_elements(zoo, elements):
    """Looks for each of zoo in a list of elements."""
    copies = [copy for _, _, copy in elements]
    l[:] = [value for _, value, _ in elements]
    for text, value, _ in zoo:
        copy = pickle.loads(pickle.dumps(value, 2))
        for name in 'index', 'count':
            mine = outcome(lambda: getattr(l, name)(value))
            right = outcome(lambda: getattr(copies, name)(copy))
            if mine != right:
                wrong.append(['l.%s(%s)' % (name, text), mine, right])


compare_elements(zoo, zoo)


def is_scalar(value):
    """Whether all scalars of numpy compare with a value, exactly."""
    return type(value) in (str, bytes) or type(value) in (int, float, bool) and not 2 ** 53 <= abs(value) < float('inf')


compare_elements([one for one in packages if one[0].startswith('np.') and 'np.datetime64' not in one[0] and
                  'np.timedelta64' not in one[0]], [one for one in zoo if is_scalar(one[2])])
for text, value, copy in values(UNHASHABLE):
    mine, right = outcome(lambda: d.__setitem__(value, 1)), outcome(lambda: theirs.__setitem__(copy, 1))
    if mine != right:
        wrong.append(['d[%s] = 1' % text, mine, right])
if PACKAGES and not any(text.startswith('np.') for text, _, _ in packages):
    wrong.append('numpy is not there')
answer(wrong)
