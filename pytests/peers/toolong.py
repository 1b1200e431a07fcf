"""Messages over a limit of 64 KiB: toolong.py ADDRESS SERIALIZER. What calls raised, and that the
connection goes on."""
import sys
from multiprocessing.managers import SyncManager

from base import KEY, address, answer


class Manager(SyncManager):
    pass


def refused(f, *args):
    """The class of the exception, and whether it says the limit."""
    try:
        f(*args)
    except Exception as e:
        return [type(e).__name__,
                'more than 65536 bytes in a message (--max-message): it has 131' in str(e)]
    return None


BIG = u'x' * (1 << 17)
Manager.register('get_queue')
m = Manager(address(sys.argv[1]), authkey=KEY, serializer=sys.argv[2])
m.connect()
q = m.get_queue('jobs')
out = {'first': refused(q.put, BIG), 'create': refused(m.list, [BIG]), 'later': []}
for i in range(3):
    q.put(i)
    out['later'].append(refused(q.put, BIG))
out['got'] = [q.get(), q.get(), q.get(), q.qsize()]
answer(out)
