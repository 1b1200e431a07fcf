"""What connecting raises: refused.py ADDRESS."""
from base import answer, connect, raised

answer(raised(connect))
