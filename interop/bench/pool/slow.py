"""A module that takes as long to import as many a program's own: about 0.1 s."""
import asyncio
import decimal
import http.server
import sqlite3
import unittest.mock
import xml.dom.minidom

needed = asyncio, decimal, http.server, sqlite3, unittest.mock, xml.dom.minidom


def initialize(queue=None):
    """Tells that a worker has imported this."""
    if queue is not None:
        queue.put(True)


def same(x):
    return x
