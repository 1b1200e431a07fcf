"""A client of a manager: taker.py [--package NAME] ADDRESS-WORDS KEY-HEX. The package is multiprocessing or a fork of
it. For each request it takes an item out of the manager's get_queue and answers with the name of its class and what
str() makes of it."""
import sys

import peer

multiprocessing, managers = peer.package()


class Manager(managers.SyncManager):
    pass


Manager.register("get_queue")


def main():
    key = peer.from_hex(sys.argv[-1])
    # Proxies that are items call the manager with the key of the process.
    multiprocessing.current_process().authkey = key
    manager = Manager(peer.address_of(sys.argv[1:-1]), authkey=key)
    manager.connect()
    queue = manager.get_queue()

    def take(request):
        item = queue.get(timeout=30)
        return {"Class": type(item).__name__, "Text": str(item)}

    peer.ready()
    peer.serve(take)


if __name__ == "__main__":
    main()
