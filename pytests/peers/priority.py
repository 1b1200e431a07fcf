"""Random programs of put and get, on a PriorityQueue of the server and on one of this process."""
import collections
import datetime
import decimal
import fractions
import random
import sys
import uuid

from base import answer, connect, queue

Pair = collections.namedtuple('Pair', 'first second')


class Number(int):
    pass


class Text(str):
    pass


def kinds():
    """Values that have an order among each other, a list for each kind, and some that have none."""
    day, utc = datetime.date(2020, 1, 1), getattr(datetime, 'timezone', None)
    out = {
        'numbers': [0, 1, True, 1.0, 2.5, -1, 2 ** 70, decimal.Decimal('1.5'), fractions.Fraction(1, 3),
                    float('inf'), Number(2)],
        'texts': [u'', u'a', u'b', u'ab', u'\xe9', Text(u'aa')],
        'bytes': [b'', b'a', b'ab', bytearray(b'b')],
        'tuples': [(), (1,), (1, 2), (1, 'a'), ((1, 5), 'n'), ((2, 1), 'n'), (1, (0,)), Pair(1, 2), Pair(1, 'b'),
                   (2, None), (2, {}), (0, [])],
        'lists': [[], [1], [[2]], [[1]], [1, 2], ['a']],
        'sets': [{1}, {1, 2}, {2}, set(), frozenset([1]), {3}, {1, 3}],
        'dates': [day, datetime.date(2021, 5, 5), datetime.date(1, 1, 1)],
        'times': [datetime.datetime(2020, 1, 1), datetime.datetime(2021, 1, 1), datetime.datetime(2020, 1, 1, 0, 0, 0, 5)],
        'spans': [datetime.timedelta(n) for n in (2, 1, -1)],
        'ids': [uuid.UUID(int=n) for n in (5, 3, 2 ** 100)],
        'nan': [float('nan'), 1.0, 2.0, 0.5, 3.0],
        'pairs of sets': [(1, {1}), (1, {2}), (0, {3}), (1, {1, 2})],
        'mixed': [1, 'a', None, (), b'b', [1], {}, 2.5, 1j],
    }
    if utc:
        out['zones'] = [datetime.datetime(2020, 1, 1, h, tzinfo=utc.utc) for h in (3, 1, 2)] + out['times'][:1]
    if sys.version_info >= (3, 7):
        import dataclasses
        import enum
        import pathlib
        global Level, Item
        Level = enum.IntEnum('Level', {'LOW': 3, 'HIGH': 1, 'MID': 2}, module=__name__)
        Item = dataclasses.make_dataclass('Item', ['priority', 'item'], order=True)
        Item.__module__ = __name__
        if sys.version_info[:2] != (3, 11):  # which pickles members by their names alone
            out['enums'] = list(Level) + [0, 2.5, (Level.LOW, 'l')]
            out['enums in tuples'] = [(Level.LOW, 'a'), (Level.HIGH, 'b'), (Level.MID, 'c'), (Level.LOW, 'b')]
        out['dataclasses'] = [Item(2, 'x'), Item(1, 'y'), Item(1, 'z'), Item(2, 'x')]
        out['paths'] = [pathlib.PurePosixPath(p) for p in ('a/b', 'a-b', 'a', '/')]
    return out


def run(q, program):
    """What each step gives, as far as the first that raises: what Python does then, ours does not."""
    out = []
    for step in program:
        try:
            out.append(repr(q.put(*step) if step else q.get(False)))
        except queue.Empty:
            out.append('Empty')
        except Exception as e:
            out.append(type(e).__name__)
            break
    return out


m = connect()
shared = m.priority()
seed = int(sys.argv[2])
rand = random.Random(seed)
wrong = []
for kind, values in sorted(kinds().items()):
    for _ in range(6):
        program = [rand.choice([(rand.choice(values),)] * 3 + [()] * 2) for _ in range(14)] + [()] * 9
        want = run(queue.PriorityQueue(), program)
        got = run(shared, program)
        shared.clear()
        if got != want:
            wrong.append([kind, repr(program), got, want])
answer(wrong)
