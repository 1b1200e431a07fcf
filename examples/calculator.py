"""A client of the Go program calculator: calls a method of a Go value.

Stock Python, 2.7 or 3.6 to 3.15; nothing is installed.
"""
from __future__ import print_function

import os
import sys
from multiprocessing.managers import BaseManager


class Manager(BaseManager):
    pass


Manager.register('get_calculator')


def main(host='127.0.0.1', port='5000'):
    authkey = os.environ.get('MPBRIDGE_AUTHKEY', 'abc').encode('ascii')
    manager = Manager(address=(host, int(port)), authkey=authkey)
    manager.connect()
    print(manager.get_calculator().add_all(1, 2, 3))


if __name__ == '__main__':
    main(*sys.argv[1:3])
