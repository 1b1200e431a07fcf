"""The commands and programs of the README and of docs/, run as they are pasted.

A test runs the blocks whose mark has its name. What has to differ here is replaced: ports, and names of other hosts.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

import documents
import support
from documents import ROOT

NEWEST = support.found()[-1][1]
MANAGER = """
from multiprocessing.managers import BaseManager
class Manager(BaseManager):
    pass
Manager.register('jobs')
manager = Manager(('127.0.0.1', 50000), authkey=b'abc')
manager.connect()
jobs = manager.jobs()
"""


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Running:
    """A shell that runs what serves until it is ended, and what it has printed."""

    def __init__(self, log, text, **kwargs):
        self.log = log
        with log.open('wb') as out:
            self.shell = subprocess.Popen(['sh', '-ec', text], stdout=out, stderr=out, start_new_session=True, **kwargs)

    def printed(self, pattern):
        """Waits until it has printed something."""
        deadline = time.monotonic() + 60
        while True:
            text = self.log.read_text()
            found = re.search(pattern, text)
            if found:
                return found
            assert time.monotonic() < deadline and self.shell.poll() is None, text
            time.sleep(0.02)

    def stop(self):
        """Ends it and all that it started."""
        try:
            os.killpg(self.shell.pid, signal.SIGTERM)
            deadline = time.monotonic() + 60
            while True:
                self.shell.poll()
                os.killpg(self.shell.pid, 0)
                assert time.monotonic() < deadline, 'what the shell started does not end'
                time.sleep(0.02)
        except ProcessLookupError:
            self.shell.wait()


class Pasted:
    """The blocks of one test, in a folder of their own, with mpbridge in the PATH."""

    def __init__(self, name, binary, folder):
        self.blocks = [b for b in documents.blocks() if (b.kind, b.target) == ('run', name)]
        assert self.blocks, 'no block is marked <!-- run: %s -->' % name
        self.folder = folder
        self.port = free_port()
        self.replaced = {'50000': str(self.port)}
        path = folder / 'bin'
        path.mkdir()
        shutil.copy(binary, str(path / 'mpbridge'))
        self.env = dict(os.environ, PATH='%s:%s' % (path, os.environ['PATH']), MPBRIDGE_AUTHKEY='abc',
                        XDG_RUNTIME_DIR=str(folder))
        self.running = []

    def text(self, block):
        """A block as it is run here."""
        return self.here(block.text)

    def here(self, text):
        if '--address' not in text:
            text = text.replace('mpbridge serve', 'mpbridge serve --address 127.0.0.1:50000')
        for old, new in self.replaced.items():
            text = text.replace(old, new)
        return text

    def one(self, language='sh', document=''):
        """The one block in a language."""
        found = [b for b in self.blocks if b.language == language and b.document.endswith(document)]
        assert len(found) == 1, found
        return self.text(found[0])

    def start(self, text):
        """Runs what serves, in the background."""
        log = self.folder / ('log%d' % len(self.running))
        self.running.append(Running(log, text, cwd=str(self.folder), env=self.env))
        return self.running[-1]

    def serve(self, *flags):
        """A server at the address that the documents name."""
        text = self.here('exec mpbridge serve --address 127.0.0.1:50000 ' + ' '.join(flags))
        server = self.start(text)
        server.printed('ready tcp')
        return server

    def sh(self, text, cwd=None, timeout=120):
        """Runs what ends, and returns what it printed."""
        done = subprocess.run(['sh', '-ec', self.here(text)], cwd=str(cwd or self.folder), env=self.env, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def python(self, text, interpreter=NEWEST):
        """Runs a program and returns what it printed."""
        done = subprocess.run([interpreter, '-c', self.here(text)], cwd=str(self.folder), env=self.env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def lines(self):
        """The commands of the one block, without their comments."""
        return [re.sub(r'\s+#.*', '', line) for line in self.one().splitlines()]


@pytest.fixture
def pasted(request, binary, tmp_path):
    name = getattr(request.node, 'originalname', None) or request.node.name
    p = Pasted(name, binary, tmp_path)
    yield p
    for r in reversed(p.running):
        r.stop()


def test_make(pasted):
    for block in pasted.blocks:
        for line in block.text.splitlines():
            command, target = line.split()[:2]
            assert command == 'make'
            subprocess.run(['make', '-n', target], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def test_install(pasted):
    text = pasted.one().replace('bin/mpbridge', str(pasted.folder / 'built'))
    pasted.sh(text, cwd=ROOT)
    assert pasted.sh('./built version').startswith('mpbridge ')


OWN = """package main

import (
	"fmt"

	"%(module)s/connection"
	"%(module)s/pickle"
)

func main() {
	address, err := connection.ParseAddress("127.0.0.1:50000")
	if err != nil {
		panic(err)
	}
	data, err := pickle.Marshal(address.Name)
	fmt.Println(len(data) > 0, err)
}
"""


def module_beside(pasted, file, text):
    """Builds a program of a module of its own, which has the text in a file and this module beside it."""
    (pasted.folder / 'mpbridge').symlink_to(ROOT)
    own = pasted.folder / 'own'
    own.mkdir()
    (own / 'go.mod').write_text('module own\n\ngo 1.25.0\n')
    with (own / file).open('a') as f:
        f.write(text)
    module = re.search(r'(?m)^module (\S+)', (ROOT / 'go.mod').read_text()).group(1)
    (own / 'main.go').write_text(OWN % {'module': module})
    pasted.env.update(GOPROXY='off', GONOSUMDB='*')  # what the tests were built with is there
    tidy = 'go mod tidy; ' if file == 'go.mod' else ''
    assert pasted.sh(tidy + 'go build -o program .; ./program', cwd=own) == 'true <nil>\n'


def test_require(pasted):
    module_beside(pasted, 'go.mod', '\n' + pasted.one(''))


def test_workspace(pasted):
    module_beside(pasted, 'go.work', pasted.one(''))


@pytest.fixture
def copy(tmp_path):
    """A copy of what is here, to change."""
    names = subprocess.run(['git', 'ls-files', '-co', '--exclude-standard', '-z'], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE).stdout.decode()
    for name in names.split('\0'):
        if (ROOT / name).is_file():
            (tmp_path / 'copy' / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(ROOT / name), str(tmp_path / 'copy' / name))
    return tmp_path / 'copy'


@pytest.mark.timeout(600)
def test_rename(pasted, copy):
    """The command builds and vets what it has changed: all there is."""
    pasted.env['GOFLAGS'] = "'-gcflags=-N -l'"  # nobody runs it
    command = pasted.one()
    path = command.split()[-1]
    assert ' is %s;' % path in pasted.sh(command, cwd=copy, timeout=580)
    assert pasted.sh('go list -m', cwd=copy) == path + '\n'
    shown = next(b for b in documents.blocks() if b.target == 'test_require').text
    renamed = (copy / 'README.md').read_text()
    assert re.sub(r'\bmpbridge (v|=)', path + r' \1', shown) in renamed
    for block in documents.blocks():
        if block.kind in ('file', 'part'):
            shown = next(b for b in documents.blocks_of(block.document, (copy / block.document).read_text())
                         if b.line == block.line)
            assert documents.missing(shown, (copy / shown.target).read_text()) is None, shown
    assert pasted.sh('.ci/rename-module %s' % path, cwd=copy).endswith('already\n')


@pytest.mark.parametrize('path', ['', 'mpbridge', 'example.com/', '-x.com/m', 'https://example.com/m', 'example.com/m two'])
def test_what_is_no_module_path_changes_nothing(path, tmp_path):
    (tmp_path / '.ci').mkdir()
    shutil.copy(str(ROOT / '.ci' / 'rename-module'), str(tmp_path / '.ci'))
    done = subprocess.run([str(tmp_path / '.ci' / 'rename-module'), path], stderr=subprocess.PIPE)
    assert done.returncode == 2 and b'usage' in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ['.ci']


def test_migration(pasted, python):
    for document in 'README.md', 'migration.md':
        server = pasted.start('unset MPBRIDGE_AUTHKEY\n' + pasted.one('sh', document))
        server.printed('ready tcp')
        pasted.python(pasted.one('python', document), python)
        assert json.loads(pasted.sh('mpbridge get 127.0.0.1:50000 jobs')) == {'any': 'picklable value'}
        server.stop()


def test_leases(pasted):
    pasted.serve('--queue jobs --lease 30s')
    pasted.sh('mpbridge put 127.0.0.1:50000 jobs 1 2')
    printed = pasted.python(MANAGER + pasted.one('python') + 'print(job, len(jobs.unacked()), jobs.qsize())')
    assert printed == '1 1 0\n'


def test_shared_objects(pasted):
    pasted.start(pasted.one('sh')).printed('ready tcp')
    printed = pasted.python(pasted.one('python') + "print(settings['debug'], settings['limits'].copy())")
    assert printed == "True {'cpu': 2, 'memory': '4G'}\n"
    assert pasted.sh('mpbridge ls 127.0.0.1:50000').count('\n') >= 5


def test_keys(pasted):
    shutil.copy(str(ROOT / 'examples' / 'keys.txt'), str(pasted.folder))
    (pasted.folder / 'keys.txt').chmod(0o600)
    pasted.start(pasted.one()).printed('ready tcp')
    pasted.env['MPBRIDGE_AUTHKEY'] = 'secret'  # that of the worker
    pasted.sh('mpbridge put 127.0.0.1:50000 results 1')
    assert pasted.sh('mpbridge put 127.0.0.1:50000 jobs 1 || echo refused').endswith('refused\n')
    pasted.env['MPBRIDGE_AUTHKEY'] = 'correct-horse'
    assert pasted.sh('mpbridge get 127.0.0.1:50000 results') == '1\n'


def test_map(pasted):
    """Its last line but one goes on for ever, its last one is a demo."""
    (pasted.folder / 'app').mkdir()
    (pasted.folder / 'app' / '__init__.py').write_text('')
    (pasted.folder / 'app' / 'tasks.py').write_text(
        'def connect():\n    pass\n\ndef resize(picture):\n    return picture.upper()\n\n'
        'def run(*args, **kwargs):\n    return [args, kwargs]\n')
    (pasted.folder / 'pictures.jsonl').write_text('"a"\n"b"\n')
    (pasted.folder / 'jobs.jsonl').write_text('[1, 2]\n{"x": 3}\n')
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(pasted.folder / '.venv')], check=True)
    count, resize, preload, forever, demo = pasted.lines()
    assert pasted.sh(count).splitlines()[4] == '120'
    assert pasted.sh(resize) == '"A"\n"B"\n'
    assert pasted.sh(preload) == '"A"\n"B"\n'
    pasted.start(forever).printed(r'1, *2(.|\n)*"x": *3')
    assert 'math.Pi is off by' in pasted.sh(demo)


def test_front(pasted):
    listen = free_port()
    pasted.replaced[':8080'] = '127.0.0.1:%d' % listen
    del pasted.env['MPBRIDGE_AUTHKEY']
    front = pasted.start(pasted.one())
    front.printed('ready tcp 127.0.0.1:%d' % listen)
    key = pathlib.Path(front.printed(r'kept in (\S+)').group(1)).read_text().strip()
    worker = subprocess.Popen([NEWEST, str(ROOT / 'examples' / 'socket_worker.py'), '127.0.0.1', str(pasted.port)],
                              env=dict(pasted.env, MPBRIDGE_AUTHKEY=key), stdout=subprocess.DEVNULL)
    try:
        with socket.create_connection(('127.0.0.1', listen), timeout=60) as s:
            s.sendall(b'hello\n')
            assert s.makefile().readline() == 'hello to you\n'
    finally:
        worker.kill()
        worker.wait()


def with_certificates(pasted, certificates):
    for file in certificates.iterdir():
        shutil.copy(str(file), str(pasted.folder))
    pasted.replaced.update({'0.0.0.0:5443': '127.0.0.1:%d' % free_port(), 'server.example': '127.0.0.1'})
    pasted.replaced['5443'] = pasted.replaced['0.0.0.0:5443'].rpartition(':')[2]


def test_tunnel(pasted, certificates, sockdir):
    with_certificates(pasted, certificates)
    pasted.replaced['/run/jobs.sock'] = sockdir + '/jobs.sock'
    pasted.serve('--queue jobs')
    far, near = re.split(r'(?m)^# where the Python.*\n', pasted.one())
    pasted.start(far).printed('ready tls')
    pasted.start(near).printed('ready unix')
    pasted.sh('mpbridge put unix:/run/jobs.sock jobs 1')
    assert pasted.sh('mpbridge get 127.0.0.1:50000 jobs') == '1\n'


def test_a_server_with_tls(pasted, certificates, sockdir):
    with_certificates(pasted, certificates)
    pasted.replaced['/run/jobs.sock'] = sockdir + '/jobs.sock'
    pasted.start(pasted.one()).printed('ready tls')
    pasted.start(pasted.here('mpbridge tunnel --listen unix:/run/jobs.sock --to tls://server.example:5443 '
                             '--cert client.pem --key client.key --ca ca.pem')).printed('ready unix')
    pasted.sh('mpbridge put unix:/run/jobs.sock get_task_queue 1')
    assert pasted.sh('mpbridge get unix:/run/jobs.sock get_task_queue') == '1\n'


def test_commands(pasted):
    """The second line is for a server with the default names, the fourth goes on for ever."""
    put, put_lines, get, follow, peek, again, call, ls, inspect = pasted.lines()
    server = pasted.serve()
    (pasted.folder / 'lines.json').write_text('1\n2\n')
    pasted.sh(put_lines)
    assert pasted.sh('mpbridge get 127.0.0.1:50000 \'get_queue("orders")\' -n 2') == '1\n2\n'
    server.stop()
    pasted.serve('''--queue jobs --dict 'settings={"debug": false}' --lease jobs=30s --max-deliveries jobs=1''')
    consumer = pasted.folder / 'bin' / 'consumer'
    consumer.write_text('#!/bin/sh\nwhile read -r line; do echo "got $line"; done\n')
    consumer.chmod(0o755)
    subprocess.run([NEWEST, '-c', 'import pickle; pickle.dump([1], open("message.pickle", "wb"))'],
                   cwd=str(pasted.folder), check=True)
    pasted.sh(put)
    assert json.loads(pasted.sh(get)) == {'id': 1}
    assert pasted.sh(peek).split('\n') == ['[1,2,3]', '-5', '']
    pasted.start(follow).printed(r'got -5')
    pasted.running.pop().stop()
    assert pasted.sh(call) == 'false\n'
    assert 'jobs' in pasted.sh(ls)
    assert 'APPEND' in pasted.sh(inspect)
    pasted.python(MANAGER + 'jobs.put(7); jobs.nack(jobs.lease()[0])')  # a dead letter
    pasted.sh(again)
    assert pasted.sh('mpbridge get 127.0.0.1:50000 jobs') == '7\n'


def test_receipts(pasted):
    pasted.serve('--queue jobs --lease 30s')
    pasted.sh('mpbridge put 127.0.0.1:50000 jobs 1')
    pasted.replaced['--delay 10s'] = '--delay 1h'  # not over while the test looks
    loop = pasted.one()
    pasted.sh('work() { false; }\n' + loop)
    unacked = MANAGER + 'print(jobs.qsize(), len(jobs.unacked()))'
    assert pasted.python(unacked) == '0 1\n'  # it comes back when the delay is over
    pasted.sh('mpbridge put 127.0.0.1:50000 jobs 2')
    pasted.sh('work() { [ "$1" = 2 ]; }\n' + loop)
    assert pasted.python(unacked) == '0 1\n'


def test_the_zoo(pasted):
    text = pasted.one()
    pattern = re.search(r'-run (\S+)', text).group(1)
    variable = re.match(r'(\w+)=', text).group(1)
    tests = ''.join(p.read_text() for p in (ROOT / 'interop').glob('*_test.go'))
    assert re.search(r'func Test\w*%s' % pattern, tests)
    assert '"%s"' % variable in tests


def test_narrow_runs(pasted):
    race, interop, pytests = pasted.lines()
    subprocess.run(['go', 'list', race.split()[-1]], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    assert os.access(str(ROOT / interop.split()[0]), os.X_OK)
    assert (ROOT / pytests.split()[-1]).is_file()
