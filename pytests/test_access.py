"""Several keys, and what the clients who have them may do."""
import os
import signal
import subprocess
import time

import pytest

import conftest
import support

KEYS = '''\
# name  role       secret              what it reaches
boss    admin      text:boss-secret
worker  consume    hex:%s  jobs produce:results read-only:settings list
reader  read-only  base64:cmVhZGVyLXNlY3JldA==
''' % b'worker-secret'.hex()

SECRETS = ('boss-secret', 'worker-secret', 'reader-secret')
OBJECTS = ('--queue', 'jobs', '--queue', 'results', '--queue', 'secret', '--queue', 'other',
           '--dict', 'settings={"debug": true}', '--list', 'hidden')


@pytest.fixture
def keys(tmp_path):
    """A function that writes the file of keys and gives its path."""

    def write(text, mode=0o600):
        path = tmp_path / 'keys'
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    return write


def test_a_worker_is_kept_to_its_work(serve, keys, python, peer):
    server = serve('--keys', keys(KEYS), *OBJECTS)
    out = peer(python, 'access.py', server.text, *SECRETS, 'wrong-secret')
    assert out['wrong'][0] == 'AuthenticationError'
    assert out['works'] == [0, 2, [1], None, 1]
    assert out['settings'] is True and out['still'] == 1
    for what in ('queue', 'names', 'functions', 'idents', 'reads'):
        assert out[what] == [True] * len(out[what]), what
    assert out['forged'] == [True, 0]
    assert out['reader'] == [1, ['hush'], True, {'debug': True}, 1]
    assert out['info']
    log = server.stop()
    assert 'key=worker' in log and 'not allowed' in log
    assert not any(s in log for s in SECRETS)


def test_strict_digests_hold_for_every_key(serve, keys, python, peer):
    server = serve('--keys', keys(KEYS), '--strict-digests', '--queue', 'jobs')
    old = python in [support.find(v) for v in support.MD5_ONLY]
    for secret, error in zip(SECRETS, ('Empty', 'Empty', 'PermissionError')):
        want = ['AuthenticationError', None] if old else [None, error]
        assert peer(python, 'who.py', server.text, secret) == want


def eventually(what, seconds=20):
    """Waits until something is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def who(peer, server, secret):
    return peer(newest(), 'who.py', server.text, secret)


def newest():
    return support.found()[-1][1]


def test_sighup_reads_the_keys_again(serve, keys, peer):
    server = serve('--keys', keys(KEYS), '--queue', 'jobs')
    assert who(peer, server, 'late-secret') == ['AuthenticationError', None]
    keys(KEYS + 'late consume text:late-secret\n')
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: who(peer, server, 'late-secret') == [None, 'Empty'])
    keys('boss admin text:boss-secret\n')
    server.process.send_signal(signal.SIGHUP)
    eventually(lambda: who(peer, server, 'late-secret') == ['AuthenticationError', None])
    assert who(peer, server, 'boss-secret') == [None, 'Empty']


def test_a_file_that_cannot_be_read_again_changes_nothing(serve, keys, peer):
    server = serve('--keys', keys(KEYS), '--queue', 'jobs')
    keys('boss admin hex:not-hex-secret\n')
    server.process.send_signal(signal.SIGHUP)
    line = ''
    while 'the keys stay as they were' not in line:
        line = server.process.stderr.readline().decode()
        assert line, 'the log ended'
    assert 'line 1: the secret is no valid' in line and 'not-hex-secret' not in line
    assert who(peer, server, 'boss-secret') == [None, 'Empty']


def refused(binary, *flags):
    """Runs a server that does not start. Gives what it says."""
    done = subprocess.run([binary, 'serve', '--address', '127.0.0.1:0', *flags], timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode in (1, 2) and done.stdout == b''
    return done.stderr.decode()


def test_files_of_keys_that_are_refused(binary, keys):
    text = refused(binary, '--keys', keys(KEYS, 0o644))
    assert 'other users may read or change it' in text and 'hint: chmod 600' in text
    text = refused(binary, '--keys', keys(KEYS + 'boss consume text:boss-2-secret\n'))
    assert 'line 5: the name is that of line 2' in text and 'boss-2' not in text
    assert 'exclude' in refused(binary, '--keys', keys(KEYS), '--authkey-fd', '0')


def test_the_environments_key_is_no_key_beside_a_file(serve, keys, peer):
    server = serve('--keys', keys(KEYS), '--queue', 'jobs')
    assert who(peer, server, conftest.KEY.decode()) == ['AuthenticationError', None]


def test_a_unix_socket_has_a_mode_and_an_owner(serve, keys, peer, sockdir):
    path = sockdir + '/s'
    group = str(os.getgroups()[-1] if os.getgroups() else os.getgid())
    server = serve('--address', 'unix:' + path, '--keys', keys(KEYS), '--queue', 'jobs',
                   '--socket-mode', '0660', '--socket-owner', '%d:%s' % (os.getuid(), group),
                   '--log-level', 'debug')
    info = os.stat(path)
    assert info.st_mode & 0o777 == 0o660
    assert [info.st_uid, info.st_gid] == [os.getuid(), int(group)]
    assert who(peer, server, 'worker-secret') == [None, 'Empty']
    log = server.stop()
    line = next(x for x in log.splitlines() if 'client accepted' in x)
    assert 'key=worker' in line and 'uid=%d' % os.getuid() in line and 'pid=' in line


OWNERS = '''\
boss  admin      text:boss-secret
ann   consume+read-only  text:ann-secret  shelf list
bob   consume+read-only  text:bob-secret  shelf list
'''


def test_what_a_client_made_is_of_no_use_to_one_with_another_key(serve, keys, python, peer):
    server = serve('--keys', keys(OWNERS), '--dict', 'shelf')
    out = peer(python, 'ownership.py', server.text, 'ann-secret', 'bob-secret')
    assert out['refused'] == [True] * len(out['refused'])
    assert out['probe'] == 0 and out['info'][0] is False and out['info'][2] is False
    assert out['given'] == ['hello', 'hi'], 'a proxy that a client is sent works'
    assert out['secret'] == ['hush']
