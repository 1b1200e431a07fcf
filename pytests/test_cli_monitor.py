"""What an operator sees: ls, clients, version, completion, and how serve and front start."""
import json
import os
import pathlib
import subprocess
import time

import pytest

import support
from test_cli import KEY, run

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEYS = """boss admin text:boss-secret
monitor read-only text:monitor-secret
web produce text:web-secret jobs
"""


def test_ls_sorts_by_name_and_counts_what_became_of_items(binary, serve):
    server = serve('--queue', 'zebra', '--lifo', 'ant', '--dict', 'monkey={}', '--lease', '10ms',
                   '--max-deliveries', '2', '--priority', 'bee')
    run(binary, 'put', server.text, 'zebra', '"item"')
    for _ in range(2):
        assert run(binary, 'call', server.text, 'zebra.lease')[0] == 0
    deadline = time.monotonic() + 60
    while True:
        code, out, _ = run(binary, 'ls', '--json', server.text)
        rows = [json.loads(line) for line in out.splitlines()]
        zebra = next(row for row in rows if row['name'] == 'zebra')
        if zebra['dead'] == 1:
            break
        assert time.monotonic() < deadline, zebra
        time.sleep(0.02)
    assert zebra['redelivered'] == 1
    names = [row['name'] for row in rows]
    assert names == sorted(names)
    kinds = {row['name']: row['kind'] for row in rows}
    assert (kinds['zebra'], kinds['ant'], kinds['bee'], kinds['monkey']) == ('queue', 'lifo', 'priority', 'dict')
    assert next(row for row in rows if row['name'] == 'zebra.dead')['bytes'] > 0
    head, *lines = run(binary, 'ls', server.text)[1].splitlines()
    assert {'NAME', 'KIND', 'BYTES', 'DEAD', 'REDELIVERED'} <= set(head.split())
    assert [line.split()[1] for line in lines] == names


def test_a_monitor_sees_the_clients(binary, serve, tmp_path):
    keys = tmp_path / 'keys'
    keys.write_text(KEYS)
    keys.chmod(0o600)
    server = serve('--queue', 'jobs', '--keys', str(keys))
    monitor = dict(os.environ, MPBRIDGE_AUTHKEY='monitor-secret')
    code, out, err = run(binary, 'clients', '--json', server.text, env=monitor)
    assert code == 0, err
    assert {json.loads(line)['key'] for line in out.splitlines()} == {'monitor'}
    assert run(binary, 'kill', server.text, '1', env=monitor)[0] == 1
    assert run(binary, 'clients', server.text, env=dict(os.environ, MPBRIDGE_AUTHKEY='web-secret'))[0] == 1


@pytest.mark.parametrize('flags', [['--python', 'nosuchpython'], ['--venv', '/nosuch']])
def test_pools_that_cannot_work_are_told_before_ready(binary, flags):
    code, out, err = run(binary, 'serve', '--address', '127.0.0.1:0', '--pool', '2', *flags)
    assert (code, out) == (2, '') and flags[0] in err


def test_a_module_that_cannot_be_preloaded_is_told_before_ready(binary):
    code, out, err = run(binary, 'serve', '--address', '127.0.0.1:0', '--pool', '2', '--preload', 'nosuchmodule')
    assert (code, out) == (1, '') and 'ModuleNotFoundError' in err


def test_the_shell_completes_queues_and_values(binary, server):
    def complete(*args, **kwargs):
        out = run(binary, '__complete', *args, **kwargs)[1]
        return [line.partition('\t')[0] for line in out.splitlines() if not line.startswith(':')]

    run(binary, 'put', server.text, 'get_task_queue', '1')
    assert 'get_task_queue' in complete('get', server.text, '')
    assert complete('get', server.text, 'get_t') == ['get_task_queue']
    assert complete('get', '127.0.0.1:1', '') == []
    assert complete('get', server.text, '', env=dict(KEY, MPBRIDGE_AUTHKEY='wrong')) == []
    assert complete('serve', '--log-level', '') == ['debug', 'info', 'warn', 'error']
    assert complete('map', '--progress', '') == ['auto', 'always', 'never']
    assert complete('front', '--choose', '') == ['least-conn', 'round-robin']
    assert complete('get', '--serializer', '') == ['pickle', 'xmlrpclib']
    assert complete('map', '--start-method', '') == ['spawn', 'forkserver']


def test_the_version(binary):
    code, out, _ = run(binary, 'version', '--json')
    assert code == 0 and json.loads(out)['go'].startswith('go')
    assert run(binary, 'version')[1].startswith('mpbridge ')
    assert run(binary, 'completion', 'nosh')[0] == 2
