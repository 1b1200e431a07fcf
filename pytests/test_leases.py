"""Queues that lend their items: --lease."""
import json
import pathlib
import subprocess
import sys

import support

PEER = pathlib.Path(__file__).parent / 'peers' / 'lease.py'


def call(binary, server, *args):
    done = subprocess.run([binary, 'call', server.text, *args], env=support.peer_env(server.key),
                          stdout=subprocess.PIPE, check=True, timeout=60)
    return json.loads(done.stdout)


def put(binary, server, *items):
    subprocess.run([binary, 'put', server.text, 'jobs', *map(json.dumps, items)],
                   env=support.peer_env(server.key), check=True, timeout=60)


def test_what_a_killed_worker_had_goes_to_the_next(binary, serve, python, peer):
    server = serve('--queue', 'jobs', '--lease', '1h')
    put(binary, server, 1, 2, 3)
    worker = subprocess.Popen([python, str(PEER), server.text, 'hold'], stdout=subprocess.PIPE,
                              env=support.peer_env(server.key))
    assert json.loads(worker.stdout.readline()) == [1, 2]
    assert call(binary, server, 'jobs.qsize') == 1
    worker.kill()
    worker.wait()
    worker.stdout.close()
    got, error, unacked = peer(python, 'lease.py', server.text, 'work')
    assert got == [1, 2, 3], 'in their order'
    assert error[0] == 'ValueError'
    assert unacked == []


def test_items_are_acknowledged_by_receipt(binary, serve, python, peer):
    server = serve('--queue', 'jobs', '--lease', 'jobs=1h')
    put(binary, server, 'item')
    assert peer(python, 'lease.py', server.text, 'receipts') == [
        'item', True, True, False, 'item', '2', 1, True, False,
        ['Empty', ''], ['ValueError', 'not a receipt']]


def test_an_item_that_kills_its_workers_is_set_aside(binary, serve):
    server = serve('--queue', 'jobs', '--lease', '1h', '--max-deliveries', '2')
    put(binary, server, 'poison')
    for _ in range(2):
        worker = subprocess.Popen([sys.executable, str(PEER), server.text, 'hold'],
                                  env=support.peer_env(server.key))
        while not call(binary, server, 'jobs.unacked'):
            pass
        worker.kill()
        worker.wait()
        while call(binary, server, 'jobs.unacked'):
            pass
    assert call(binary, server, 'jobs.dead.peek') == ['poison']
