"""A stock manager: manager.py [--package NAME] [--serializer NAME] ADDRESS-WORDS KEY-HEX, with queues that are shared by name,
and an object whose methods take arguments and raise. The package is multiprocessing or a fork of it. Ends when stdin does."""
import sys
import time

import peer

multiprocessing, managers = peer.package()

try:
    import queue
except ImportError:
    import Queue as queue


class Calculator(object):
    def add(self, a, b=10):
        return a + b

    def fail(self, text):
        raise ValueError(text, 7)

    def lookup(self, key):
        return {}[key]

    def echo(self, *args, **kwds):
        return args, kwds


class Counter(object):
    """Its method answers with an object of its own."""

    def after(self, seconds, value):
        """Gives a value that takes a while."""
        time.sleep(seconds)
        yield value


queues = {}
calculator = Calculator()


def get_queue(name="", maxsize=0):
    return queues.setdefault(name, queue.Queue(maxsize))


class Manager(managers.SyncManager):
    pass


Manager.register("get_counter", callable=Counter, method_to_typeid={"after": "Iterator"})
Manager.register("get_queue", callable=get_queue)
Manager.register("get_calculator", callable=lambda: calculator)


def main():
    words, serializer = sys.argv[1:-1], "pickle"
    if words[0] == "--serializer":
        serializer, words = words[1], words[2:]
    key = peer.from_hex(sys.argv[-1])
    # Proxies that the server holds call it with the key of the process.
    multiprocessing.current_process().authkey = key
    server = Manager(peer.address_of(words), authkey=key, serializer=serializer).get_server()
    peer.exit_with_stdin()
    peer.ready(*peer.words_of(server.address))
    server.serve_forever()


if __name__ == "__main__":
    main()
