"""Puts the corpus into one queue for each reader: write.py ADDRESS ME READER..."""
import sys

import corpus
from base import answer, connect

m = connect()
me = sys.argv[2]
values, _ = corpus.special(None)
values.update(corpus.VALUES)
for reader in sys.argv[3:]:
    q = m.get_queue('%s to %s' % (me, reader))
    for name in sorted(values):
        if me == '2.7' and name == 'partial':
            continue  # cPickle of 2.7 cannot pickle one
        q.put((name, values[name]))
    for name in sorted(corpus.MODERN):
        if '2.7' not in (me, reader):
            q.put((name, corpus.MODERN[name]))
answer(len(values))
