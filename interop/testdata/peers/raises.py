"""A stock client whose calls raise: raises.py ADDRESS-WORDS KEY-HEX. Each request names a class as
Python 3 does; the answer says whether this Python has it, and what it got."""
import importlib
import sys

import peer

from multiprocessing.managers import BaseManager

try:
    import builtins
except ImportError:
    import __builtin__ as builtins


class Manager(BaseManager):
    pass


Manager.register("raiser")

# What 2.7 calls modules that 3 renamed.
OLD = {"builtins": "exceptions", "_thread": "thread", "queue": "Queue", "multiprocessing.context": "multiprocessing"}


def find(module, name):
    """The class of a name, or None. Names of classes that moved are looked for where they were."""
    if peer.PY2:
        module = OLD.get(module, module)
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


class Client(object):
    def __init__(self, address, key):
        manager = Manager(address, authkey=key)
        manager.connect()
        self.raiser = manager.raiser()

    def handle(self, request):
        if request.get("list"):
            return self.names()
        want = find(request["module"], request["name"])
        try:
            self.raiser.fail(request["index"])
        except BaseException as e:
            return {"has": want is not None, "same": type(e) is want, "class": type(e).__name__,
                    "bases": [c.__name__ for c in type(e).__mro__], "text": str(e)}
        return {}

    def names(self):
        """All exceptions among the builtins of this Python that a text alone makes an instance of."""
        names = []
        for name in dir(builtins):
            c = getattr(builtins, name)
            if isinstance(c, type) and issubclass(c, BaseException) and c.__name__ == name:
                try:
                    c("text")
                except TypeError:
                    continue
                names.append(name)
        return {"names": names}


if __name__ == "__main__":
    client = Client(peer.address_of(sys.argv[1:-1]), peer.from_hex(sys.argv[-1]))
    peer.ready()
    peer.serve(client.handle)
