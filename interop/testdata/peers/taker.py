"""A client of a manager: taker.py ADDRESS-WORDS KEY-HEX. For each request it takes an item out of the
manager's get_queue and answers with the name of its class and what str() makes of it."""
import multiprocessing
import sys

import peer

from multiprocessing.managers import SyncManager


class Manager(SyncManager):
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
