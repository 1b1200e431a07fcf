"""One side of a run of hand-overs: handover.py take|give ADDRESS socket|handle N. The giver hands a socket over N
times, in a pickle or by send_handle, with WINDOW under way at once, and prints the seconds for each."""
import multiprocessing
import os
import socket
import sys
import time
from multiprocessing import reduction
from multiprocessing.connection import Client, Listener

WINDOW = 50


def take(address, what, rounds):
    listener = Listener(address)
    print('ready', address)
    sys.stdout.flush()
    with listener.accept() as conn:
        for n in range(rounds):
            if what == 'socket':
                conn.recv().close()
            else:
                os.close(reduction.recv_handle(conn))
            if n % WINDOW == WINDOW - 1:
                conn.send('ok')


def give(address, what, rounds):
    a, b = socket.socketpair()
    with Client(address) as conn:
        start = time.perf_counter()
        for n in range(rounds):
            if what == 'socket':
                conn.send(b)
            else:
                reduction.send_handle(conn, b.fileno(), None)
            if n % WINDOW == WINDOW - 1:
                conn.recv()
        print((time.perf_counter() - start) / rounds)


def main():
    multiprocessing.current_process().authkey = b'bench'
    role, address, what, rounds = sys.argv[1:]
    globals()[role](address, what, int(rounds))


if __name__ == '__main__':
    main()
