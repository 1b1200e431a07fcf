"""What signals do to the commands that run for long: serve, front and tunnel."""
import os
import resource
import signal
import subprocess
import threading

import pytest

import support

pytestmark = pytest.mark.timeout(120)


def log_until(process, text):
    """Reads the log up to a line that has the text."""
    lines = []
    for line in process.stderr:
        lines.append(line.decode())
        if text in lines[-1]:
            return ''.join(lines)
    raise AssertionError('%r is not in the log: %s' % (text, ''.join(lines)))


def put(binary, server, key, *values):
    subprocess.run([binary, 'put', server.text, 'jobs', *values], env=support.peer_env(key), check=True, timeout=60)


def test_sighup_ends_no_server_and_saves_what_it_holds(binary, sockdir, serve):
    server = serve('--queue', 'jobs', '--snapshot', sockdir + '/state')
    put(binary, server, server.key, '1')
    server.process.send_signal(signal.SIGHUP)
    log_until(server.process, 'nothing to read again')
    server.stop()
    assert os.path.exists(sockdir + '/state')


def test_sighup_that_comes_with_the_start_ends_nothing(binary, sockdir):
    """From the moment on at which the log is there."""
    process = subprocess.Popen([binary, 'serve', '--address', 'unix:%s/s' % sockdir, '--log-level', 'debug'],
                               env=support.peer_env(b'key'), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith(b'ready')
    for _ in range(5):
        process.send_signal(signal.SIGHUP)
    log_until(process, 'nothing to read again')
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.fixture
def keyed(binary, sockdir, serve):
    """A server with a file of keys."""
    path = sockdir + '/keys'
    with open(path, 'w') as f:
        os.fchmod(f.fileno(), 0o600)
        f.write('boss admin text:boss\n')
    server = serve('--queue', 'jobs', '--keys', path, '--snapshot', sockdir + '/state')
    server.keys = path
    return server


def test_a_pipe_in_the_place_of_the_keys_holds_up_neither_reading_nor_the_end(binary, keyed):
    os.remove(keyed.keys)
    os.mkfifo(keyed.keys, 0o600)
    keyed.process.send_signal(signal.SIGHUP)
    log_until(keyed.process, 'the keys stay as they were')
    put(binary, keyed, b'boss', '1')
    keyed.process.send_signal(signal.SIGHUP)
    log_until(keyed.process, 'the keys stay as they were')
    keyed.stop()


def test_keys_are_read_again_after_they_were_unfit(binary, keyed):
    os.remove(keyed.keys)
    keyed.process.send_signal(signal.SIGHUP)
    log_until(keyed.process, 'the keys stay as they were')
    with open(keyed.keys, 'w') as f:
        os.fchmod(f.fileno(), 0o600)
        f.write('other admin text:other\n')
    keyed.process.send_signal(signal.SIGHUP)
    log_until(keyed.process, 'read the keys again')
    put(binary, keyed, b'other', '1')



def test_a_second_signal_ends_the_grace_and_saves(binary, sockdir, serve):
    server = serve('--queue', 'jobs', '--snapshot', sockdir + '/state', '--grace', '10m', '--pool', '1',
                   '--python', support.python('3.13'))
    put(binary, server, server.key, '1')
    client = call_pool(server, 'time.sleep', 600)
    try:
        wait_for_call(binary, server)
        server.process.send_signal(signal.SIGTERM)
        log_until(server.process, 'stopping')
        server.process.send_signal(signal.SIGTERM)
        out, err = server.process.communicate(timeout=60)
        assert server.process.returncode == 0, err.decode()
        assert b'ends the grace' in err and b'connections_cut=1' in err
    finally:
        client.kill()
        client.communicate(timeout=60)
    assert os.path.exists(sockdir + '/state')


def call_pool(server, function, *args):
    """A client that waits for what a worker does."""
    module, name = function.split('.')
    script = ("from multiprocessing.managers import SyncManager\nimport sys, %s\n"
              "class M(SyncManager): pass\n"
              "m = M(%r, authkey=%r)\nm.connect()\np = m.Pool(1)\n"
              "sys.stdout.write('pool\\n'); sys.stdout.flush()\n"
              "sys.stdout.write('%%r\\n' %% (p.apply(%s, %r),))\n"
              % (module, server.address, server.key, function, args))
    client = subprocess.Popen([support.python('3.13'), '-c', script], env=support.peer_env(server.key),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert client.stdout.readline() == b'pool\n', client.communicate(timeout=60)
    return client


def wait_for_call(binary, server):
    """Until a call waits for its worker."""
    while True:
        done = subprocess.run([binary, 'clients', '--json', server.text], env=support.peer_env(server.key),
                              stdout=subprocess.PIPE, check=True, timeout=60)
        if b'"waiting":true' in done.stdout.replace(b' ', b''):
            return


def test_a_call_that_works_is_finished_within_the_grace(binary, serve):
    server = serve('--queue', 'jobs', '--grace', '1m', '--pool', '1', '--python', support.python('3.13'))
    client = call_pool(server, 'time.sleep', 1)
    wait_for_call(binary, server)
    server.process.send_signal(signal.SIGINT)
    out, err = client.communicate(timeout=60)
    assert out == b'None\n', err.decode()
    log = server.process.communicate(timeout=60)[1].decode()
    assert server.process.returncode == 0 and 'connections_cut=0' in log


def test_an_interrupt_of_the_whole_group_leaves_the_workers_their_grace(binary, sockdir):
    """What a terminal sends at Ctrl-C."""
    process = subprocess.Popen([binary, 'serve', '--address', 'unix:%s/s' % sockdir, '--grace', '1m', '--pool', '1',
                                '--python', support.python('3.13')], env=support.peer_env(b'secret key'),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    assert process.stdout.readline().startswith(b'ready')

    class Server:
        text, address, key = 'unix:%s/s' % sockdir, sockdir + '/s', b'secret key'

    client = call_pool(Server, 'time.sleep', 1)
    wait_for_call(binary, Server)
    os.killpg(process.pid, signal.SIGINT)
    out, err = client.communicate(timeout=60)
    assert out == b'None\n', err.decode()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_get_that_waits_does_not_hold_up_the_end(binary, serve):
    server = serve('--queue', 'jobs', '--grace', '10m')
    client = subprocess.Popen([binary, 'get', '--timeout', '600s', server.text, 'jobs'],
                              env=support.peer_env(server.key), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for_call(binary, server)
    server.stop()
    client.communicate(timeout=60)
    assert client.returncode != 0


def test_a_log_that_nobody_reads_any_more_ends_nothing(binary, sockdir, serve):
    server = serve('--queue', 'jobs', '--snapshot', sockdir + '/state', '--log-level', 'debug')
    server.process.stderr.close()
    put(binary, server, server.key, '1', '2')
    server.process.send_signal(signal.SIGHUP)
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=60) == 0
    assert os.path.exists(sockdir + '/state')


def test_sighup_ends_no_front(binary, serve):
    server = serve('--queue', 'sockets')
    front = subprocess.Popen([binary, 'front', '--listen', '127.0.0.1:0', '--at', server.text, '--queue', 'sockets'],
                             env=support.peer_env(server.key), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert front.stdout.readline().startswith(b'ready')
    front.send_signal(signal.SIGHUP)
    log_until(front, 'nothing to read again')
    front.send_signal(signal.SIGTERM)
    front.communicate(timeout=60)
    assert front.returncode == 0


def test_a_descriptor_of_the_log_that_is_full_ends_nothing(binary, sockdir, serve):
    """A log in a file that may not grow any more."""
    server = serve('--queue', 'jobs', '--snapshot', sockdir + '/state', '--snapshot-every', '0')
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    done = subprocess.run([binary, 'snapshot', server.text], env=support.peer_env(server.key), stderr=subprocess.PIPE,
                          timeout=60)
    assert done.returncode == 1
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    server.stop()


def test_a_server_survives_many_hangups_at_once(keyed):
    threads = [threading.Thread(target=keyed.process.send_signal, args=(signal.SIGHUP,)) for _ in range(20)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    log_until(keyed.process, 'read the keys again')
    keyed.stop()
