"""Takes what each writer put and tells what came out wrong: read.py ADDRESS ME WRITER..."""
import sys
import traceback

import corpus
from base import answer, connect, queue

m = connect()
me = sys.argv[2]
_, checks = corpus.special(None)
wrong, count = [], 0
for writer in sys.argv[3:]:
    q = m.get_queue('%s to %s' % (writer, me))
    while True:
        try:
            name, value = q.get_nowait()
        except queue.Empty:
            break
        except Exception:
            wrong.append([writer, traceback.format_exc().splitlines()[-1]])
            continue
        count += 1
        ok = checks[name](value) if name in checks else corpus.same(name, value, writer == '2.7')
        if not ok:
            wrong.append([writer, name, repr(value)[:200]])
answer({'wrong': wrong, 'count': count})
