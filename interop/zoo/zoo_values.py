# coding: utf-8
"""The names that programs use, for Python 2.7 and every 3: `from zoo_values import *`.

CPython's server can import this module, and ours imports nothing, so the classes here are to both what a
user's own classes are."""
from __future__ import division

import array
import collections
import ctypes
import datetime
import decimal
import fractions
import functools
import itertools
import operator
import os
import re
import signal
import socket
import sys
import time
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction


def optional(name):
    """A module, or None where this Python has none."""
    try:
        __import__(name)
        return sys.modules[name]
    except Exception:  # a package may fail in ways of its own on a Python it was not made for
        return None


np, pd, pytz = optional('numpy'), optional('pandas'), optional('pytz')
dill, cloudpickle = optional('dill'), optional('cloudpickle')
enum, pathlib, ipaddress = optional('enum'), optional('pathlib'), optional('ipaddress')
dataclasses, zoneinfo, http = optional('dataclasses'), optional('zoneinfo'), optional('http')
types, urllib_parse = optional('types'), optional('urllib.parse') or optional('urlparse')

if sys.version_info >= (3,):
    from collections import ChainMap, UserDict, UserList, UserString
    utc = datetime.timezone.utc
else:
    from UserDict import UserDict
    from UserList import UserList
    from UserString import UserString

nan, inf = float('nan'), float('inf')
Pair = collections.namedtuple('Pair', 'left right')


class MyInt(int):
    pass


class MyFloat(float):
    pass


class MyStr(str):
    pass


class MyBytes(bytes):
    pass


class MyTuple(tuple):
    pass


class MyList(list):
    pass


class MyDict(dict):
    pass


class MySet(set):
    pass


class MyError(ValueError):
    pass


class Plain(object):
    """An object that is equal to itself only."""

    def __init__(self, number=1):
        self.number = number


class Index(object):
    """What operator.index takes."""

    def __init__(self, number):
        self.number = number

    def __index__(self):
        return self.number


class Real(object):
    """What float() takes."""

    def __init__(self, number):
        self.number = number

    def __float__(self):
        return float(self.number)


class Wrapped(object):
    """Pickles as what another pickler made of a value, as joblib and its like do."""

    def __init__(self, package, value):
        self.package, self.value = package, value

    def __reduce__(self):
        return self.package.loads, (self.package.dumps(self.value, protocol=2),)


def dilled(value):
    return Wrapped(dill, value)


def cloudpickled(value):
    return Wrapped(cloudpickle, value)


if enum:
    class Color(enum.Enum):
        RED = 1
        BLUE = 2

    class Level(enum.IntEnum):
        LOW = 1
        HIGH = 2

    class Word(str, enum.Enum):
        A = 'a'
        B = 'b'

if hasattr(enum, 'Flag'):
    class Mode(enum.Flag):
        READ = 1
        WRITE = 2

if hasattr(enum, 'StrEnum'):
    class Letter(enum.StrEnum):
        A = 'a'

if dataclasses:  # by a function, since Python 2 cannot read the statement
    def dataclass(name, fields, **options):
        made = dataclasses.make_dataclass(name, fields, **options)
        made.__module__ = __name__
        return made

    Point = dataclass('Point', [('x', int, 1), ('y', int, 2)])
    Job = dataclass('Job', [('rank', int), ('name', str, dataclasses.field(default='', compare=False))], order=True)
    Frozen = dataclass('Frozen', [('x', int, 1)], frozen=True)


def loop():
    """A list that contains itself."""
    items = [1]
    items.append(items)
    return items


def always():
    return True
