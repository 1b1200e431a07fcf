"""Sorts lists with NaN and sets, which have no order, and gives those that come out otherwise than here.

With the argument `elements` the lists are long, too, and only what is in them is compared: which of the possible results
it is depends on the release of Python.
"""
import random
import sys

from multiprocessing.managers import ListProxy

from base import Manager, answer, connect

Manager.register('l', proxytype=ListProxy)
l = connect().l()
only_elements = 'elements' in sys.argv
numbers = random.Random(7)
nan = float('nan')


def some(size):
    """Lists of a size, of each kind."""
    yield [numbers.choice([nan, float(numbers.randrange(9)), numbers.random()]) for _ in range(size)]
    yield [frozenset(numbers.sample(range(5), numbers.randrange(4))) for _ in range(size)]
    yield [(numbers.choice([nan, 1.0, 2.0]), numbers.randrange(3)) for _ in range(size)]
    yield sorted(numbers.random() for _ in range(size // 2)) + [nan] + [numbers.random() for _ in range(size // 2)]


wrong = []
for size in [100, 1000] if only_elements else [2, 3, 5, 8, 16, 31, 32, 33, 50, 62]:
    for items in list(some(size)) + list(some(size)):
        for reverse in False, True:
            right = [type(x)(x) if not isinstance(x, tuple) else (float(repr(x[0])), x[1]) for x in items]
            right.sort(reverse=reverse)
            l[:] = items
            l.sort(reverse=reverse)
            mine, right = [repr(x) for x in l[:]], [repr(x) for x in right]
            if only_elements:
                mine, right = sorted(mine), sorted(right)
            if mine != right:
                wrong.append([size, mine, right])
answer(wrong)
