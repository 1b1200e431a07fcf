"""A module that has a fork server say what was not asked."""
import os
import struct


def fork():
    os.write(3, struct.pack('!iiii', 12, 2, 1, 0))
    return real()


real, os.fork = os.fork, fork
