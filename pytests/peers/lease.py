"""A worker on a queue that lends: lease.py ADDRESS WHAT. "hold" takes two items, says so, and waits to be
killed; "work" takes what is there, and acknowledges it; "receipts" uses lease, ack, nack and extend."""
import sys
import time

from base import answer, connect, queue, raised

m = connect()
jobs = m.jobs()


def hold():
    answer([jobs.get(), jobs.get()])
    sys.stdout.flush()
    time.sleep(600)


def work():
    got = []
    while True:
        try:
            got.append(jobs.get(timeout=0.2))
        except queue.Empty:
            break
        jobs.task_done()
    answer([got, raised(jobs.task_done), jobs.unacked()])


def receipts():
    receipt, item = jobs.lease()
    out = [item, jobs.extend(receipt, 100), jobs.nack(receipt), jobs.nack(receipt)]
    receipt, again = jobs.lease(1)
    out += [again, receipt.split(':')[1], len(jobs.unacked()), jobs.ack(receipt), jobs.ack(receipt)]
    out += [raised(jobs.lease, 0.05), raised(jobs.ack, 'nonsense')]
    jobs.join()
    answer(out)


globals()[sys.argv[2]]()
