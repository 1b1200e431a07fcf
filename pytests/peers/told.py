"""What a client is told for whom there is no place: told.py ADDRESS KEY."""
import sys

from base import answer, connect

try:
    connect(None, sys.argv[2].encode('ascii'))
    answer(None)
except Exception as e:
    answer([type(e).__name__, str(e)])
