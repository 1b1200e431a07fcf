"""Classes that no server has ever seen."""
import collections

try:
    import enum
except ImportError:  # Python 2
    enum = None
try:
    import dataclasses
except ImportError:  # before 3.7
    dataclasses = None

Point = collections.namedtuple('Point', 'x y')


class Thing(object):
    def __init__(self, name, data):
        self.name, self.data = name, data

    def __eq__(self, other):
        return type(other) is Thing and (self.name, self.data) == (other.name, other.data)

    def __ne__(self, other):
        return not self == other

    __hash__ = None


if enum:
    class Colour(enum.Enum):
        RED = 1
        BLUE = 2


if dataclasses:
    Data = dataclasses.make_dataclass('Data', ['a', 'b'])
    Data.__module__ = 'things'
