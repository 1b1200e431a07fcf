"""A front: accepts ten TCP connections and puts each into the socket queue, for workers to answer.

Stock Python, 3.6 to 3.15; nothing is installed.
"""
import multiprocessing
import os
import socket
import sys
from multiprocessing.managers import BaseManager


class QueueManager(BaseManager):
    pass


QueueManager.register('get_socket_queue')


def main(host, port):
    authkey = os.environ.get('MPBRIDGE_AUTHKEY', 'abc').encode('ascii')
    offers_key = os.environ.get('MPBRIDGE_OFFERS_KEY', '').encode('ascii')
    multiprocessing.current_process().authkey = offers_key or authkey  # sockets are fetched with it
    manager = QueueManager(address=(host, int(port)), authkey=authkey)
    manager.connect()
    sockets = manager.get_socket_queue()
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(10)
        print('ready', listener.getsockname()[1])
        sys.stdout.flush()
        for _ in range(10):
            client, _ = listener.accept()
            with client:
                sockets.put(client)
    sockets.join()  # sockets are fetched from this process
    print('front exit.')


if __name__ == '__main__':
    main(*sys.argv[1:3])
