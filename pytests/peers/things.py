"""Classes that no server has ever seen."""
import collections

Point = collections.namedtuple('Point', 'x y')


class Thing(object):
    def __init__(self, name, data):
        self.name, self.data = name, data

    def __eq__(self, other):
        return type(other) is Thing and (self.name, self.data) == (other.name, other.data)

    def __ne__(self, other):
        return not self == other

    __hash__ = None
