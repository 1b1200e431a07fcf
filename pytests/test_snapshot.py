"""What is shared by name survives an orderly restart: serve --snapshot."""
import json
import os
import subprocess

import support


def run(binary, server, *args):
    done = subprocess.run([binary, *args], env=support.peer_env(server.key), stdout=subprocess.PIPE,
                          check=True, timeout=60)
    return done.stdout.decode()


def test_a_restart_loses_nothing(binary, sockdir, serve):
    flags = ('--address', 'unix:%s/s' % sockdir, '--snapshot', sockdir + '/state', '--queue', 'jobs',
             '--dict', 'settings')
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
        server.stop()


def test_a_proxy_goes_on_with_the_next_server(sockdir, serve, python):
    flags = ('--address', 'unix:%s/s' % sockdir, '--snapshot', sockdir + '/state', '--queue', 'jobs')
    server = serve(*flags)
    script = ("import sys; sys.argv[1:] = [%r]; sys.path.insert(0, %r)\n"
              "from base import connect\n"
              "q = connect().jobs()\n"
              "q.put('item')\n"
              "sys.stdout.write('put\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
              "try:\n    q.qsize()\nexcept (EOFError, IOError):\n    pass\n"
              "q._tls.__dict__.pop('connection', None)\n"
              "sys.stdout.write(q.get() + '\\n')\n"
              % (server.text, os.path.join(os.path.dirname(__file__), 'peers')))
    peer = subprocess.Popen([python, '-c', script], env=support.peer_env(server.key),
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert peer.stdout.readline() == b'put\n'
    server.stop()
    serve(*flags)
    out, _ = peer.communicate(b'\n', timeout=60)
    assert out == b'item\n'


def test_a_snapshot_without_a_place_stops_the_start(binary, sockdir, serve):
    address = 'unix:%s/s' % sockdir
    server = serve('--address', address, '--snapshot', sockdir + '/state', '--queue', 'jobs')
    run(binary, server, 'put', server.text, 'jobs', '1')
    server.stop()
    done = subprocess.run([binary, 'serve', '--address', address, '--snapshot', sockdir + '/state',
                           '--queue', 'other'], env=support.peer_env(server.key), stderr=subprocess.PIPE,
                          timeout=60)
    assert done.returncode == 1
    assert b'"jobs"' in done.stderr and b'hint:' in done.stderr
    assert os.path.exists(sockdir + '/state'), 'nothing is lost'
