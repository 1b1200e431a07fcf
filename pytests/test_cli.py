"""The command line, as a person or a script uses it."""
import json
import os
import signal
import stat
import subprocess

import pytest

import support

KEY = dict(os.environ, MPBRIDGE_AUTHKEY='secret key')


def run(binary, *args, stdin=None, env=KEY):
    done = subprocess.run([binary, *args], input=stdin, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_put_get_call_and_ls(binary, server):
    assert run(binary, 'put', server.text, 'get_queue', '{"a": [1, 2.5, null]}', '"text"')[0] == 0
    assert run(binary, 'put', server.text, 'get_queue', stdin=b'1\n[2]\n')[0] == 0
    assert run(binary, 'call', server.text, 'get_queue.qsize')[1] == '4\n'
    code, out, _ = run(binary, 'get', server.text, 'get_queue', '-n', '4')
    assert [json.loads(line) for line in out.splitlines()] == [{'a': [1, 2.5, None]}, 'text', 1, [2]]
    assert 'put_many' in run(binary, 'call', server.text, 'get_queue')[1]
    run(binary, 'put', server.text, 'get_task_queue', '1')
    code, out, _ = run(binary, 'ls', server.text)
    row = next(line for line in out.splitlines() if 'get_task_queue maxsize' in line).split()
    assert code == 0 and row[1:6] == ['get_task_queue', '0', '1', '-', '-']
    code, out, _ = run(binary, 'ls', '--json', server.text)
    assert {json.loads(line)['references'] for line in out.splitlines()} == {0}


def test_call_prints_what_an_iterator_yields_a_line_each(binary, serve):
    server = serve('--dict', 'settings={"mode": "fast", "depth": 3}')
    assert run(binary, 'call', server.text, 'settings.__iter__')[1] == '"mode"\n"depth"\n'


def test_exit_codes(binary, server, sockdir):
    assert run(binary, 'get', server.text, 'get_queue', '--timeout', '0.2s')[0] == 3
    wrong = dict(KEY, MPBRIDGE_AUTHKEY='wrong')
    assert run(binary, 'get', server.text, 'get_queue', env=wrong)[0] == 4
    assert run(binary, 'get', sockdir + '/nobody', 'get_queue')[0] == 5
    assert run(binary, 'get')[0] == 2
    assert run(binary, 'nonsense')[0] == 2
    assert run(binary, 'call', server.text, 'get_queue.nope')[0] == 1


def test_a_python_manager_from_the_shell(binary, python):
    script = os.path.join(os.path.dirname(__file__), '..', 'examples', 'manager.py')
    env = dict(os.environ, MPBRIDGE_AUTHKEY='abc')
    manager = subprocess.Popen([python, script, '127.0.0.1', '0'], stdout=subprocess.PIPE, env=env)
    address = '127.0.0.1:' + manager.stdout.readline().decode().split()[1]
    got = [json.loads(run(binary, 'get', address, 'get_task_queue', env=env)[1]) for _ in range(10)]
    assert got == list(range(1, 11))
    lines = '\n'.join('"%d * %d = %d"' % (n, n, n * n) for n in got)
    assert run(binary, 'put', address, 'get_result_queue', stdin=lines.encode(), env=env)[0] == 0
    out, _ = manager.communicate(timeout=30)
    assert '10 * 10 = 100' in out.decode()
    assert manager.returncode == 0


def test_serve_prints_one_line_and_drains(binary, serve):
    server = serve('--queue', 'jobs=5', '--log-format', 'json')
    run(binary, 'put', server.text, 'jobs', '1', '2')
    log = [json.loads(line) for line in server.stop().splitlines()]
    left = [entry for entry in log if entry['msg'] == 'items left']
    assert left and left[0]['queue'] == 'jobs' and left[0]['items'] == 2


def test_a_made_up_key_is_kept_in_a_private_file(binary, serve, tmp_path):
    env = {k: v for k, v in KEY.items() if k != 'MPBRIDGE_AUTHKEY'}
    env['XDG_RUNTIME_DIR'] = str(tmp_path)
    server = serve(env=env)
    files = list(tmp_path.rglob('*.key'))
    assert len(files) == 1
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert run(binary, 'call', server.text, 'get_queue.qsize', env=env)[1] == '0\n'
    assert str(files[0]) in server.stop()


def test_no_made_up_key_beyond_loopback(binary):
    env = {k: v for k, v in KEY.items() if k != 'MPBRIDGE_AUTHKEY'}
    code, out, err = run(binary, 'serve', '--address', '0.0.0.0:0', env=env)
    assert (code, out) == (1, '') and 'hint:' in err


def test_the_key_from_a_file_and_from_a_descriptor(binary, server, tmp_path):
    env = {k: v for k, v in KEY.items() if k != 'MPBRIDGE_AUTHKEY'}
    path = tmp_path / 'key'
    path.write_bytes(b'secret key\n')
    path.chmod(0o600)
    args = ('call', server.text, 'get_queue.qsize')
    assert run(binary, *args, '--authkey-file', str(path), env=env)[1] == '0\n'
    with open(path, 'rb') as f:
        done = subprocess.run([binary, *args, '--authkey-fd', str(f.fileno())], env=env,
                              pass_fds=[f.fileno()], stdout=subprocess.PIPE, timeout=30)
    assert done.stdout == b'0\n'


def test_inspect_shows_a_pickle_and_runs_nothing(binary):
    evil = b'cos\nsystem\n(S"echo no"\ntR.'
    code, out, _ = run(binary, 'inspect', '-', stdin=evil)
    assert code == 0 and 'GLOBAL' in out and 'REDUCE' in out
    code, out, _ = run(binary, 'inspect', '--json', '-', stdin=evil)
    shown = json.loads(out)
    assert shown['__class__'] == 'os.system' or shown['__class__'] == 'posix.system'
    assert shown['args'] == ['echo no']
    assert run(binary, 'inspect', '-', stdin=b'no pickle')[0] == 1


def test_an_abstract_socket(serve, binary):
    name = 'unix:@mpbridge-test-%d' % os.getpid()
    server = serve('--address', name)
    assert run(binary, 'call', name, 'get_queue.qsize')[1] == '0\n'
    server.stop()


def test_a_client_can_ask_the_server_to_stop(binary, serve):
    server = serve()
    script = ("import os,sys;from multiprocessing.connection import Client;"
              "c=Client(('127.0.0.1',int(sys.argv[1])),authkey=b'secret key');"
              "c.send((None,'shutdown',(),{}));print(c.recv())")
    done = subprocess.run([support.found()[-1][1], '-c', script, str(server.address[1])],
                          stdout=subprocess.PIPE, timeout=30)
    assert b'#RETURN' in done.stdout
    assert server.process.wait(timeout=15) == 0


@pytest.mark.parametrize('sig', [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_server_with_0(serve, sig):
    server = serve()
    server.process.send_signal(sig)
    assert server.process.wait(timeout=15) == 0
