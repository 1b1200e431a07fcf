"""Values nobody thought of, the same ones for the same seed."""
import collections
import datetime
import decimal
import random
import struct

import peer
import shapes

try:
    unichr
except NameError:
    unichr = chr


class Generator(object):
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.made = []  # for values that occur more than once

    def value(self, depth=5):
        if self.made and self.r.random() < 0.1:
            return self.r.choice(self.made)
        if depth == 0 or self.r.random() < 0.35:
            return self.r.choice(self.LEAVES)(self)
        x = self.r.choice(self.CONTAINERS)(self, depth - 1)
        self.made.append(x)
        return x

    def size(self):
        if self.r.random() < 0.01:
            return self.r.choice([255, 256, 257, 1000, 1001, 66000])
        return self.r.choice([0, 1, 2, 3, 4, 7])

    def few(self):
        return range(self.r.choice([0, 1, 1, 2, 3, 4, 6]))

    def integer(self):
        bits = self.r.choice([1, 7, 8, 15, 16, 31, 32, 62, 63, 64, 65, 500, 2040])
        n = (1 << bits) + self.r.choice([-1, 0, 1, self.r.getrandbits(bits)])
        return self.r.choice([n, -n, 0])

    def floating(self):
        x = struct.unpack(">d", struct.pack(">Q", self.r.getrandbits(64)))[0]
        return self.r.choice([x, 0.0, -0.0, 1.5, float("inf"), self.r.random()])

    def text(self):
        return u"".join(
            unichr(self.r.choice([0x0A, 0x41, 0x5C, 0x7F, 0xE9, 0x20AC, 0xD83D, 0xDC00, 0xFFFF]))
            for _ in range(self.size()))

    def binary(self):
        return bytes(bytearray(self.r.getrandbits(8) for _ in range(self.size())))

    def key(self, depth):
        leaf = self.r.choice(self.KEYS)
        return leaf(self)

    LEAVES = [
        integer,
        floating,
        text,
        binary,
        lambda g: None,
        lambda g: g.r.random() < 0.5,
        lambda g: complex(g.floating(), g.floating()),
        lambda g: "native" * g.r.choice([0, 1, 2]),
        lambda g: g.r.choice([int, len, shapes.Plain, ValueError, Ellipsis]),
        lambda g: datetime.timedelta(g.r.getrandbits(16), g.r.getrandbits(16)),
        lambda g: datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=g.r.getrandbits(30)),
        lambda g: decimal.Decimal(g.integer()),
        lambda g: bytearray(g.binary()),
    ]
    KEYS = [
        integer,
        text,
        binary,
        lambda g: None,
        lambda g: g.floating(),
        lambda g: (g.integer(), g.text()),
        lambda g: frozenset(g.integer() for _ in g.few()),
    ]
    CONTAINERS = [
        lambda g, d: [g.value(d) for _ in g.few()],
        lambda g, d: tuple([g.value(d) for _ in g.few()]),
        lambda g, d: dict((g.key(d), g.value(d)) for _ in g.few()),
        lambda g, d: set(g.key(d) for _ in g.few()),
        lambda g, d: frozenset(g.key(d) for _ in g.few()),
        lambda g, d: shapes.Plain(g.value(d), g.value(d)),
        lambda g, d: shapes.collector(g.value(d), a=g.value(d)),
        lambda g, d: shapes.WithState(g.value(d)),
        lambda g, d: collections.deque([g.value(d) for _ in g.few()]),
        lambda g, d: collections.OrderedDict((g.text(), g.value(d)) for _ in g.few()),
        lambda g, d: ValueError(g.value(d)),
        lambda g, d: shapes.Pair(g.value(d), g.value(d)),
        lambda g, d: g.cyclic(d),
    ]

    def cyclic(self, depth):
        x = [self.value(depth)]
        self.made.append(x)
        x.append(self.value(depth))
        return x
