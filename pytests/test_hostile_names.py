"""Nothing that somebody else named makes a terminal do anything, or a line that the program did not write."""
import json
import os
import pickle
import subprocess
import sys
import unicodedata
from multiprocessing.connection import Client
from multiprocessing.managers import BaseManager

import pytest

import conftest

ENV = dict(os.environ, MPBRIDGE_AUTHKEY=conftest.KEY.decode())

# An escape sequence, a line, a C1 control, a reversed direction, an invisible tag, DEL, and no end.
HOSTILE = '\x1b[2J\x1b]0;owned\x07\r\nfake row\t\x9b31m\u202egnp\u2066\u200b\U000e0041\x7f' + 'x' * 3000


def harmless(text):
    """Checks what a terminal would be told."""
    text = text.decode('utf-8')
    for line in text.split('\n'):
        assert not line.startswith('fake row'), text
        for c in line.replace('\t', ''):
            assert c == ' ' or unicodedata.category(c)[0] not in 'CZ', (c, text[:200])
    return text


def run(binary, *args, stdin=b''):
    """What the program prints and says, once that is found harmless."""
    done = subprocess.run([binary, *args], env=ENV, input=stdin, timeout=60, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.returncode, harmless(done.stdout), harmless(done.stderr)


@pytest.fixture
def hostile(serve):
    """A function that has a client do hostile things at a server with such flags."""
    conns = []

    def client(*flags, requests=()):
        server = serve('--queue', 'jobs', *flags)
        conn = Client(server.address, authkey=server.key)
        conns.append(conn)
        conn.send((None, 'accept_connection', (HOSTILE,), {}))
        assert conn.recv() == ('#RETURN', None)
        for ident, method, args in requests:
            conn.send((ident, method, args, {}))
            conn.recv()
        return server

    yield client
    for conn in conns:
        conn.close()


def create(server, *args):
    conn = Client(server.address, authkey=server.key)
    conn.send((None, 'create', args, {}))
    kind, result = conn.recv()
    conn.close()
    return kind, result


def test_clients_and_their_names(binary, hostile):
    server = hostile()
    code, out, _ = run(binary, 'clients', server.text)
    rows = out.splitlines()
    assert code == 0 and len(rows) == 2 + 1, 'a heading, the client and this one'
    assert '\\u001b[2J' in out
    code, out, _ = run(binary, 'clients', '--json', server.text)
    assert HOSTILE[:20] in [json.loads(line)['name'][:20] for line in out.splitlines()]


@pytest.mark.parametrize('form', ['text', 'json'])
def test_the_log(hostile, form):
    server = hostile('--log-format', form, '--log-level', 'debug', requests=[(HOSTILE, HOSTILE, ())])
    create(server, HOSTILE)
    create(server, 'get_queue', HOSTILE)
    text = harmless(server.stop().encode())
    for line in text.splitlines():
        if form == 'json':
            json.loads(line)
        else:
            assert line.startswith('time=')


def test_objects_and_their_texts(binary, hostile):
    server = hostile('--dict', 'settings={}', '--value', 'value')
    for typeid, args in ('Value', (HOSTILE, HOSTILE)), ('list', ([HOSTILE],)), ('dict', ({HOSTILE: HOSTILE},)), \
            ('Namespace', ()), ('get_queue', (HOSTILE,)):
        create(server, typeid, *args)
    code, out, _ = run(binary, 'ls', server.text)
    assert code == 0 and len(out.splitlines()) >= 3
    code, out, _ = run(binary, 'ls', '--json', server.text)
    for line in out.splitlines():
        json.loads(line)
    conn = Client(server.address, authkey=server.key)
    conn.send((None, 'debug_info', (), {}))
    kind, info = conn.recv()
    conn.close()
    harmless(info.encode())
    assert all(line.startswith('  ') for line in info.splitlines())


def test_values(binary, serve):
    server = serve('--queue', 'jobs')
    conn = Client(server.address, authkey=server.key)
    conn.close()
    assert subprocess.run([binary, 'put', server.text, 'jobs', json.dumps({HOSTILE: [HOSTILE]})], env=ENV,
                          timeout=60).returncode == 0
    code, out, _ = run(binary, 'get', server.text, 'jobs')
    assert code == 0 and json.loads(out) == {HOSTILE: [HOSTILE]}




class Loud:
    def __init__(self, receipt=HOSTILE):
        self.receipt = receipt

    def __str__(self):
        return HOSTILE

    def fail(self):
        raise ValueError(HOSTILE)

    def value(self):
        return [HOSTILE, HOSTILE.encode('utf-16')]

    def get(self):
        return None

    def lease(self, timeout, detached=False):
        return self.receipt, 1


setattr(Loud, HOSTILE, lambda self: None)


class Stock(BaseManager):
    pass


Stock.register('loud', Loud, exposed=['fail', 'value', 'get', 'lease', HOSTILE, '__str__'])


@pytest.fixture
def stock():
    """A hostile manager of Python's own."""
    manager = Stock(('127.0.0.1', 0), authkey=conftest.KEY)
    manager.start()
    yield '%s:%d' % manager.address
    manager.shutdown()


def test_a_hostile_managers_errors_methods_and_values(binary, stock):
    code, out, err = run(binary, 'call', stock, 'loud.fail')
    assert code == 1 and 'ValueError' in err and len(err) < 10_000
    assert [line for line in err.splitlines() if not line.startswith('  ')] == [err.splitlines()[0]]
    code, out, _ = run(binary, 'call', stock, 'loud')
    assert code == 0 and sorted(out.splitlines())[0].startswith('\\u001b')
    code, out, _ = run(binary, 'call', stock, 'loud.value')
    assert code == 0 and json.loads(out)[0] == HOSTILE
    code, _, err = run(binary, 'call', stock, HOSTILE + '.x')
    assert code != 0


@pytest.mark.parametrize('receipt', [HOSTILE, 'a\tb', 'a\nb', 'a\x1b[2J', ''])
def test_a_receipt_that_is_more_than_a_word_is_not_printed(binary, stock, receipt):
    code, out, err = run(binary, 'get', stock, 'loud(%s)' % json.dumps(receipt), '--receipt')
    assert (code, out) == (1, '') and 'lease() returned the receipt' in err


HOSTILE_PICKLES = {
    'a class': b'\x80\x02c%s\n%s\n)R.' % ((HOSTILE.replace('\n', '').encode(),) * 2),
    'a text': pickle.dumps(HOSTILE),
    'bytes': pickle.dumps(HOSTILE.encode('utf-16')),
    'a memo': b"(lp\x1b[2J\x9b\xc2\x9b\n.",
    'a number': b'I\x1b[2J\n.',
    'a float': b'F\x1b[2J\n.',
    'a quoted text': b"S'\x1b[2J\x9b'\n.",
    'no pickle': HOSTILE.encode(),
    'a persistent name': b'P\x1b[2J\xc2\x9b\n.',
}


@pytest.mark.parametrize('name', HOSTILE_PICKLES)
@pytest.mark.parametrize('flags', [(), ('--json',)], ids=['listing', 'json'])
def test_what_is_in_a_pickle(binary, name, flags):
    _, out, err = run(binary, 'inspect', *flags, '-', stdin=HOSTILE_PICKLES[name])
    assert out or err


MODULE = '''\
import sys
HOSTILE = %r
def loud(x):
    print(HOSTILE)
    sys.stderr.write(HOSTILE + '\\n')
    return HOSTILE
def fail(x):
    raise ValueError(HOSTILE)
def die(x):
    import os
    sys.stderr.write(HOSTILE + '\\n')
    sys.stderr.flush()
    os._exit(3)
''' % HOSTILE


@pytest.mark.parametrize('function, flags', [
    ('loud', ()), ('fail', ()), ('fail', ('--keep-going',)), ('die', ()), ('die', ('--keep-going',))])
def test_what_workers_say_return_and_raise(binary, tmp_path, function, flags):
    (tmp_path / 'hostile_module.py').write_text(MODULE)
    code, out, err = run(binary, 'map', 'hostile_module:' + function, '--workers', '1', '--python', sys.executable,
                         '--path', str(tmp_path), *flags, stdin=b'1\n')
    assert (code == 0) == (function == 'loud')
    for line in out.splitlines():
        json.loads(line)
