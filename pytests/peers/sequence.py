"""Random calls, the same on objects of two servers: sequence.py OURS THEIRS SEED ROUNDS. Answers
with the first difference of each method."""
import random
import sys
from multiprocessing.managers import RemoteError, SyncManager

from base import KEY, address, answer

PYTHON2 = sys.version_info[0] == 2


class Manager(SyncManager):
    pass


if 'set' not in Manager._registry:
    Manager.register('set')

NUMBERS = [0, 1, -1, 2, 3, -7, 2**31, 2**63, -2**70, 10**30]
# Of what is equal only one is a scalar: which of 0 and False a set keeps is no promise.
SCALARS = NUMBERS + [
    None, 1.5, -2.25, 1e300, 'a', 'b', '', u'\xe9', u'\U0001f600', b'a\x00', "it's"]
HASHABLE = SCALARS + [(), (1, 'a'), ((2,), None), frozenset([1])]
VALUES = HASHABLE + [True, 0.0, -0.0, [], [1, [2]], ['b', 'a'], {}, {'a': 1}, {1: [2]}, (1, [2]),
                     bytearray(b'b')]
PLACES = [0, 1, -1, 2, -3, 50, True, None, 'x', 1.5, 10**30]
CUTS = [slice(a, b, c) for a in (None, 0, 1, -2, 9) for b in (None, 0, 3, -1)
        for c in (None, 1, -1, 2, -3)]
LISTS = [[], [3, 1, 2], ['b', 'a'], [1, 1], (5, 6), 'abc', {'k': 1}, 7, None]
PAIRS = [{}, {'a': 1}, {1: 2, 'b': [1]}, [], [('k', 1)], [(1, 2), (1, 3)], 5]
ELEMENTS = [[], [1, 'a'], (2, None), 'ab', {'a': 1}]
# What fits an array of C ints, and what does not.
ITEMS = [0, 1, -1, 2**31 - 1, 2**31, -2**31 - 1, 'a', None]

CALLS = {
    'list': [
        ('append', VALUES), ('append', VALUES), ('extend', LISTS), ('insert', PLACES, VALUES),
        ('pop',), ('pop', PLACES), ('remove', VALUES), ('index', SCALARS),
        ('index', SCALARS, PLACES), ('reverse',), ('count', VALUES),
        ('__getitem__', PLACES + CUTS), ('__setitem__', PLACES, VALUES),
        ('__setitem__', CUTS, LISTS), ('__delitem__', PLACES + CUTS), ('__len__',),
        ('__add__', LISTS), ('__contains__', VALUES), ('__mul__', [0, -1, 2, 'x', None]),
        ('append',), ('pop', PLACES, PLACES),
    ],
    'dict': [
        ('__setitem__', VALUES, VALUES), ('__setitem__', HASHABLE, VALUES),
        ('__getitem__', VALUES), ('__delitem__', VALUES), ('get', HASHABLE),
        ('get', HASHABLE, VALUES), ('pop', HASHABLE), ('pop', HASHABLE, VALUES),
        ('setdefault', HASHABLE, VALUES), ('update', PAIRS), ('__len__',),
        ('__contains__', VALUES), ('keys',), ('values',), ('items',), ('copy',), ('get',),
    ],
    'set': [
        ('add', HASHABLE), ('add', HASHABLE), ('discard', HASHABLE), ('remove', HASHABLE),
        ('update', ELEMENTS), ('union', ELEMENTS), ('difference', ELEMENTS, ELEMENTS),
        ('issubset', ELEMENTS), ('symmetric_difference', ELEMENTS), ('isdisjoint', ELEMENTS),
        ('copy',), ('__len__',), ('__contains__', HASHABLE), ('difference_update', ELEMENTS),
    ],
    'Array': [
        ('__getitem__', PLACES + CUTS), ('__setitem__', PLACES, ITEMS), ('__len__',),
    ],
    'Value': [('get',), ('set', VALUES), ('get', VALUES), ('set',)],
    'Namespace': [
        ('__setattr__', ['a', 'b', u'a'], VALUES), ('__getattribute__', ['a', 'b', 'c']),
        ('__delattr__', ['a', 'b']),
    ],
    'Event': [('set',), ('clear',), ('is_set',), ('wait', [0, 0.001, -1])],
    'Queue': [
        ('put', VALUES, [False]), ('put_nowait', VALUES), ('get', [False, 0]), ('get_nowait',),
        ('qsize',), ('empty',), ('full',), ('task_done',), ('put',),
    ],
    'Semaphore': [('acquire', [False]), ('release',), ('release',)],
    'BoundedSemaphore': [('acquire', [False]), ('release',)],
    'Lock': [('acquire', [False]), ('release',)],
    'RLock': [('acquire', [False]), ('release',)],
}
ARGUMENTS = {'list': ([],), 'Array': ('i', [1, 2, 3]), 'Value': ('i', 0), 'Queue': (3,),
             'Semaphore': (2,), 'BoundedSemaphore': (2,)}


def plain(value):
    """A text that tells values apart by type; sets and dicts of Python 2 have no order."""
    if isinstance(value, (set, frozenset)):
        return '%s%s' % (type(value).__name__, sorted(map(plain, value)))
    if isinstance(value, dict):
        pairs = ['%s: %s' % (plain(k), plain(v)) for k, v in value.items()]
        return '{%s}' % ', '.join(sorted(pairs) if PYTHON2 else pairs)
    if isinstance(value, (list, tuple)):
        return '%s(%s)' % (type(value).__name__, ', '.join(map(plain, value)))
    if type(value).__name__ in ('Namespace', 'Value'):
        return plain(vars(value))
    return repr(value)


def outcome(proxy, method, args):
    """What a call gives, or the class of what it raises: the texts are those of newer releases."""
    try:
        value = proxy._callmethod(method, args)
        if method == 'acquire':
            value = bool(value)  # an RLock of 2.7 that is taken twice says 1
        return plain(value)
    except RemoteError:
        return 'RemoteError'
    except Exception as e:
        return type(e).__name__


def unordered(typeid, method):
    """Lists of what a dict of Python 2 holds come in another order."""
    return PYTHON2 and typeid == 'dict' and method in ('keys', 'values', 'items')


def run(managers, typeid, dice, differences):
    """Makes calls on two new objects until they differ. Their values are compared after each."""
    proxies = [getattr(m, typeid)(*ARGUMENTS.get(typeid, ())) for m in managers]
    for _ in range(40):
        call = dice.choice(CALLS[typeid])
        method, pools = call[0], call[1:]
        if unordered(typeid, method):
            continue
        args = tuple(dice.choice(pool) for pool in pools)
        got = [outcome(p, method, args) for p in proxies]
        got += [outcome(p, '#GETVALUE', ()) for p in proxies]
        if got[0] != got[1] or got[2] != got[3]:
            differences.setdefault('%s.%s' % (typeid, method), [repr(args)] + got)
            return


if __name__ == '__main__':
    both = [Manager(address(a), authkey=KEY) for a in sys.argv[1:3]]
    for manager in both:
        manager.connect()
    chance, found = random.Random(int(sys.argv[3])), {}
    for _ in range(int(sys.argv[4])):
        for name in sorted(CALLS):
            run(both, name, chance, found)
    answer(found)
