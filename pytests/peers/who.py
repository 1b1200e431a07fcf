"""Whether a key is accepted, and may take from a queue: who.py ADDRESS KEY."""
import sys

from base import answer, connect, raised

key = sys.argv[2].encode('ascii')
error = raised(connect, None, key)
answer([error and error[0], None if error else raised(connect(None, key).jobs().get_nowait)[0]])
