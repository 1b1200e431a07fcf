"""A module that leaves its process unable to fork."""
import errno
import os


def fork():
    raise OSError(errno.EAGAIN, 'no')


os.fork = fork
