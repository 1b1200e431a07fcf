"""What is shared by name goes from one server to the next: serve --snapshot."""
import glob
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import time

import pytest

import support

PEERS = pathlib.Path(__file__).resolve().parent / 'peers'
EXIT_STATE, EXIT_UNSAVED = 7, 8


def run(binary, server, *args, check=True):
    done = subprocess.run([binary, *args], env=support.peer_env(server.key), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    assert not check or done.returncode == 0, done.stderr.decode()
    return done.stdout.decode() if check else done


def flags_at(folder, *more):
    return ('--address', 'unix:%s/s' % folder, '--snapshot', folder + '/state', '--queue', 'jobs') + more


def crash(server):
    server.process.kill()
    server.process.communicate(timeout=30)


def refused(binary, server_key, *flags):
    """Starts a server that must not start; returns its exit code and what it says."""
    done = subprocess.run([binary, 'serve', *flags], env=support.peer_env(server_key), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    assert done.stdout == b''
    return done.returncode, done.stderr.decode()


def put(binary, server, *values):
    run(binary, server, 'put', server.text, 'jobs', *map(json.dumps, values))


def length(binary, server):
    return int(run(binary, server, 'call', server.text, 'jobs.qsize'))


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def wait_until(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, 'it does not happen'
        time.sleep(0.01)


def test_a_restart_loses_nothing(binary, sockdir, serve):
    flags = flags_at(sockdir, '--dict', 'settings')
    server = serve(*flags)
    run(binary, server, 'put', server.text, 'jobs', '1', '"two"', '[3]')
    run(binary, server, 'call', server.text, 'settings.__setitem__', '"k"', '{"a": null}')
    server.stop()
    assert os.stat(sockdir + '/state').st_mode & 0o777 == 0o600
    for n in range(2):
        server = serve(*flags)
        assert run(binary, server, 'call', server.text, 'settings.get', '"k"') == '{"a":null}\n'
        got = run(binary, server, 'get', server.text, 'jobs')
        assert json.loads(got) == [1, 'two'][n]
        assert 'end="in order"' in server.stop()


def test_a_crash_leaves_the_last_save_and_the_next_start_says_so(binary, sockdir, serve):
    flags = flags_at(sockdir)
    server = serve(*flags)
    put(binary, server, 1, 2)
    server.stop()
    for _ in range(2):
        server = serve(*flags)
        assert length(binary, server) == 2
        assert run(binary, server, 'get', server.text, 'jobs') == '1\n'
        crash(server)
    server = serve(*flags)
    assert length(binary, server) == 2, 'what was taken since is delivered again'
    log = server.stop()
    assert 'not in order' in log and 'generation=1' in log


def test_a_server_saves_in_intervals(binary, sockdir, serve):
    flags = flags_at(sockdir, '--snapshot-every', '50ms')
    server = serve(*flags)
    put(binary, server, 'item')
    wait_until(lambda: os.path.exists(sockdir + '/state'))
    put(binary, server, 'another')
    wait_until(lambda: b'another' in read(sockdir + '/state'))
    crash(server)
    assert length(binary, serve(*flags)) == 2


def test_what_was_put_before_a_save_on_demand_is_there_after_a_crash(binary, sockdir, serve):
    flags = flags_at(sockdir)
    for n in range(1, 4):
        server = serve(*flags)
        put(binary, server, n)
        run(binary, server, 'snapshot', server.text)
        crash(server)
    assert length(binary, serve(*flags)) == 3


def test_a_server_that_cannot_listen_is_no_crash(binary, sockdir, serve):
    server = serve(*flags_at(sockdir))
    put(binary, server, 1)
    server.stop()
    code, _ = refused(binary, server.key, '--address', 'unix:/nowhere/at/all', *flags_at(sockdir)[2:])
    assert code not in (0, EXIT_STATE)
    assert 'end="in order"' in serve(*flags_at(sockdir)).stop()


def test_an_admin_has_it_save_and_nobody_else(binary, sockdir, serve):
    keys = sockdir + '/keys'
    with open(keys, 'w') as f:
        os.fchmod(f.fileno(), 0o600)
        f.write('boss admin text:boss\nweb produce+consume text:web\n')
    server = serve(*flags_at(sockdir, '--keys', keys))
    server.key = b'web'
    put(binary, server, 'item')
    denied = run(binary, server, 'snapshot', server.text, check=False)
    assert denied.returncode == 1 and b'PermissionError' in denied.stderr
    assert not os.path.exists(sockdir + '/state')
    server.key = b'boss'
    assert run(binary, server, 'snapshot', server.text) == 'generation 1: 1 objects, 1 items, %d bytes\n' % \
        os.stat(sockdir + '/state').st_size
    told = json.loads(run(binary, server, 'snapshot', '--json', server.text))
    assert told['generation'] == 2 and told['skipped'] == []


def test_a_server_without_a_snapshot_says_so(binary, serve):
    server = serve('--queue', 'jobs')
    done = run(binary, server, 'snapshot', server.text, check=False)
    assert done.returncode == 1 and b'keeps no snapshot' in done.stderr


def test_a_second_server_does_not_start_and_says_whose_it_is(binary, sockdir, serve):
    server = serve(*flags_at(sockdir))
    put(binary, server, 1)
    code, text = refused(binary, server.key, *flags_at(sockdir)[2:], '--address', 'unix:%s/t' % sockdir)
    assert code == EXIT_STATE and 'process %d ' % server.process.pid in text
    server.stop()
    assert length(binary, serve(*flags_at(sockdir))) == 1


def test_a_second_server_waits_for_what_the_first_leaves(binary, sockdir, serve):
    server = serve(*flags_at(sockdir))
    put(binary, server, *range(51))
    other = ('--address', 'unix:%s/t' % sockdir) + flags_at(sockdir)[2:]
    next_one = subprocess.Popen([binary, 'serve', *other, '--snapshot-wait', '1m'],
                                env=support.peer_env(server.key), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert b'waits' in next_one.stderr.readline()
        server.stop()
        assert next_one.stdout.readline().startswith(b'ready')
        server.text = 'unix:%s/t' % sockdir
        assert length(binary, server) == 51
    finally:
        next_one.send_signal(signal.SIGTERM)
        next_one.communicate(timeout=60)
    assert next_one.returncode == 0


def test_a_server_that_waits_for_another_can_be_stopped(binary, sockdir, serve):
    server = serve(*flags_at(sockdir))
    other = ('--address', 'unix:%s/t' % sockdir) + flags_at(sockdir)[2:]
    waiting = subprocess.Popen([binary, 'serve', *other, '--snapshot-wait', '1m'],
                               env=support.peer_env(server.key), stderr=subprocess.PIPE)
    assert b'waits' in waiting.stderr.readline()
    waiting.send_signal(signal.SIGTERM)
    waiting.communicate(timeout=60)
    assert waiting.returncode == 0


def test_no_death_while_saving_loses_what_was_there(binary, sockdir, serve):
    """The moments are spread over how long it takes to stop."""
    flags = flags_at(sockdir)
    server = serve(*flags)
    for _ in range(6):
        put(binary, server, *['x' * 100000] * 10)
    began = time.monotonic()
    server.stop()
    took = time.monotonic() - began
    for n in range(12):
        server = serve(*flags)
        put(binary, server, n)
        assert length(binary, server) in range(61, 62 + n)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(random.uniform(0, took))  # any moment is right
        crash(server)
    server = serve(*flags)
    assert length(binary, server) >= 60
    server.stop()
    assert sorted(os.listdir(sockdir)) == ['state', 'state.lock', 'state.previous']


def limited(size):
    """Files of a process may not grow beyond size, as on a disk that is full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def start_full(binary, flags, key, size):
    process = subprocess.Popen([binary, 'serve', *flags], env=support.peer_env(key), stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, preexec_fn=limited(size))
    assert process.stdout.readline().startswith(b'ready')
    return process


def test_a_full_disk_leaves_what_was_saved_and_is_an_exit_code(binary, sockdir, serve):
    flags = flags_at(sockdir, '--grace', '1s', '--snapshot-every', '0')
    server = serve(*flags)
    put(binary, server, 1)
    server.stop()
    process = start_full(binary, flags, server.key, 8192)
    put(binary, server, 'x' * 20000)
    denied = run(binary, server, 'snapshot', server.text, check=False)
    assert denied.returncode == 1 and sockdir.encode() not in denied.stderr
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == EXIT_UNSAVED, err.decode()
    assert (sockdir + '/state').encode() in err
    assert not os.path.exists(sockdir + '/state.new')
    server = serve(*flags)
    assert length(binary, server) == 1
    assert 'not in order' in server.stop()


def test_a_disk_that_has_room_again_within_the_grace_gets_it_all(binary, sockdir, serve):
    flags = flags_at(sockdir, '--grace', '50s')
    server = serve(*flags)
    server.stop()
    process = start_full(binary, flags, server.key, 8192)
    put(binary, server, 'x' * 20000)
    process.send_signal(signal.SIGTERM)
    for line in process.stderr:
        if b'cannot be saved' in line:
            break
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert length(binary, serve(*flags)) == 1


def test_what_cannot_be_saved_there_is_saved_and_found_in_the_fallback_folder(binary, sockdir, serve):
    os.mkdir(sockdir + '/a')
    os.mkdir(sockdir + '/b')
    flags = ('--address', 'unix:%s/s' % sockdir, '--snapshot', sockdir + '/a/state', '--queue', 'jobs',
             '--grace', '1s', '--snapshot-fallback', sockdir + '/b')
    server = serve(*flags)
    put(binary, server, 1, 2)
    os.mkdir(sockdir + '/a/state')  # nothing can take its place
    server.process.send_signal(signal.SIGTERM)
    _, err = server.process.communicate(timeout=60)
    assert server.process.returncode == 0 and b'fallback' in err
    os.rmdir(sockdir + '/a/state')
    server = serve(*flags)
    assert length(binary, server) == 2
    server.stop()
    assert os.path.exists(sockdir + '/a/state')


def test_a_vanished_folder_comes_back(binary, sockdir, serve):
    os.mkdir(sockdir + '/d')
    flags = ('--address', 'unix:%s/s' % sockdir, '--snapshot', sockdir + '/d/state', '--queue', 'jobs')
    server = serve(*flags)
    put(binary, server, 1)
    shutil.rmtree(sockdir + '/d')
    server.stop()
    assert length(binary, serve(*flags)) == 1


def test_a_damaged_file_stops_the_start_and_stays_until_somebody_says_so(binary, sockdir, serve):
    flags = flags_at(sockdir)
    server = serve(*flags)
    put(binary, server, 1)
    server.stop()
    server = serve(*flags)
    put(binary, server, 2)
    server.stop()
    with open(sockdir + '/state', 'ab') as f:
        f.write(b'more')
    damaged = read(sockdir + '/state')
    code, text = refused(binary, server.key, *flags)
    assert code == EXIT_STATE
    assert sockdir + '/state' in text and 'more behind its end' in text and '--snapshot-from' in text
    assert read(sockdir + '/state') == damaged
    server = serve(*flags, '--snapshot-from', 'previous')
    assert length(binary, server) == 1
    server.stop()
    (aside,) = glob.glob(sockdir + '/state.aside-*')
    assert read(aside) == damaged


def test_a_file_that_is_gone_stops_the_start(binary, sockdir, serve):
    flags = flags_at(sockdir)
    server = serve(*flags)
    put(binary, server, 1)
    server.stop()
    os.rename(sockdir + '/state', sockdir + '/elsewhere')
    code, text = refused(binary, server.key, *flags)
    assert code == EXIT_STATE and 'is gone' in text
    server = serve(*flags, '--snapshot-from', 'none')
    assert length(binary, server) == 0


def test_a_snapshot_without_a_place_stops_the_start(binary, sockdir, serve):
    server = serve(*flags_at(sockdir))
    put(binary, server, 1)
    server.stop()
    code, text = refused(binary, server.key, '--address', 'unix:%s/s' % sockdir, '--snapshot',
                         sockdir + '/state', '--queue', 'other')
    assert code == EXIT_STATE
    assert '"jobs"' in text and 'hint:' in text
    assert length(binary, serve(*flags_at(sockdir))) == 1, 'nothing is lost'


@pytest.mark.parametrize('flag', ['--snapshot-every=1s', '--snapshot-wait=1s', '--snapshot-from=none',
                                  '--snapshot-fallback=/'])
def test_flags_of_a_snapshot_need_one(binary, server, flag):
    code, text = refused(binary, server.key, '--address', '127.0.0.1:0', flag)
    assert code == 2 and flag.partition('=')[0] in text


def flags_of(kind, folder):
    """The flags of servers that come after one another at one address."""
    address = 'unix:%s/s' % folder
    if kind == 'tcp':
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            address = '127.0.0.1:%d' % s.getsockname()[1]
    return ('--address', address, '--snapshot', folder + '/state', '--queue', 'jobs')


@pytest.mark.parametrize('kind', ['tcp', 'unix'])
def test_a_thread_that_used_a_proxy_goes_on_once_its_connection_is_dropped(kind, sockdir, serve, python):
    """What docs/restarts.md says of each way to go on, of every Python."""
    lasting = flags_of(kind, sockdir)
    server = serve(*lasting)
    peer = subprocess.Popen([python, str(PEERS / 'restart.py'), server.text], env=support.peer_env(server.key),
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert peer.stdout.readline() == b'put\n'
    server.stop()
    serve(*lasting)
    out, _ = peer.communicate(b'\n', timeout=60)
    assert json.loads(out.decode()) == {
        'first': 'EOFError' if kind == 'tcp' else 'EPIPE',
        'later': ['EPIPE'] * 3,
        'new proxy': 'EPIPE',
        'new thread': 1,
        'child': 1,
        'forgotten': [None, 1, 'item', 0],
        'own': ['RemoteError', True],
    }


def test_the_documented_worker_goes_on_with_the_next_server(binary, sockdir, serve, python):
    lasting = flags_of('tcp', sockdir)
    server = serve(*lasting)
    where = map(str, server.address)
    worker = subprocess.Popen([python, str(PEERS.parent.parent / 'examples' / 'reconnect.py'), *where],
                              env=support.peer_env(server.key), stdout=subprocess.PIPE)
    put(binary, server, 1)
    assert worker.stdout.readline() == b'job 1\n'
    for n in 2, 3:
        server.stop()  # the worker waits in get
        server = serve(*lasting)
        put(binary, server, n)
        assert worker.stdout.readline() == b'job %d\n' % n
    crash(server)
    server = serve(*lasting)
    put(binary, server, None)
    out, _ = worker.communicate(timeout=60)
    assert worker.returncode == 0 and out in (b'', b'job 3\n')
