"""A stock client of a manager that exposes Go values: exposed.py ADDRESS-WORDS KEY-HEX. It knows nothing but
the typeids, as Python code that says BaseManager.register('get_calculator') does."""
import sys

import peer

from multiprocessing.managers import BaseManager, IteratorProxy


class Overdrawn(Exception):
    """What Go raises by name. The class that arrives is that of the module exposed, not of __main__."""


class Manager(BaseManager):
    pass


Manager.register("get_calculator")
Manager.register("Account")
Manager.register("Iterator", proxytype=IteratorProxy, create_method=False)


def plain(v):
    """The value as JSON has it; a proxy is its str."""
    if isinstance(v, (list, tuple)):
        return [plain(x) for x in v]
    if hasattr(v, "_callmethod"):
        return str(v)
    return v


class Client(object):
    def __init__(self, address, key):
        self.manager = Manager(address, authkey=key)
        self.manager.connect()
        self.objects = {"calculator": self.manager.get_calculator()}

    def handle(self, request):
        args = request.get("args") or []
        kwds = dict((str(k), v) for k, v in (request.get("kwds") or {}).items())
        return {"result": getattr(self, "do_" + request["do"])(request, args, kwds)}

    def do_create(self, request, args, kwds):
        self.objects[request["as"]] = getattr(self.manager, request["method"])(*args, **kwds)

    def do_call(self, request, args, kwds):
        args = [self.objects[a["object"]] if isinstance(a, dict) and "object" in a else a for a in args]
        v = getattr(self.objects[request["of"]], request["method"])(*args, **kwds)
        if request.get("as"):
            self.objects[request["as"]] = v
        return plain(v)

    def do_list(self, request, args, kwds):
        v = getattr(self.objects[request["of"]], request["method"])(*args, **kwds)
        return [plain(x) for x in v]

    def do_names(self, request, args, kwds):
        return sorted(n for n in dir(self.objects[request["of"]]) if not n.startswith("_"))

    def do_drop(self, request, args, kwds):
        del self.objects[request["of"]]


def main():
    client = Client(peer.address_of(sys.argv[1:-1]), peer.from_hex(sys.argv[-1]))
    peer.ready()
    peer.serve(client.handle)


if __name__ == "__main__":
    main()
