"""CPython's own manager with every type of a SyncManager, on a unix socket (TCP stalls for tens of
milliseconds here and there), until its input ends: reference.py."""
import sys
from multiprocessing.managers import SyncManager

from base import KEY, answer

SET_METHODS = [
    '__and__', '__contains__', '__iand__', '__ior__', '__isub__', '__ixor__', '__len__', '__or__',
    '__rand__', '__ror__', '__rsub__', '__rxor__', '__sub__', '__xor__', '__ge__', '__gt__',
    '__le__', '__lt__', 'add', 'clear', 'copy', 'difference', 'difference_update', 'discard',
    'intersection', 'intersection_update', 'isdisjoint', 'issubset', 'issuperset', 'pop',
    'remove', 'symmetric_difference', 'symmetric_difference_update', 'union', 'update']


class Reference(SyncManager):
    """A SyncManager with the set type that those before 3.14 lack."""


if 'set' not in Reference._registry:
    Reference.register('set', set, exposed=SET_METHODS)

if __name__ == '__main__':
    manager = Reference(authkey=KEY)
    manager.start()
    answer(manager.address)
    sys.stdin.read()
    manager.shutdown()
