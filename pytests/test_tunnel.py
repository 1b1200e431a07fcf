"""Stock Python through `mpbridge tunnel`: local socket, TLS, and on to a server."""
import signal
import socket
import subprocess

import pytest

import support
from conftest import write_certificates

NEWEST = support.found()[-1][1]


class Tunnel:
    """A running `mpbridge tunnel`."""

    def __init__(self, binary, *flags):
        self.process = subprocess.Popen([binary, 'tunnel', *flags], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        line = self.process.stdout.readline().decode().split()
        assert line and line[0] == 'ready', self.process.communicate(timeout=10)[1].decode()
        self.network, self.text = line[1], line[2]

    def stop(self):
        """Ends it as an operator does; returns what it logged."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=30)
        assert out == b'', 'stdout holds more than the ready line'
        assert self.process.returncode == 0, err.decode()
        return err.decode()


def near_flags(certificates):
    return ('--cert', str(certificates / 'client.pem'), '--key', str(certificates / 'client.key'),
            '--ca', str(certificates / 'ca.pem'), '--grace', '1s')


def far_flags(certificates):
    return ('--cert', str(certificates / 'server.pem'), '--key', str(certificates / 'server.key'),
            '--client-ca', str(certificates / 'ca.pem'), '--grace', '1s')


@pytest.fixture
def tunnel(binary):
    """A function that starts tunnels."""
    tunnels = []

    def run(*flags):
        tunnels.append(Tunnel(binary, *flags))
        return tunnels[-1]

    yield run
    for t in reversed(tunnels):
        if t.process.poll() is None:
            t.stop()
        t.process.stdout.close()
        t.process.stderr.close()


@pytest.fixture(params=['tcp', 'unix'])
def chain(request, serve, tunnel, certificates, sockdir):
    """Where clients connect that go through two tunnels to a server."""
    far = tunnel('--listen', 'tls://127.0.0.1:0', '--to', serve().text, *far_flags(certificates))
    assert far.network == 'tls'
    local = '127.0.0.1:0' if request.param == 'tcp' else 'unix:%s/near' % sockdir
    near = tunnel('--listen', local, '--to', 'tls://' + far.text, *near_flags(certificates))
    assert near.network == request.param
    return near.text


def test_items_of_every_size(chain, python, peer):
    assert peer(python, 'tunnelled.py', chain) == {'wrong': [], 'left': 0}


@pytest.mark.parametrize('version', ['2.7', '3.8', '3.13'])
def test_killed_consumers_lose_nothing(chain, peer, version):
    out = peer(support.python(version), 'consumers.py', chain, 100, 5_000, timeout=180)
    assert out == {'items': 5_000, 'most': 1, 'extra': '', 'left': 0}


@pytest.mark.parametrize('chain', ['tcp'], indirect=True)
def test_cut_connections_lose_nothing(chain, python, peer):
    assert peer(python, 'cut.py', chain) == {'all': True, 'left': 0}


@pytest.fixture
def direct(serve, tunnel, certificates):
    """Where clients connect that go through one tunnel to a server that speaks TLS itself."""
    server = serve('--address', 'tls://127.0.0.1:0', '--tls-cert', str(certificates / 'server.pem'),
                   '--tls-key', str(certificates / 'server.key'),
                   '--tls-client-ca', str(certificates / 'ca.pem'))
    assert server.network == 'tls'
    return tunnel('--listen', '127.0.0.1:0', '--to', 'tls://' + server.text,
                  *near_flags(certificates)).text


def test_a_server_that_speaks_tls_itself(direct, python, peer):
    assert peer(python, 'tunnelled.py', direct) == {'wrong': [], 'left': 0}


def test_killed_consumers_of_a_server_that_speaks_tls_lose_nothing(direct, peer):
    out = peer(NEWEST, 'consumers.py', direct, 100, 5_000, timeout=180)
    assert out == {'items': 5_000, 'most': 1, 'extra': '', 'left': 0}


def test_a_far_end_that_is_down_closes_the_connection(tunnel, certificates, python, peer):
    with socket.socket() as unused:
        unused.bind(('127.0.0.1', 0))
        near = tunnel('--listen', '127.0.0.1:0', '--to', 'tls://127.0.0.1:%d' % unused.getsockname()[1],
                      *near_flags(certificates))
        assert peer(python, 'refused.py', near.text)[0] in ('EOFError', 'ConnectionResetError', 'IOError')
    assert 'connection refused' in near.stop()


def test_a_client_that_the_far_end_does_not_know_is_refused(serve, tunnel, certificates, tmp_path, peer):
    write_certificates(tmp_path)
    far = tunnel('--listen', 'tls://127.0.0.1:0', '--to', serve().text, *far_flags(certificates))
    stranger = ('--cert', str(tmp_path / 'client.pem'), '--key', str(tmp_path / 'client.key'),
                '--ca', str(certificates / 'ca.pem'), '--grace', '1s')
    near = tunnel('--listen', '127.0.0.1:0', '--to', 'tls://' + far.text, *stranger)
    assert peer(NEWEST, 'refused.py', near.text)[0] in ('EOFError', 'ConnectionResetError')
    assert 'tls' in near.stop() and 'peer refused' in far.stop()


def test_a_python_that_speaks_to_the_tls_port_is_refused(serve, tunnel, certificates):
    far = tunnel('--listen', 'tls://127.0.0.1:0', '--to', serve().text, *far_flags(certificates))
    host, port = far.text.split(':')
    with socket.create_connection((host, int(port)), timeout=20) as s:
        s.sendall(b'\x00\x00\x00\x04nope' * 20)
        while s.recv(4096):
            pass
    assert 'peer refused' in far.stop()


def test_renewed_certificates_need_no_restart(serve, tunnel, tmp_path, peer):
    write_certificates(tmp_path)
    far = tunnel('--listen', 'tls://127.0.0.1:0', '--to', serve().text, *far_flags(tmp_path))
    near = tunnel('--listen', '127.0.0.1:0', '--to', 'tls://' + far.text, *near_flags(tmp_path))
    assert peer(NEWEST, 'tunnelled.py', near.text)['left'] == 0
    write_certificates(tmp_path)  # another authority: old and new do not know each other
    near.process.send_signal(signal.SIGHUP)
    assert peer(NEWEST, 'tunnelled.py', near.text)['left'] == 0
    assert 'renewed' in near.stop() and 'renewed' in far.stop()
