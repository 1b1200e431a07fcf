"""Puts or takes items until the server is gone, and says what it knows of each: durable.py ADDRESS ROLE FIRST TELL [LAST].

The item FIRST + n is the n-th of a producer. When TELL items are through, a line says so. Without LAST, after
which there are no more, it goes on until the server has gone. ROLE is put, given (get), lent
(get and task_done) or receipts (lease and ack).
"""
import sys

from base import answer, connect


def produce(jobs, known, first):
    n = first
    while True:
        known['unknown'] = [n]
        jobs.put(n)
        known['acked'].append(n)
        many = list(range(n + 1, n + 4))
        known['unknown'] = many
        jobs.put_many(many)
        known['acked'] += many
        n += 4
        yield


def given(jobs, known):
    while True:
        known['taken'].append(jobs.get())
        yield


def lent(jobs, known):
    while True:
        item = jobs.get()
        known['taken'].append(item)
        jobs.task_done()
        known['settled'].append(item)
        yield


def receipts(jobs, known):
    while True:
        receipt, item = jobs.lease()
        known['taken'].append(item)
        if jobs.ack(receipt):
            known['settled'].append(item)
        yield


def main():
    role, first, tell = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    known = {'acked': [], 'unknown': [], 'taken': [], 'settled': []}
    try:
        jobs = connect().jobs()
        if role == 'put':
            steps = produce(jobs, known, first)
        else:
            steps = {'given': given, 'lent': lent, 'receipts': receipts}[role](jobs, known)
        for n, _ in enumerate(steps):
            if n == tell:
                sys.stdout.write('told\n')
                sys.stdout.flush()
            if [str(n + 1)] == sys.argv[5:]:
                break
    except (EOFError, EnvironmentError) as e:
        known['raised'] = getattr(e, 'errno', None)
    answer(known)


if __name__ == '__main__':
    main()
