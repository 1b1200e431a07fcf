"""Builds the binary, finds the interpreters, and runs servers and peers for the tests."""
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile

import pytest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = b'secret key'


@pytest.fixture(scope='session')
def binary():
    """The built program: MPBRIDGE_BIN, or a fresh build."""
    given = os.environ.get('MPBRIDGE_BIN')
    if given:
        return given
    path = ROOT / 'bin' / 'mpbridge'
    subprocess.run(['go', 'build', '-trimpath', '-o', str(path), './cmd/mpbridge'], cwd=ROOT,
                   env=dict(os.environ, CGO_ENABLED='0'), check=True)
    return str(path)


class Server:
    """A running `mpbridge serve`."""

    def __init__(self, process, network, address):
        self.process, self.network, self.text = process, network, address
        host, _, port = address.rpartition(':')
        self.address = (host, int(port)) if network == 'tcp' else address
        self.key = KEY

    def memory(self):
        """The most memory that the process has had, in bytes."""
        return 1024 * int(re.search(r'VmHWM:\s*(\d+) kB', self.proc('status')).group(1))

    def cpu(self):
        """Seconds of processor time that the process has taken."""
        fields = self.proc('stat').rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def children(self):
        """The processes that the server has started."""
        found = []
        for task in pathlib.Path('/proc/%d/task' % self.process.pid).iterdir():
            found += (task / 'children').read_text().split()
        return found

    def proc(self, name):
        return pathlib.Path('/proc/%d/%s' % (self.process.pid, name)).read_text()

    def stop(self):
        """Ends the server as an operator does; returns what it logged."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=30)
        assert out == b'', 'stdout holds more than the ready line'
        assert self.process.returncode == 0, err.decode()
        return err.decode()


def start(binary, *flags, env=None, descriptors=None):
    """Starts a server, which may have so many descriptors, and waits for its ready line."""
    limit = None
    if descriptors:
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    process = subprocess.Popen(
        [binary, 'serve', *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit,
        env=dict(os.environ, MPBRIDGE_AUTHKEY=KEY.decode()) if env is None else env)
    line = process.stdout.readline().decode().split()
    if not line:
        raise AssertionError(process.communicate(timeout=10)[1].decode())
    assert line[0] == 'ready', line
    return Server(process, line[1], line[2])


@pytest.fixture
def serve(binary):
    """A function that starts servers, on TCP unless --address is among the flags."""
    servers = []

    def run(*flags, **kwargs):
        if '--address' not in flags:
            flags = ('--address', '127.0.0.1:0') + flags
        servers.append(start(binary, *flags, **kwargs))
        return servers[-1]

    yield run
    for server in servers:
        if server.process.poll() is None:
            server.stop()
        server.process.stdout.close()
        server.process.stderr.close()


@pytest.fixture
def sockdir():
    """A folder with a short name, for unix sockets."""
    with tempfile.TemporaryDirectory(prefix='mp') as folder:
        yield folder


@pytest.fixture(params=['tcp', 'unix'])
def server(request, serve, sockdir):
    """A server with the default names, on each kind of address."""
    if request.param == 'tcp':
        return serve()
    return serve('--address', 'unix:%s/s' % sockdir)


@pytest.fixture(params=support.VERSIONS, ids=lambda v: 'py' + v)
def python(request):
    """Each interpreter in turn."""
    return support.python(request.param)


def write_certificates(folder):
    subprocess.run(['go', 'run', './interop/mkcerts', str(folder)], cwd=ROOT, check=True)


@pytest.fixture(scope='session')
def certificates(tmp_path_factory):
    """A folder with an authority, and a server and a client that it vouches for."""
    folder = tmp_path_factory.mktemp('certificates')
    write_certificates(folder)
    return folder


@pytest.fixture
def peer(request):
    """A function that runs a script of peers/ under an interpreter and gives its JSON answer."""

    def run(python, script, *args, timeout=60, stdin=None, key=KEY):
        done = subprocess.run([python, str(ROOT / 'pytests' / 'peers' / script), *map(str, args)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                              input=stdin, env=support.peer_env(key))
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout.decode())

    return run


def pytest_configure(config):
    if os.environ.get('CI') or os.environ.get('MPBRIDGE_REQUIRED'):
        config.option.reportchars += 's'  # where everything should be there, what was skipped is told, with the reason


def pytest_report_header():
    found = [v for v in support.VERSIONS if support.find(v)]
    return 'pythons: ' + ' '.join(found)


assert sys.version_info >= (3, 9), 'the tests themselves need a modern Python'
