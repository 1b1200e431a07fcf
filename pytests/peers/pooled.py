"""A client of a server's pools: pooled.py ADDRESS."""
import math
import operator
import os
import sys
from multiprocessing.managers import RemoteError, SyncManager

from base import KEY, address, answer, raised

m = SyncManager(address(sys.argv[1]), authkey=KEY)
m.connect()
p = m.Pool(2)
out = {}
out['apply'] = p.apply(math.sqrt, (16,))
out['map'] = p.map(math.sqrt, [1, 4, 9], 2)
out['async'] = p.apply_async(divmod, (7, 3)).get(30)
out['imap'] = list(p.imap(math.sqrt, [1, 4]))
out['unordered'] = sorted(p.imap_unordered(math.sqrt, [1, 4]))
out['raised'] = raised(p.apply, divmod, (1, 0))
names = m.dict()
p.apply(operator.setitem, (names, 'key', 'by a proxy'))
out['proxy'] = names['key']
out['died'] = raised(p.apply, os._exit, (3,))[0]
out['goes on'] = p.apply(abs, (-1,))
try:
    m.Pool(2)
except RemoteError as e:
    out['full'] = str(e).strip().splitlines()[-2]
p.close()
p.join()
out['closed'] = raised(p.apply, abs, (-1,))
answer(out)
