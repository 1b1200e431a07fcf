"""What a worker's key may not do: access.py ADDRESS BOSS_KEY WORKER_KEY READER_KEY WRONG_KEY."""
import sys
from multiprocessing.managers import DictProxy, ListProxy

from base import Manager, answer, connect, raised
from rights import connect_as, function, refused

for name in ('results', 'secret', 'other'):
    Manager.register(name)
Manager.register('settings', proxytype=DictProxy)
Manager.register('hidden', proxytype=ListProxy)
Manager.register('list', proxytype=ListProxy)

boss_key, worker_key, reader_key, wrong_key = [k.encode('ascii') for k in sys.argv[2:6]]

out = {}
out['wrong'] = raised(connect, None, wrong_key)
boss = connect_as(boss_key)
for n in range(3):
    boss.jobs().put(n)
secret, hidden, private = boss.secret(), boss.hidden(), boss.Queue()
secret.put('hush')
hidden.append('hush')

worker = connect_as(worker_key)
jobs, results = worker.jobs(), worker.results()
out['works'] = [jobs.get(), jobs.qsize(), jobs.peek(), results.put('done'), results.qsize()]
out['settings'] = worker.settings().get('debug')
out['queue'] = [refused(jobs.put, 1), refused(jobs.clear), refused(results.get),
                refused(worker.settings().update, {'debug': False})]
out['still'] = jobs.get()
out['names'] = [refused(worker.secret), refused(worker.hidden), refused(worker.other),
                refused(worker.get_queue), refused(worker.Queue)]
out['functions'] = [refused(function, worker, f) for f in ('shutdown', 'debug_info', 'list_objects')]

# Idents of objects that the key does not reach, known or guessed.
out['idents'] = []
for proxy in (secret, hidden, private):
    ident = proxy._token.id
    jobs._id = ident
    out['idents'] += [refused(function, worker, 'incref', ident),
                      refused(function, worker, 'decref', ident),
                      refused(function, worker, 'get_methods', proxy._token),
                      refused(jobs._callmethod, 'get'), refused(jobs._callmethod, '__len__'),
                      refused(jobs._callmethod, '__str__'), refused(jobs._getvalue)]
jobs._id = jobs._token.id

# A proxy as an argument is no way around.
mine = worker.list()
out['forged'] = [raised(mine.extend, hidden) is not None, len(mine)]

reader = connect_as(reader_key)
out['reader'] = [reader.jobs().qsize(), reader.secret().peek(), reader.settings()['debug'],
                 reader.settings().copy(), len(reader.hidden())]
out['reads'] = [refused(reader.jobs().get), refused(reader.jobs().put, 1),
                refused(reader.settings().clear), refused(reader.list),
                refused(reader.Queue), refused(function, reader, 'shutdown')]
out['info'] = 'refcount' in reader._debug_info()
answer(out)
