"""The programs of the manual and of the README, as they stand."""
import json
import os
import pathlib
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


def test_the_readme_shows_the_files_that_run():
    readme = (ROOT / 'README.md').read_text()
    for name in ('server/main.go', 'worker.py', 'manager.py', 'worker/main.go'):
        text = (ROOT / 'examples' / name).read_text().strip()
        assert text in readme, 'README.md and examples/%s differ' % name
