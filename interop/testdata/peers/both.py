"""A client of two servers: CPython's own, which it starts, and the one that the arguments name: SCRIPT PACKAGES
ADDRESS-WORDS KEY-HEX. PACKAGES is a folder that scripts put into sys.path themselves, before they import this."""
import sys

import peer

from multiprocessing.managers import SyncManager


class Both(object):
    def __init__(self, address, key):
        self.own = SyncManager()
        self.own.start()
        self.other = SyncManager(address, authkey=key)
        self.other.connect()


def serve(names, numpy, rows):
    """Answers {"list": true} with the names and whether there is numpy, and {"name": NAME} with rows(NAME, both): what was
    asked, what CPython's server made of it, and what the other one did."""
    both = Both(peer.address_of(sys.argv[2:-1]), peer.from_hex(sys.argv[-1]))

    def handle(request):
        if request.get("list"):
            return {"names": sorted(names), "numpy": numpy}
        return {"out": rows(request["name"], both)}

    peer.ready()
    peer.serve(handle)
