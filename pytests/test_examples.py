"""The programs of the manual, of the README and of docs/, as they stand."""
import contextlib
import json
import os
import pathlib
import socket
import subprocess

import pytest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = dict(os.environ, MPBRIDGE_AUTHKEY='abc')


def address(server):
    return server.text


def test_the_manuals_clients_find_each_other(server, python, peer):
    peer(python, 'put.py', address(server))
    assert peer(python, 'get.py', address(server)) == 'hello'


@pytest.fixture(scope='session')
def programs(tmp_path_factory):
    """The README's Go programs, built."""
    folder = tmp_path_factory.mktemp('examples')
    subprocess.run(['go', 'build', '-o', str(folder), './examples/...'], cwd=ROOT, check=True)
    return folder


def squares(text, prefix):
    found = [line for line in text.splitlines() if line.startswith(prefix)]
    return sorted(found) == sorted('%s%d * %d = %d' % (prefix, n, n, n * n) for n in range(1, 11))


def test_the_go_server_and_the_python_worker(programs, python):
    server = subprocess.Popen([programs / 'server', '127.0.0.1:0'], stdout=subprocess.PIPE, env=KEY)
    host, _, port = server.stdout.readline().decode().split()[1].rpartition(':')
    worker = subprocess.Popen([python, ROOT / 'examples' / 'worker.py', host, port], env=KEY,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, _ = server.communicate(timeout=30)
    said, _ = worker.communicate(timeout=30)
    assert squares(out.decode(), 'Result: ')
    assert said.decode().count('run task') == 10
    assert server.returncode == 0


def test_the_python_manager_and_the_go_worker(programs, python):
    manager = subprocess.Popen([python, ROOT / 'examples' / 'manager.py', '127.0.0.1', '0'], env=KEY,
                               stdout=subprocess.PIPE)
    port = manager.stdout.readline().decode().split()[1]
    worker = subprocess.Popen([programs / 'worker', '127.0.0.1:' + port], env=KEY,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, _ = manager.communicate(timeout=30)
    said, err = worker.communicate(timeout=30)
    assert squares(out.decode(), 'Result: '), err
    assert said.decode().count('run task') == 10


def test_producer_consumer_and_terminator(serve, sockdir, python, peer):
    server = serve('--address', 'unix:%s/s' % sockdir, '--joinable', 'jobs')
    env = support.peer_env(server.key)
    script = str(ROOT / 'pytests' / 'peers' / 'joinable.py')

    def run(*args):
        return subprocess.Popen([python, script, server.text, *args], stdout=subprocess.PIPE, env=env)

    consumers = [run('consume') for _ in range(2)]
    assert peer(python, 'joinable.py', server.text, 'produce') == 'joined'
    peer(python, 'joinable.py', server.text, 'terminate', 2)
    taken = []
    for consumer in consumers:
        taken += json.loads(consumer.communicate(timeout=30)[0].decode())
    assert sorted(taken) == list(range(20))


def test_a_proxy_works_in_child_processes(server, python, peer):
    out = peer(python, 'children.py', address(server), timeout=120)
    assert set(out) == {49, 0}


def test_the_go_program_with_a_pool(programs):
    done = subprocess.run([programs / 'pool'], cwd=ROOT, stdout=subprocess.PIPE, timeout=60)
    factorial, sums = done.stdout.decode().splitlines()
    assert factorial == '120 <nil>'
    assert sums.startswith('[3.14159') and sums.endswith('] <nil>')


def test_the_demo_runs(binary):
    done = subprocess.run([binary, 'demo'], stdout=subprocess.PIPE, timeout=60)
    out = done.stdout.decode()
    assert done.returncode == 0
    assert out.count('Result:') == 20
    assert '10 * 10 = 100' in out


def test_the_function_of_the_pool_is_stock_python(python):
    out = subprocess.run([python, '-c', 'import pi; print(round(pi.part(0, 1000), 2))'], cwd=ROOT / 'examples', check=True,
                         stdout=subprocess.PIPE, timeout=60, env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1')).stdout
    assert out == b'3.14\n'


def test_the_go_program_that_shares_a_lock(programs):
    done = subprocess.run([programs / 'locks', support.found()[-1][1], ROOT / 'examples' / 'locks.py'],
                          stdout=subprocess.PIPE, timeout=60)
    assert done.stdout.decode() == 'Go has the lock\nPython has <Lock(owner=MainProcess)>\n'
    assert done.returncode == 0


def test_a_stock_pool_with_go_workers(programs):
    done = subprocess.run([support.found()[-1][1], 'hashing.py', programs / 'spawn'], cwd=ROOT / 'examples',
                          stdout=subprocess.PIPE, timeout=120, env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1'))
    assert done.returncode == 0
    assert done.stdout.decode().startswith('equal: True\nPython ')


def test_the_go_program_with_a_stock_child(programs):
    done = subprocess.run([programs / 'spawn', support.found()[-1][1]], cwd=ROOT / 'examples', stdout=subprocess.PIPE, timeout=60,
                          env=dict(os.environ, PYTHONDONTWRITEBYTECODE='1'))
    assert done.returncode == 0
    words = done.stdout.decode().split()
    assert [words[0], words[2], words[3], words[5]] == ['Go', 'true', 'Python', 'true']


def test_the_go_program_with_a_fork_server(programs):
    done = subprocess.run([programs / 'forkserver'], cwd=ROOT, stdout=subprocess.PIPE, timeout=60)
    assert done.stdout.decode().startswith('3.14159')


def test_the_go_value_and_the_python_client(programs, python):
    server = subprocess.Popen([programs / 'calculator', '127.0.0.1:0'], stdout=subprocess.PIPE, env=KEY)
    try:
        host, _, port = server.stdout.readline().decode().split()[1].rpartition(':')
        out = subprocess.run([python, ROOT / 'examples' / 'calculator.py', host, port], env=KEY, check=True,
                             stdout=subprocess.PIPE, timeout=60).stdout
        assert out.decode() == '6\n'
    finally:
        server.kill()
        server.communicate()


@pytest.fixture
def handed(serve):
    """A server with a queue for sockets, and what both sides of the queue have in their environment."""
    server = serve('--queue', 'get_socket_queue')
    return server, dict(os.environ, MPBRIDGE_AUTHKEY=server.key.decode(), MPBRIDGE_OFFERS_KEY='for offers alone')


def pair(front, worker, env):
    """Runs a front, ten clients and a worker, which leaves when there is no more to do; checks the answers."""
    with contextlib.ExitStack() as stack:
        front = stack.enter_context(subprocess.Popen(front, stdout=subprocess.PIPE, env=env))
        stack.callback(front.kill)
        port = front.stdout.readline().decode().split()[1].rpartition(':')[2]
        clients = [stack.enter_context(socket.create_connection(('127.0.0.1', int(port)), timeout=60)) for _ in range(10)]
        for n, client in enumerate(clients):
            client.sendall(b'hello %d\n' % n)
        worker = stack.enter_context(subprocess.Popen(worker, stdout=subprocess.DEVNULL, env=env))
        stack.callback(worker.kill)
        for n, client in enumerate(clients):
            assert client.makefile().readline() == 'hello %d to you\n' % n
        assert (front.wait(timeout=60), worker.wait(timeout=60)) == (0, 0)


@pytest.mark.parametrize('version', support.VERSIONS[1:])  # 2.7 needs reduction.Python2
def test_the_go_front_and_the_python_worker(programs, version, handed):
    server, env = handed
    python = support.python(version)
    pair([programs / 'sockets', 'front', server.text],
         [python, ROOT / 'examples' / 'socket_worker.py', *map(str, server.address)], env)


def test_the_python_front_and_the_go_worker(programs, handed):
    server, env = handed
    pair([support.found()[-1][1], ROOT / 'examples' / 'socket_front.py', *map(str, server.address)],
         [programs / 'sockets', 'worker', server.text], env)


@pytest.mark.parametrize('version', [v for v in support.VERSIONS if v not in ('2.7', '3.6', '3.7', '3.8')])
def test_memory_shared_by_go_and_python(programs, version):
    with subprocess.Popen([programs / 'sharedmem'], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as go:
        names = go.stdout.readline().decode().split()[2:]
        script = ROOT / 'examples' / 'shared_memory.py'
        subprocess.run([support.python(version), script, *names], check=True, timeout=60)
        out, _ = go.communicate(b'\n', timeout=60)
    assert (go.returncode, out.decode()) == (0, 'the sum of 1000 numbers is 499500\n')
    assert not any(os.path.exists('/dev/shm/' + name) for name in names)


@pytest.mark.parametrize('which', [[], ['sockets'], ['pool']], ids=lambda which: ' '.join(which) or 'queues')
def test_a_demo_ends_when_its_python_is_none(binary, which):
    done = subprocess.run([binary, 'demo', *which, '--python', '/bin/true'], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=50)  # its own limit is a minute
    assert done.returncode == 1
    assert 'deadline' not in done.stderr.decode() and 'work' in done.stderr.decode()
