"""Keys that are wrong: auth.py ADDRESS."""
import sys
from multiprocessing.connection import Client

from base import address, answer, connect, raised

answer({'wrong': raised(connect, None, b'nope'),
        'right': raised(connect)})
