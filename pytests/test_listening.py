"""What is written is what is opened; and of many servers one takes the place of a dead one."""
import os
import signal
import socket
import subprocess

import pytest

import conftest

ENV = dict(os.environ, MPBRIDGE_AUTHKEY=conftest.KEY.decode())


def has_ipv6():
    try:
        socket.create_server(('::1', 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def reached(port):
    """The families in which somebody listens at a port of this machine."""
    found = []
    for host in '127.0.0.1', '::1':
        try:
            socket.create_connection((host, port), timeout=10).close()
        except OSError:
            continue
        found.append(host)
    return found


@pytest.mark.skipif(not has_ipv6(), reason='this system has no IPv6')
@pytest.mark.parametrize('written, shown, families', [
    ('0.0.0.0:0', '0.0.0.0', ['127.0.0.1']),
    ('[::]:0', '[::]', ['::1']),
    (':0', '', ['127.0.0.1', '::1']),
    ('localhost:0', '127.0.0.1', ['127.0.0.1']),
])
def test_what_is_written_is_what_is_opened(serve, written, shown, families):
    host, port = serve('--address', written).address
    assert host == shown and reached(port) == families


@pytest.mark.skipif(not has_ipv6(), reason='this system has no IPv6')
@pytest.mark.parametrize('written', ['0.0.0.0:0', '[::]:0', ':0'])
def test_the_ready_line_can_be_used_as_it_is(binary, serve, written):
    server = serve('--address', written)
    done = subprocess.run([binary, 'call', server.text, 'get_queue.qsize'], env=ENV, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (done.stdout, done.returncode) == (b'0\n', 0), done.stderr


@pytest.mark.parametrize('address', [':0', '[::]:0', '[::ffff:0.0.0.0]:0', '0.0.0.0:0'])
def test_no_made_up_key_where_others_can_connect(binary, address):
    env = {k: v for k, v in ENV.items() if k != 'MPBRIDGE_AUTHKEY'}
    done = subprocess.run([binary, 'serve', '--address', address], env=env, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 1 and done.stdout == b'' and b'without a key that you chose' in done.stderr


@pytest.mark.skipif(not has_ipv6(), reason='this system has no IPv6')
def test_a_front_opens_what_is_written_too(binary, serve):
    server = serve('--queue', 'get_socket_queue')
    for written, families in ('0.0.0.0:0', ['127.0.0.1']), ('[::]:0', ['::1']), (':0', ['127.0.0.1', '::1']):
        front = subprocess.Popen([binary, 'front', '--listen', written, '--at', server.text], env=ENV,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            line = front.stdout.readline().decode().split()
            assert line[:2] == ['ready', 'tcp'] and line[2].rpartition(':')[0] == written[:-2]
            assert reached(int(line[2].rpartition(':')[2])) == families
        finally:
            front.send_signal(signal.SIGTERM)
            front.communicate(timeout=30)


def died(path):
    """Leaves the file of a socket whose process has died."""
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen(1)
    s.close()


@pytest.mark.parametrize('flags', [(), ('--socket-mode', '0600')], ids=['plain', 'guarded'])
def test_of_many_servers_that_start_one_stays_and_is_reached(binary, sockdir, flags):
    for turn in range(4):
        path = '%s/s%d' % (sockdir, turn)
        died(path)
        started = [subprocess.Popen([binary, 'serve', '--address', path, *flags], env=ENV, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE) for _ in range(8)]
        ready = [s for s in started if s.stdout.readline()]
        try:
            assert len(ready) == 1
            for s in started:
                if s not in ready:
                    assert b'address already in use' in s.communicate(timeout=30)[1] and s.returncode == 1
            done = subprocess.run([binary, 'call', path, 'get_queue.qsize'], env=ENV, timeout=60,
                                  stdout=subprocess.PIPE)
            assert done.stdout == b'0\n'
        finally:
            for s in ready:
                s.send_signal(signal.SIGTERM)
                s.communicate(timeout=30)
        assert os.listdir(sockdir) == [], 'what is left over'
