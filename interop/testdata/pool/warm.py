"""A module that fork servers import before there are workers."""
import atexit
import os
import random

home = os.getpid()
atexit.register(print, 'the end of the module')


def server():
    return home


def where():
    """Who imported this, whose child this is, and a number that is this process's own."""
    return home, os.getppid(), os.getpid(), random.random()


def leave_word():
    atexit.register(print, 'the end of the worker')
