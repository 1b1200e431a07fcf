"""Writes pickles of what third-party packages and newer standard libraries make, for pickle/testdata/typed.txt.

Each interpreter that is given adds lines of: its version and numpy's, protocol, expression, pickle in base64,
divided by tabs. Lines with a pickle that an earlier interpreter made for the same expression are left out.

    python make_typed.py > typed.txt; other-python make_typed.py typed.txt >> typed.txt
"""
import base64
import pickle
import sys

names = {}
for statement in ['import collections, datetime, decimal, enum, fractions, os, signal, socket, time, uuid',
                  'import http', 'import pathlib', 'import urllib.parse as urlparse', 'import zoneinfo',
                  'import numpy as np', 'import pandas', 'import pytz', 'import dateutil.tz', 'import ipaddress',
                  'D = datetime.datetime; W = D(2020, 7, 2, 3, 4, 5)']:
    try:
        exec(statement, names)
    except ImportError:
        pass

SCALARS = ['np.float64(1.5)', 'np.float32(1.5)', 'np.float16(1.5)', 'np.float16(6e-8)', 'np.int64(-3)', 'np.int8(-3)',
           'np.uint64(2**64-1)', 'np.bool_(True)', "np.str_(u'a\\xe9\\u20ac')", "np.bytes_(b'ab')", 'np.complex64(1+2j)',
           'np.longdouble(1.5)', "np.float64('nan')", "np.int64(300)", "np.int64(2**53+1)", 'np.array(5)',
           "np.datetime64('2020-01-02')", "np.datetime64('2020-01-02T03:04:05.000000006')", "np.datetime64('NaT')",
           "np.datetime64('2020-03')", "np.timedelta64(5, 's')", "np.timedelta64(5, '25s')", "np.timedelta64(5, 'M')",
           "np.timedelta64(1500, 'ps')", "np.timedelta64(2000, 'ps')"]
ARRAYS = ['np.arange(3.0)', "np.arange(3, dtype='f4')", "np.arange(3, dtype='>f8')", "np.arange(3, dtype='>c8')",
          "np.arange(3, dtype='f2')", "np.arange(3, dtype='i2')", "np.arange(3, dtype='>i4')", "np.arange(3, dtype='u1')",
          'np.ones((1, 2))', "np.arange(6).reshape(2, 3)", "np.asfortranarray(np.arange(6).reshape(2, 3))",
          'np.arange(6).reshape(2, 3).T', 'np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1)', 'np.arange(6)[::2]',
          "np.array([True, False])", "np.array([u'a', u'b\\xe9'])", "np.array([b'a', b'bc'])", 'np.zeros((0, 3))',
          'np.zeros((2, 0))', "np.array(['2020-01-02', '2021-01-01'], dtype='M8[D]')", "np.array([1, 2], dtype='m8[s]')",
          "np.array([1, u'a', None], dtype=object)", "np.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')])",
          "np.matrix([[1, 2]])", "np.array(['a'], dtype='>U1')"]
ZONES = ['D(2020, 7, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)', 'W.replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))',
         'W.replace(tzinfo=zoneinfo.ZoneInfo("UTC"))',
         'D(2020, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))',
         'D(2020, 10, 25, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))',
         'D(2020, 3, 29, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))',
         'D(2020, 3, 29, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))',
         'W.replace(tzinfo=pytz.utc)', "pytz.timezone('Europe/Amsterdam').localize(W)", 'W.replace(tzinfo=pytz.FixedOffset(-90))',
         "pytz.timezone('Etc/GMT+5').localize(W)", 'W.replace(tzinfo=dateutil.tz.tzutc())',
         'W.replace(tzinfo=dateutil.tz.tzoffset(None, 3600))', "W.replace(tzinfo=dateutil.tz.tzoffset('X', -3600))",
         "W.replace(tzinfo=dateutil.tz.gettz('Europe/Berlin'))", "pandas.Timestamp('2020-07-02T03:04:05.000000006Z')",
         "pandas.Timestamp('2020-07-02T03:04:05', tz='Europe/Berlin')", "pandas.Timestamp('2020-07-02T03:04:05')",
         'pandas.NaT', "pandas.Timedelta('1.5s')"]
OTHERS = ['signal.SIGINT', 'http.HTTPStatus.OK', 'socket.AF_INET', 'http.HTTPMethod.GET', "pathlib.PurePosixPath('/a/b')",
          "pathlib.PurePosixPath('a/b')", "pathlib.PureWindowsPath('c:/a/b')", "pathlib.PurePosixPath()", 'uuid.UUID(int=5)',
          "decimal.Decimal('0.1')", "decimal.Decimal('NaN')", 'fractions.Fraction(1, 3)', "urlparse.urlsplit('http://a/b')",
          'time.gmtime(0)', 'os.terminal_size((80, 24))', 'datetime.time(1, 2, 3, 4)', 'datetime.date(2020, 1, 2)', 'W',
          'datetime.timedelta(-1)', "ipaddress.ip_address('1.2.3.4')"]

seen = set()
for path in sys.argv[1:]:
    for line in open(path):
        fields = line.rstrip('\n').split('\t')
        seen.add((fields[2], fields[3]))
numpy = names['np'].__version__ if 'np' in names else '-'
for expression in SCALARS + ARRAYS + ZONES + OTHERS:
    try:
        value = eval(expression, names)
    except Exception:
        continue
    for protocol in (0, 2, 4, 5):
        if protocol > pickle.HIGHEST_PROTOCOL:
            continue
        data = base64.b64encode(pickle.dumps(value, protocol)).decode('ascii')
        if len(data) > 8000 or (expression, data) in seen:
            continue
        seen.add((expression, data))
        print('\t'.join(['%d.%d/%s' % (sys.version_info[0], sys.version_info[1], numpy), str(protocol), expression, data]))
