"""The fork server of an mpbridge pool: an interpreter that has imported what workers need, and forks.

Stands before worker.py in the argument of -c, which calls serve. What is said on the socket stands in the
comments of package pool.
"""
import array
import atexit
import errno
import fcntl
import gc
import os
import random
import select
import signal
import socket
import struct
import sys
import threading
from multiprocessing import process, util

FORK, SIGNAL, ENDED = range(3)
message = struct.Struct('!iii')


def serve(answer):
    """Does what the pool asks for until that closes its end. Returns in the workers, and there alone."""
    server = ForkServer(answer)
    gc.collect()
    if hasattr(gc, 'freeze'):  # 3.7
        gc.freeze()
    poll = select.poll()
    poll.register(server.control, select.POLLIN)
    poll.register(server.wake, select.POLLIN)
    while True:
        ready = [fd for fd, _ in poll.poll()]
        if server.wake.fileno() in ready:
            server.reap()
        if server.control.fileno() not in ready:
            continue
        request, fds = server.receive()
        if not request:
            sys.exit(0)
        kind, number, value = request
        if kind == SIGNAL:
            server.signal(number, value)
        elif server.fork(number, fds):
            return


class ForkServer(object):
    def __init__(self, answer):
        self.answer = lambda *fields: answer(message.pack(*fields))
        self.children = set()
        self.control = socket.fromfd(3, socket.AF_UNIX, socket.SOCK_STREAM)
        self.wake, self.waker = socket.socketpair()
        self.wake.setblocking(False)
        self.waker.setblocking(False)
        self.old_handler = signal.signal(signal.SIGCHLD, lambda *args: None)
        self.old_wakeup = signal.set_wakeup_fd(self.waker.fileno())

    def receive(self):
        """The next request and the descriptors beside it; no request at the end."""
        cloexec = getattr(socket, 'MSG_CMSG_CLOEXEC', 0)
        fds = array.array('i')
        data = b''
        while len(data) < message.size:
            part, aside, _, _ = self.control.recvmsg(message.size - len(data), socket.CMSG_SPACE(16), cloexec)
            if not part:
                return None, fds
            data += part
            for level, kind, rights in aside:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds.frombytes(rights)
        return message.unpack(data), fds

    def fork(self, number, fds):
        """Answers (FORK, number, pid or -errno). Returns True in the new process."""
        util._flush_std_streams()
        try:
            if len(fds) < 4:  # the others found no room
                raise OSError(errno.EMFILE, 'too many open files')
            pid = os.fork()
        except OSError as e:
            pid = -e.errno
        if pid == 0:
            self.become_worker(*fds)
            return True
        for fd in fds:
            os.close(fd)
        if pid > 0:
            self.children.add(pid)
            try:
                os.setpgid(pid, pid)  # as the child does: signals may come before it has
            except OSError:  # which has ended
                pass
        self.answer(FORK, number, pid)
        return False

    def signal(self, pid, sig):
        """Answers (SIGNAL, pid, 0). No other process has the number, for the child was not waited for."""
        if pid in self.children:
            try:
                os.killpg(pid, sig)
            except OSError:  # it has ended
                pass
        self.answer(SIGNAL, pid, 0)

    def reap(self):
        """Tells (ENDED, pid, status) of each child that has ended."""
        self.wake.recv(1 << 12)
        for pid in list(self.children):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:  # something that was imported waits for all children
                ended, status = pid, 0
            if ended:
                self.children.remove(pid)
                self.answer(ENDED, pid, status)

    def become_worker(self, conn, stdout, stderr, lifeline):
        os.setpgid(0, 0)
        signal.set_wakeup_fd(self.old_wakeup)
        signal.signal(signal.SIGCHLD, self.old_handler or signal.SIG_DFL)
        self.wake.close()
        self.waker.close()
        self.control.close()
        for fd, place in (conn, 3), (stdout, 1), (stderr, 2):
            os.dup2(fd, place, inheritable=place < 3)
            os.close(fd)
        hold(lifeline)
        after_fork()


def hold(lifeline):
    """Has the kernel kill this process when the pool closes its end, as it does when it dies."""
    fcntl.fcntl(lifeline, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    if not hasattr(fcntl, 'F_SETSIG'):
        return
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(lifeline, 0)
    if poll.poll(0):  # it was closed before
        os.kill(os.getpid(), signal.SIGKILL)


def after_fork():
    """What BaseProcess._bootstrap and forkserver.main of multiprocessing do in a new process."""
    process._children = set()
    util._finalizer_registry.clear()
    util._run_after_forkers()
    atexit._clear()
    atexit.register(util._exit_function)
    if not hasattr(os, 'register_at_fork'):  # 3.7, from which on random does it
        random.seed()
    if hasattr(threading.main_thread(), '_set_native_id'):
        threading.main_thread()._set_native_id()


def leave():
    """Ends a worker, and does not take down what it has from the fork server."""
    threading._shutdown()
    atexit._run_exitfuncs()
    util._flush_std_streams()
    os._exit(0)
