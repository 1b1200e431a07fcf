"""Writes pickles of what pandas keeps in arrays of its own, for managers/internal/values/testdata/pandas.txt.

Each interpreter that is given adds lines of: its version and pandas', name, pickle of protocol 2 in base64, divided by
tabs.

    for python in ...; do python make_pandas.py; done > pandas.txt
"""
from __future__ import print_function

import base64
import pickle
import sys

import pandas as pd

Sparse = getattr(pd, 'arrays', pd).SparseArray
VALUES = [
    ('dates', pd.date_range('2020-01-01', periods=2)), ('dates of a zone', pd.date_range('2020', periods=1, tz='UTC')),
    ('spans', pd.to_timedelta([1, None], unit='s')), ('periods', pd.period_range('2020-01', periods=2, freq='M')),
    ('intervals', pd.interval_range(0, 2)), ('masked', pd.array([1, None], dtype='Int64')),
    ('sparse', Sparse([0, 0, 1])), ('sparse in blocks', Sparse([1.5, float('nan'), 2], kind='block')),
    ('levels', pd.MultiIndex.from_product([pd.date_range('2020-01-01', periods=2), ['a']])),
    ('frame', pd.DataFrame({'a': [1, 2], 'b': ['x', 'y'], 'c': [3, 4], 'd': pd.to_datetime(['2020-01-01', None]),
                            'e': pd.Categorical(['u', 'v']), 'f': pd.interval_range(0, 2)})),
]
for name, value in VALUES:
    made = base64.b64encode(pickle.dumps(value, 2)).decode()
    print('%d.%d/%s\t%s\t%s' % (sys.version_info[0], sys.version_info[1], pd.__version__, name, made))
