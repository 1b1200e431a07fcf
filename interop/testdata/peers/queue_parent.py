"""Makes queues of the spawn context and starts programs that get them: queue_parent.py PROGRAM. Requests are those of
queue_user.py, about the queues by their order: jobs and results, a pair for each of SimpleQueue, Queue(10) and
JoinableQueue(10); then both ends of a Pipe. And:

  {"op": "start", "q": q, "name": role}     starts PROGRAM with queues q and q + 1, answers its pid
  {"op": "stock", "q": q}                   starts a stock process that echoes from q to q + 1
  {"op": "wait", "name": pid}               its exit status
  {"op": "places", "q": q}                  the value of the queue's semaphore
"""
import io
import os
import subprocess
import sys

import multiprocessing
from multiprocessing import context, popen_spawn_posix, reduction

import peer
import queue_user


class Spawning(object):
    """What reduction.dump wants of the Popen of a process that is being started."""

    DupFd = popen_spawn_posix._DupFd

    def __init__(self):
        self.fds = []

    def duplicate_for_child(self, fd):
        self.fds.append(fd)
        return fd


class Parent(queue_user.User):
    def __init__(self, program):
        self.program = program
        self.children = {}
        self.ctx = multiprocessing.get_context("spawn")
        makers = [self.ctx.SimpleQueue, lambda: self.ctx.Queue(10), lambda: self.ctx.JoinableQueue(10)]
        queue_user.User.__init__(self, [make() for make in makers for _ in range(2)] + list(self.ctx.Pipe()))

    def pickled(self, value):
        spawning = Spawning()
        context.set_spawning_popen(spawning)
        try:
            out = io.BytesIO()
            reduction.dump(value, out)
        finally:
            context.set_spawning_popen(None)
        return out.getvalue(), spawning.fds

    def do_start(self, q, request):
        data, fds = self.pickled(self.objects[request["q"]:request["q"] + 2])
        env = dict(os.environ, MPBRIDGE_QUEUE_CHILD=request["name"])
        child = subprocess.Popen([self.program], env=env, pass_fds=fds, stdin=subprocess.PIPE)
        child.stdin.write(data)
        child.stdin.close()
        self.children[str(child.pid)] = child
        return child.pid

    def do_stock(self, q, request):
        to = self.objects[request["q"] + 1]
        child = self.ctx.Process(target=queue_user.echo, args=(q, to))
        child.daemon = True
        child.start()
        self.children[str(child.pid)] = child
        return child.pid

    def do_wait(self, q, request):
        child = self.children[request["name"]]
        if hasattr(child, "join"):
            child.join()
            return child.exitcode
        return child.wait()

    def do_places(self, q, request):
        return q._sem._semlock._get_value()


if __name__ == "__main__":
    parent = Parent(sys.argv[1])
    peer.ready()
    peer.serve(parent)
