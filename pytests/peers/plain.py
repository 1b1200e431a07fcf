"""A client whose messages are XML: values, a queue, and what cannot be sent."""
import sys
from multiprocessing.managers import BaseManager, RemoteError

from base import KEY, address, answer


class Manager(BaseManager):
    pass


for name in ('get_queue', 'Value', 'dict'):
    Manager.register(name)

m = Manager(address(sys.argv[1]), authkey=KEY, serializer='xmlrpclib')
m.connect()
out = {}
q = m.get_queue('xml')
q.put([1, 2.5, u'\u00e9', None, True, {'k': [2]}])
q.put(item='second')
out['got'] = [q.get(), q.get(True, 1), q.qsize()]
try:
    q.get_nowait()
except RemoteError as e:
    out['empty'] = str(e).split()[-2]
v = m.Value('i', 7)
v.set(v.get() + 1)
out['value'] = [v.get(), str(v)]
d = m.dict()
d.update({'a': 1})
out['dict'] = [d.get('a'), d.get('b'), d.copy(), len(d.keys())]
d.setdefault('big', 1)
try:
    q.put(2 ** 40)
except OverflowError as e:
    out['big'] = 'refused'
out['still'] = q.qsize()
answer(out)
