"""A proxy handed to child processes under each start method: children.py ADDRESS."""
import multiprocessing
import sys

from base import answer, connect


def work(q, n):
    q.put(n * n)


if __name__ == '__main__':
    methods = [None]
    if hasattr(multiprocessing, 'get_all_start_methods'):
        methods = multiprocessing.get_all_start_methods()
    q = connect().get_queue('children')
    out = []
    for method in methods:
        ctx = multiprocessing.get_context(method) if method else multiprocessing
        child = ctx.Process(target=work, args=(q, 7))
        child.start()
        out.append(q.get(True, 20))
        child.join(20)
        out.append(child.exitcode)
    answer(out)
