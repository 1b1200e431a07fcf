"""A client of two servers: CPython's own, which it starts, and the one that the arguments name: SCRIPT PACKAGES
ADDRESS-WORDS KEY-HEX. PACKAGES is a folder that scripts put into sys.path themselves, before they import this."""
import sys

import peer

from multiprocessing.managers import SyncManager


class Creator(object):
    """A manager whose objects take one connection to make and last as long as the server. With a manager's own proxies
    each takes four, to be made, to be counted twice and to be called, and here only what its calls do is of interest."""

    def __init__(self, manager):
        self._manager = manager

    def __getattr__(self, typeid):
        proxytype = self._manager._registry[typeid][-1]

        def create(*args, **kwds):
            token, exposed = self._manager._create(typeid, *args, **kwds)
            return proxytype(token, "pickle", manager=self._manager, authkey=self._manager._authkey, exposed=exposed,
                             incref=False)

        return create


class Both(object):
    def __init__(self, address, key):
        own, other = SyncManager(), SyncManager(address, authkey=key)
        own.start()
        other.connect()
        self.own, self.other = Creator(own), Creator(other)


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
