"""Queues that survive their server: serve --data, and mpbridge data."""
import itertools
import json
import os
import pathlib
import pickle
import random
import resource
import shutil
import signal
import subprocess

import pytest

import support

PEERS = pathlib.Path(__file__).resolve().parent / 'peers'
EXIT_STATE = 7
ROUNDS = 200 if os.environ.get('MPBRIDGE_NIGHTLY') else 3


def run(binary, *args, key=b'key', code=0, input=None):
    done = subprocess.run([binary, *map(str, args)], env=support.peer_env(key), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, input=input)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout.decode() if code == 0 else done.stderr.decode()


def peek(binary, server):
    return json.loads(run(binary, 'call', server.text, 'jobs.peek', '1000000', key=server.key))


def put(binary, server, *values):
    run(binary, 'put', server.text, 'jobs', *map(json.dumps, values), key=server.key)


def kill(server):
    server.process.kill()
    server.process.communicate(timeout=60)


def start(python, server, role, first, tell):
    return subprocess.Popen([python, str(PEERS / 'durable.py'), server.text, role, str(first), str(tell)],
                            env=support.peer_env(server.key), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Books:
    """What all clients of all rounds know."""

    def __init__(self):
        self.acked, self.unknown, self.taken, self.settled = set(), set(), set(), set()

    def add(self, process):
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err.decode()
        known = json.loads(out.decode().splitlines()[-1])
        assert not self.settled & set(known['settled']), 'settled twice'
        self.acked |= set(known['acked'])
        self.unknown |= set(known['unknown'])
        self.taken |= set(known['taken'])
        self.settled |= set(known['settled'])

    def balance(self, left):
        assert len(left) == len(set(left)), 'twice in the queue'
        there = self.taken | set(left)
        assert self.acked <= there, 'lost: %s' % sorted(self.acked - there)[:20]
        assert there <= self.acked | self.unknown, 'out of nothing'
        assert not self.settled & set(left), 'settled, and came back'
        for _, of_one in itertools.groupby(sorted(left, key=lambda n: n // 10 ** 6), lambda n: n // 10 ** 6):
            mine = list(of_one)
            assert mine == sorted(mine), 'out of order'


@pytest.mark.timeout(7200 if ROUNDS > 3 else 300)
@pytest.mark.parametrize('sync', ['always', '5ms'])
@pytest.mark.parametrize('role', ['given', 'lent', 'receipts'])
def test_after_kill_9_the_books_balance(binary, serve, tmp_path, role, sync):
    flags = ('--data', str(tmp_path / 'data'), '--queue', 'jobs', '--sync', sync) + (
        ('--lease', '1h') if role != 'given' else ())
    pythons, books, seed = [path for _, path in support.found()], Books(), random.Random(role + sync)
    for n in range(ROUNDS if sync == 'always' else 1 + ROUNDS // 8):
        server = serve(*flags)
        python = pythons[(n + seed.randrange(len(pythons))) % len(pythons)]
        producers = [start(python, server, 'put', (2 * n + i) * 10 ** 6, -1) for i in range(2)]
        workers = [start(python, server, role, 0, seed.randrange(40)) for _ in range(2)]
        assert workers[0].stdout.readline() == b'told\n'
        kill(server)
        for process in producers + workers:
            books.add(process)
    server = serve(*flags)
    left = peek(binary, server)
    books.balance(left)
    assert books.acked and books.taken
    server.stop()
    server = serve(*flags)
    assert peek(binary, server) == left, 'an orderly end changed something'


def test_an_orderly_restart_doubles_nothing(serve, peer, tmp_path, binary):
    flags = ('--data', str(tmp_path / 'data'), '--queue', 'jobs')
    server = serve(*flags)
    put(binary, server, 1, 2, 3)
    assert run(binary, 'get', server.text, 'jobs', key=server.key) == '1\n'
    server.stop()
    server = serve(*flags)
    assert peer(support.found()[0][1], 'durable.py', server.text, 'given', 0, -1, 2)['taken'] == [2, 3]


def test_the_ready_line_and_ls_say_how_durable_a_queue_is(binary, serve, tmp_path):
    for sync, shown in (('always', 'always'), ('100ms', '100ms'), ('never', 'never')):
        server = serve('--data', str(tmp_path / sync), '--sync', sync, '--queue', 'jobs', '--queue', 'fast',
                       '--volatile', 'fast')
        rows = [json.loads(line) for line in run(binary, 'ls', '--json', server.text, key=server.key).splitlines()]
        assert {r['name']: r['durable'] for r in rows} == {'jobs': shown, 'fast': ''}
        server.stop()


def test_what_is_volatile_goes_with_the_server(binary, serve, tmp_path):
    flags = ('--data', str(tmp_path / 'data'), '--queue', 'jobs', '--volatile', 'jobs')
    server = serve(*flags)
    put(binary, server, 1)
    server.stop()
    assert peek(binary, serve(*flags)) == []


def test_what_changes_an_object_is_there_after_kill_9(binary, serve, tmp_path, python):
    flags = ('--data', str(tmp_path / 'data'), '--dict', 'settings', '--list', 'names', '--event', 'go')
    script = ("import sys; sys.path.insert(0, %r); from base import *; Manager.register('settings'); "
              "Manager.register('names'); Manager.register('go'); m = connect(); m.settings().update({'a': 1, 2: [3]}); "
              "n = m.names(); n.append('x'); n.extend(['y', 'z']); n.pop(0); m.go().set()" % str(PEERS))
    server = serve(*flags)
    subprocess.run([python, '-c', script, server.text], env=support.peer_env(server.key), check=True, timeout=60)
    kill(server)
    server = serve(*flags)
    for call, shown in (('settings.get "a"', '1'), ('settings.get 2', '[3]'), ('names.copy', '["y","z"]'),
                        ('go.is_set', 'true')):
        assert run(binary, 'call', server.text, *call.split(), key=server.key) == shown + '\n'


def test_two_servers_do_not_have_one_folder(binary, serve, tmp_path):
    serve('--data', str(tmp_path / 'data'))
    said = run(binary, 'serve', '--address', '127.0.0.1:0', '--data', tmp_path / 'data', code=EXIT_STATE)
    assert 'another server has it' in said


def test_a_queue_that_is_not_offered_is_not_forgotten(binary, serve, tmp_path):
    data = str(tmp_path / 'data')
    server = serve('--data', data, '--queue', 'jobs')
    put(binary, server, 1)
    server.stop()
    said = run(binary, 'serve', '--address', '127.0.0.1:0', '--data', data, '--queue', 'other', code=EXIT_STATE)
    assert '1 items of jobs' in said and '--drop jobs' in said
    serve('--data', data, '--queue', 'other', '--drop', 'jobs').stop()
    assert peek(binary, serve('--data', data, '--queue', 'jobs')) == []


def test_a_snapshot_is_taken_over_once(binary, serve, tmp_path):
    flags = ('--queue', 'jobs', '--dict', 'settings', '--snapshot', str(tmp_path / 'state'))
    server = serve(*flags)
    put(binary, server, 1, 2)
    run(binary, 'call', server.text, 'settings.__setitem__', '"k"', '1', key=server.key)
    server.stop()
    for n, left in enumerate(([1, 2], [2])):
        server = serve(*flags, '--data', str(tmp_path / 'data'))
        assert peek(binary, server) == left
        assert run(binary, 'call', server.text, 'settings.get', '"k"', key=server.key) == '%d\n' % (n + 1)
        run(binary, 'call', server.text, 'settings.__setitem__', '"k"', n + 2, key=server.key)
        run(binary, 'get', server.text, 'jobs', key=server.key)
        server.stop()
    said = run(binary, 'serve', '--address', '127.0.0.1:0', *flags, '--data', tmp_path / 'data', '--sync', '0', code=2)
    assert '--sync' in said


def segment(folder):
    return sorted(folder.glob('*.seg'))[0]


def flip(path, text):
    content = bytearray(path.read_bytes())
    content[content.index(text)] ^= 1
    path.write_bytes(content)


def test_damage_is_named_and_repaired(binary, serve, tmp_path):
    data = tmp_path / 'data'
    server = serve('--data', str(data), '--queue', 'jobs')
    for n in range(5):
        put(binary, server, 'item %d' % n)
    server.stop()
    flip(segment(data), b'item 2')
    before = segment(data).read_bytes()
    said = run(binary, 'serve', '--address', '127.0.0.1:0', '--data', data, '--queue', 'jobs', code=EXIT_STATE)
    assert '00000001.seg at offset' in said and 'of 1 records in jobs' in said and 'data repair' in said
    assert '00000001.seg at offset' in run(binary, 'data', 'check', data, code=EXIT_STATE)
    assert segment(data).read_bytes() == before
    assert run(binary, 'data', 'repair', data).startswith('lost 00000001.seg at offset')
    assert list(data.glob('damaged-00000001.seg-*'))
    assert peek(binary, serve('--data', str(data), '--queue', 'jobs')) == ['item 0', 'item 1', 'item 3', 'item 4']


def test_a_backup_of_a_server_that_runs_is_a_folder_for_another(binary, serve, tmp_path):
    server = serve('--data', str(tmp_path / 'data'), '--queue', 'jobs')
    put(binary, server, 1, 2)
    run(binary, 'data', 'backup', tmp_path / 'data', tmp_path / 'copy')
    put(binary, server, 3)
    assert peek(binary, serve('--data', str(tmp_path / 'copy'), '--queue', 'jobs')) == [1, 2]


def test_a_folder_becomes_a_snapshot_and_a_snapshot_a_folder(binary, serve, tmp_path):
    server = serve('--data', str(tmp_path / 'data'), '--lifo', 'jobs')
    put(binary, server, 1, 2)
    server.stop()
    run(binary, 'data', 'export', tmp_path / 'data', tmp_path / 'state')
    shutil.copy(tmp_path / 'state', tmp_path / 'again')
    server = serve('--snapshot', str(tmp_path / 'state'), '--lifo', 'jobs')
    assert peek(binary, server) == [2, 1]
    run(binary, 'data', 'import', tmp_path / 'other', tmp_path / 'again')
    assert run(binary, 'data', 'check', '--json', tmp_path / 'other') == '{"name":"jobs","kind":"queue","entries":2,"bytes":10}\n'
    assert 'a server has had' in run(binary, 'data', 'import', tmp_path / 'data', tmp_path / 'again', code=EXIT_STATE)
    assert peek(binary, serve('--data', str(tmp_path / 'other'), '--lifo', 'jobs')) == [2, 1]


def limited(command, key, limit=None):
    """Starts a server with more around it; returns it and its address."""
    process = subprocess.Popen(list(map(str, command)), env=support.peer_env(key), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, preexec_fn=limit)
    return process, process.stdout.readline().decode().split()[2]


def test_when_the_disk_fails_nothing_is_acknowledged_and_the_server_stops(binary, tmp_path, peer, serve):
    strace = shutil.which('strace')
    if strace is None:
        pytest.skip('no strace was found')
    flags = ('--queue', 'jobs', '--data', str(tmp_path / 'data'))
    process, address = limited([strace, '-f', '-qq', '-o', '/dev/null', '--seccomp-bpf', '-e', 'trace=fdatasync', '-e',
                                'inject=fdatasync:error=EIO:when=9+', binary, 'serve', '--address', '127.0.0.1:0', *flags],
                               b'key')
    known = peer(support.found()[-1][1], 'durable.py', address, 'put', 0, -1, key=b'key')
    _, err = process.communicate(timeout=60)
    assert process.returncode == 8, err.decode()
    assert known['acked'] and known['raised'] == 5
    left = peek(binary, serve(*flags))
    assert set(known['acked']) <= set(left) <= set(known['acked'] + known['unknown'])


def test_a_limit_of_the_size_of_files_is_kept(binary, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300 << 10, 300 << 10))

    process, address = limited([binary, 'serve', '--address', '127.0.0.1:0', '--queue', 'jobs', '--data',
                                tmp_path / 'data', '--data-reserve', '64KiB'], b'key', limit)
    for _ in range(3):
        run(binary, 'put', address, 'jobs', *[json.dumps('x' * 50000)] * 6)
    assert 'File too large' in run(binary, 'put', address, 'jobs', '--raw', input=pickle.dumps(b'x' * (400 << 10)), code=1)
    assert run(binary, 'call', address, 'jobs.qsize') == '18\n'
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err.decode()
