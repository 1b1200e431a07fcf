"""Calls methods of what a server shares, for a recording: record.py PORT. Runs on 2.7 and 3.6 to 3.15."""
import datetime
import decimal
import sys
from multiprocessing import current_process
from multiprocessing.managers import BaseManager, MakeProxyType

KEY = b'secret key'
current_process().authkey = KEY


class Point(object):
    def __init__(self, x, y):
        self.x, self.y = x, y


CALLS = {
    'queue': [('put', (None,)), ('put', ([1, 2.5, u'\xe9', b'\x00', {'k': (True, 2**70)}],)),
              ('put', (datetime.datetime(2020, 1, 2), False)), ('put', (set([1, 'a']), True, 1)),
              ('qsize', ()), ('get', ()), ('get', (False,)), ('peek', ()), ('put_many', ([1, 2],)),
              ('get_many', (2,)), ('put', (decimal.Decimal('1.5'),)), ('put', (ValueError('no'),)),
              ('put', (Point(1, 'two'),)), ('lease', ()), ('task_done', ()), ('full', ())],
    'priority': [('put', ((2, 'b'),)), ('put', ((1, 'a'),)), ('get', ()), ('put_nowait', (3,))],
    'list': [('append', (3,)), ('extend', ([1, 2],)), ('sort', ()), ('__getitem__', (0,)),
             ('__getitem__', (slice(0, 2),)), ('__setitem__', (0, 'x')), ('insert', (1, None)),
             ('index', ('x',)), ('count', (1,)), ('pop', ()), ('__mul__', (2,)), ('__len__', ()),
             ('__contains__', (2,)), ('__delitem__', (0,)), ('reverse', ()), ('__str__', ())],
    'dict': [('__setitem__', ('a', 1)), ('__setitem__', ((1, 2), [3])), ('__getitem__', ('a',)),
             ('get', ('b', 0)), ('update', ({'c': 3},)), ('setdefault', ('d', [])), ('keys', ()),
             ('items', ()), ('pop', ('a',)), ('__contains__', ('c',)), ('copy', ()), ('__iter__', ()),
             ('popitem', ()), ('__len__', ()), ('__repr__', ())],
    'set': [('add', (1,)), ('update', ([2, 3],)), ('union', ([4],)), ('discard', (2,)), ('pop', ())],
    'namespace': [('__setattr__', ('a', [1])), ('__getattribute__', ('a',)), ('__delattr__', ('a',))],
    'value': [('set', (7,)), ('get', ())],
    'array': [('__setitem__', (0, 5)), ('__getitem__', (0,)), ('__len__', ())],
    'lock': [('acquire', (False,)), ('release', ())],
    'event': [('set', ()), ('is_set', ()), ('wait', ()), ('clear', ())],
    'semaphore': [('acquire', ()), ('release', ())],
    'condition': [('acquire', ()), ('notify', ()), ('notify_all', ()), ('release', ())],
}


class Manager(BaseManager):
    pass


for name in CALLS:
    Manager.register('the_' + name, proxytype=MakeProxyType('Proxy', ()))

if __name__ == '__main__':
    m = Manager(('127.0.0.1', int(sys.argv[1])), authkey=KEY)
    m.connect()
    for name in sorted(CALLS):
        proxy = getattr(m, 'the_' + name)()
        for method, args in CALLS[name]:
            try:
                proxy._callmethod(method, args)
            except Exception:  # of a method that Python or the server lacks: its request counts
                pass
        str(proxy)
    m._number_of_objects()
    m._debug_info()
