"""What one key reaches of what another made: ownership.py ADDRESS ANN_KEY BOB_KEY."""
import sys
from multiprocessing.managers import DictProxy, ListProxy

from base import Manager, answer
from rights import connect_as, function, refused

Manager.register('shelf', proxytype=DictProxy)
Manager.register('list', proxytype=ListProxy)

ann_key, bob_key = [k.encode('ascii') for k in sys.argv[2:4]]

out = {}
ann = connect_as(ann_key)
secret, given = ann.list(), ann.list()
secret.append('hush')
given.append('hello')
ann.shelf()['given'] = given

bob = connect_as(bob_key)
probe = bob.list()
probe._id = secret._token.id
out['refused'] = [refused(function, bob, 'incref', secret._token.id),
                  refused(function, bob, 'decref', secret._token.id),
                  refused(function, bob, 'get_methods', secret._token),
                  refused(probe.append, 1), refused(probe.pop), refused(probe.__len__),
                  refused(probe._getvalue), refused(probe._callmethod, '__str__')]
probe._id = probe._token.id
try:
    probe.extend(secret)
except Exception:
    pass
out['probe'] = len(probe)
out['info'] = [t in bob._debug_info() for t in (secret._token.id, given._token.id, 'hush')]

copy = bob.shelf()['given']  # a proxy; in Python 2, whose own server would have stored the list, a list
copy.append('hi')
out['given'] = copy[:]
del copy

ann = connect_as(ann_key)
secret = ann.list(secret)  # nobody has changed or freed what the old proxy leads to
out['secret'] = secret[:]
answer(out)
