"""mpbridge front: TCP clients are answered by stock Python workers that get their sockets from a queue."""
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from multiprocessing.managers import BaseManager

import pytest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture
def front(binary, serve):
    """A function that starts a front at a server with a queue for sockets."""
    fronts = []

    def run(*flags):
        server = serve('--queue', 'get_socket_queue')
        process = subprocess.Popen(
            [binary, 'front', '--listen', '127.0.0.1:0', '--at', server.text, *flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=support.peer_env(server.key))
        fronts.append(process)
        _, _, text = process.stdout.readline().decode().split()
        host, _, port = text.rpartition(':')
        return process, server, (host, int(port))

    yield run
    for process in fronts:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def worker(python, server, **env):
    return subprocess.Popen(
        [python, str(ROOT / 'examples' / 'socket_worker.py'), server.address[0], str(server.address[1])],
        stdout=subprocess.PIPE, env=dict(support.peer_env(server.key), **env))


def ask(address, text):
    with socket.create_connection(address, timeout=60) as s:
        s.sendall(text.encode() + b'\n')
        with s.makefile() as lines:
            return lines.readline().strip()


def test_a_front_without_its_queue_does_not_start(binary, serve):
    server = serve('--queue', 'jobs', '--dict', 'settings')
    for queue, said in ('nosuch', 'nothing is offered there as "nosuch"'), ('settings', '"settings" is no queue'):
        done = subprocess.run([binary, 'front', '--listen', '127.0.0.1:0', '--at', server.text, '--queue', queue],
                              env=support.peer_env(server.key), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == 1 and done.stdout == b''
        assert ('error: --queue %s: %s' % (queue, said)).encode() in done.stderr


def test_workers_answer(front, python):
    old = ['--python2'] if python == support.find('2.7') else []
    _, server, address = front(*old)
    workers = [worker(python, server) for _ in range(2)]
    for n in range(10):
        assert ask(address, 'hello %d' % n) == 'hello %d to you' % n
    for w in workers:
        out, _ = w.communicate(timeout=60)
        assert w.returncode == 0
        assert b'worker exit.' in out


def test_sockets_have_a_key_of_their_own(front, python, tmp_path):
    path = tmp_path / 'key'
    path.write_text('offers alone\n')
    path.chmod(0o600)
    old = ['--python2'] if python == support.find('2.7') else []
    _, server, address = front('--offers-key-file', str(path), *old)
    w = worker(python, server, MPBRIDGE_OFFERS_KEY='offers alone')
    assert ask(address, 'hello') == 'hello to you'
    assert w.communicate(timeout=60)[0] and w.returncode == 0


def test_who_has_the_managers_key_alone_does_not_fetch_a_socket(front, tmp_path):
    path = tmp_path / 'key'
    path.write_text('offers alone')
    path.chmod(0o600)
    _, server, address = front('--offers-key-file', str(path), '--patience', '1s', '--refusal', 'nobody\n')
    w = worker(support.found()[-1][1], server)
    assert ask(address, 'hello') == 'nobody'
    w.kill()
    w.communicate(timeout=60)


def test_workers_are_restarted_and_no_client_notices(front):
    _, server, address = front()
    python = support.found()[-1][1]
    for n in range(3):
        w = worker(python, server)
        assert ask(address, 'first') == 'first to you'
        successor = worker(python, server)
        w.terminate()
        w.wait()
        w.stdout.close()
        assert ask(address, 'second') == 'second to you'
        successor.terminate()
        successor.wait()
        successor.stdout.close()


def test_beyond_the_backlog_the_answer_is_503(front):
    _, server, address = front('--backlog', '1', '--grace', '100ms')
    with socket.create_connection(address) as waiting:
        waiting.sendall(b'GET / HTTP/1.0\r\n\r\n')
        wait_for_length(server, 1)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen('http://%s:%d/' % address, timeout=30)
        assert refused.value.code == 503


class Manager(BaseManager):
    pass


Manager.register('get_socket_queue')


def wait_for_length(server, length):
    """Waits until so many sockets are in the queue."""
    manager = Manager(server.address, authkey=server.key)
    manager.connect()
    queue = manager.get_socket_queue()
    end = time.monotonic() + 30
    while queue.qsize() != length:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_workers_go_on_after_a_client_that_was_refused(front, python):
    old = ['--python2'] if python == support.find('2.7') else []
    _, server, address = front('--patience', '100ms', *old)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen('http://%s:%d/' % address, timeout=30)
    wait_for_length(server, 1)
    w = worker(python, server)
    while ask(address, 'hello') != 'hello to you':  # it is still starting, and more are refused
        assert w.poll() is None, 'the worker gave up'
    assert b'worker exit.' in w.communicate(timeout=60)[0]


def test_who_waits_is_refused_at_the_end(front):
    process, server, address = front('--grace', '10ms', '--refusal', 'closed\n')
    with socket.create_connection(address) as waiting:
        wait_for_length(server, 1)
        process.send_signal(signal.SIGTERM)
        assert waiting.makefile().read() == 'closed\n'
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_the_demo_of_sockets_runs(binary):
    done = subprocess.run([binary, 'demo', 'sockets'], stdout=subprocess.PIPE, timeout=60)
    assert done.returncode == 0
    assert done.stdout.decode().count(' to you') == 20


def test_a_front_needs_a_manager(binary):
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        text = '127.0.0.1:%d' % s.getsockname()[1]
        done = subprocess.run([binary, 'front', '--at', text], stderr=subprocess.PIPE, timeout=30,
                              env=dict(os.environ, MPBRIDGE_AUTHKEY='k'))
    assert done.returncode == 5, done.stderr.decode()


TAKER = '''
import sys, time
from multiprocessing import current_process
from multiprocessing.managers import BaseManager
current_process().authkey = %r
class Manager(BaseManager): pass
Manager.register('get_socket_queue')
m = Manager(%r, authkey=%r)
m.connect()
conn = m.get_socket_queue().get()
sys.stdout.write('taken\\n')
sys.stdout.flush()
time.sleep(600)
'''


def test_a_worker_that_is_killed_ends_its_client_alone(front, python):
    process, server, address = front(*(['--python2'] if python == support.find('2.7') else []))
    good = worker(python, server)
    assert ask(address, 'first') == 'first to you'
    good.terminate()
    good.wait()
    good.stdout.close()
    before = len(os.listdir('/proc/%d/fd' % process.pid))
    doomed = subprocess.Popen([python, '-c', TAKER % (server.key, server.address, server.key)],
                              stdout=subprocess.PIPE, env=support.peer_env(server.key))
    with socket.create_connection(address, timeout=60) as s:
        assert doomed.stdout.readline() == b'taken\n'
        doomed.kill()
        doomed.wait()
        doomed.stdout.close()
        assert s.recv(1) == b'', 'the client sees the end'
    good = worker(python, server)
    assert ask(address, 'second') == 'second to you'
    good.terminate()
    good.wait()
    good.stdout.close()
    deadline = time.monotonic() + 30
    while len(os.listdir('/proc/%d/fd' % process.pid)) > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(os.listdir('/proc/%d/fd' % process.pid)) <= before
