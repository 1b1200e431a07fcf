"""Values on the command line: what get prints, put reads back as it was."""
import datetime
import decimal
import json
import os
import pickle
import subprocess
import sys

import pytest

KEY = dict(os.environ, MPBRIDGE_AUTHKEY='secret key')


def run(binary, *args, stdin=None):
    done = subprocess.run([binary, *args], input=stdin, env=KEY, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def memory_of(binary, *args, stdin=None):
    """Runs a command; returns what it printed and the most memory that it had."""
    with open(os.devnull) as nothing:
        child = subprocess.Popen([binary, *args], stdin=subprocess.PIPE if stdin else nothing, env=KEY,
                                 stdout=subprocess.PIPE)
        if stdin:
            child.stdin.write(stdin)
            child.stdin.close()
        out = child.stdout.read()
        child.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
    assert status == 0
    return out, 1024 * usage.ru_maxrss


@pytest.mark.parametrize('seed', [1, 2])
def test_every_kind_of_value_comes_back_as_it_was(binary, serve, python, peer, seed):
    server = serve('--queue', 'kinds')
    count = 150
    peer(python, 'kinds.py', server.text, 'put', seed, count)
    lines = run(binary, 'get', server.text, 'kinds', '-n', str(count), '--timeout', '0')
    assert len(lines.splitlines()) == count
    run(binary, 'put', server.text, 'kinds', stdin=lines)
    assert peer(python, 'kinds.py', server.text, 'check', seed, count) == []


@pytest.fixture
def jobs(serve):
    """A server whose queue jobs is filled by pickles."""
    return serve('--queue', 'jobs')


def put_pickle(binary, server, value):
    run(binary, 'put', '--raw', server.text, 'jobs', stdin=pickle.dumps(value, 4))


def take_pickle(binary, server):
    return pickle.loads(run(binary, 'get', '--raw', server.text, 'jobs'))


def doubled(n):
    value = ('leaf',)
    for _ in range(n):
        value = (value, value)
    return value


def test_what_is_shared_40_times_takes_little_memory_and_comes_back(binary, jobs):
    put_pickle(binary, jobs, doubled(40))
    line, memory = memory_of(binary, 'get', jobs.text, 'jobs')
    assert memory < 200 << 20
    assert len(line) < 10_000
    run(binary, 'put', jobs.text, 'jobs', stdin=line)
    value, depth = take_pickle(binary, jobs), 0
    while value != ('leaf',):
        assert value[0] is value[1]
        value, depth = value[0], depth + 1
    assert depth == 40


def test_inspect_takes_little_memory_for_what_is_shared(binary):
    out, memory = memory_of(binary, 'inspect', '--json', '-', stdin=pickle.dumps(doubled(40), 4))
    assert memory < 200 << 20
    assert len(out) < 10_000


def test_call_takes_little_memory_for_what_is_shared(binary, jobs):
    put_pickle(binary, jobs, doubled(40))
    assert memory_of(binary, 'call', jobs.text, 'jobs.peek')[1] < 200 << 20


def test_a_value_that_contains_itself_comes_back(binary, jobs):
    value = {'list': []}
    value['list'].append(value)
    put_pickle(binary, jobs, value)
    run(binary, 'put', jobs.text, 'jobs', stdin=run(binary, 'get', jobs.text, 'jobs'))
    back = take_pickle(binary, jobs)
    assert back['list'][0] is back


@pytest.mark.parametrize('value', [[0] * (1 << 20), 'x' * (2 << 20)], ids=['many', 'long'])
def test_a_value_that_is_too_large_stays_in_the_queue(binary, jobs, value):
    put_pickle(binary, jobs, value)
    done = subprocess.run([binary, 'get', '--max-output', '1MiB', jobs.text, 'jobs'], env=KEY, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (1, b'')
    assert b'more than 1048576 bytes' in done.stderr and b'--raw' in done.stderr
    assert take_pickle(binary, jobs) == value


def test_a_value_that_nests_too_deep_stays_in_the_queue(binary, jobs):
    run(binary, 'put', '--raw', jobs.text, 'jobs', stdin=b'\x80\x02' + b']' * 9000 + b'a' * 8999 + b'.')
    done = subprocess.run([binary, 'get', jobs.text, 'jobs'], env=KEY, timeout=60, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (1, b'')
    assert b'nested deeper' in done.stderr
    assert run(binary, 'call', jobs.text, 'jobs.qsize') == b'1\n'


def test_plain_values_are_as_people_read_them(binary, jobs):
    put_pickle(binary, jobs, [(1,), datetime.date(2026, 11, 27), decimal.Decimal('1.10'), {1: b'x'}])
    assert json.loads(run(binary, 'get', '--plain', jobs.text, 'jobs')) == [
        [1], '2026-11-27', '1.10', {'1': 'x'}]


def test_no_value_makes_a_class_that_the_user_did_not_name(binary, jobs):
    line = b'{"__class__":"os.system","args":["true"]}'
    done = subprocess.run([binary, 'put', jobs.text, 'jobs'], input=line, env=KEY, stderr=subprocess.PIPE,
                          timeout=60)
    assert done.returncode == 2 and b'"os.system" is not among' in done.stderr
    run(binary, 'put', '--class', 'app.*', jobs.text, 'jobs', stdin=b'{"__class__":"app.Color","args":[1]}')
    out = run(binary, 'get', '--raw', jobs.text, 'jobs')
    assert b'app' in out and b'Color' in out


def test_an_item_of_an_unknown_class_is_moved_unopened(binary, jobs):
    script = ("import pickle, sys\n"
              "class Task(object):\n"
              "    def __init__(self): self.n = 1\n"
              "sys.stdout.buffer.write(b''.join(pickle.dumps(x, p) for p in (0, 2, 4) for x in (Task(), [2])))")
    pickles = subprocess.run([sys.executable, '-c', script], stdout=subprocess.PIPE, check=True).stdout
    run(binary, 'put', '--raw', jobs.text, 'jobs', stdin=pickles)
    out = run(binary, 'get', '--raw', '-n', '6', jobs.text, 'jobs')
    assert out.count(b'Task') == 3
    run(binary, 'put', '--raw', jobs.text, 'jobs', stdin=out)
    assert run(binary, 'get', '--raw', '-n', '6', jobs.text, 'jobs') == out


def test_numpy_values_are_numbers_and_come_back(binary, jobs):
    # As numpy 1.26 pickles np.float32(0.1) in protocol 2.
    pickled = (
        b'\x80\x02cnumpy.core.multiarray\nscalar\nq\x00cnumpy\ndtype\nq\x01X\x02\x00\x00\x00f4q\x02\x89\x88\x87q'
        b'\x03Rq\x04(K\x03X\x01\x00\x00\x00<q\x05NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x06bc_codecs\n'
        b'encode\nq\x07X\x07\x00\x00\x00\xc3\x8d\xc3\x8c\xc3\x8c=q\x08X\x06\x00\x00\x00latin1q\t\x86q\nRq\x0b'
        b'\x86q\x0cRq\r.')
    run(binary, 'put', '--raw', jobs.text, 'jobs', stdin=pickled)
    line = run(binary, 'get', jobs.text, 'jobs')
    assert line == b'{"__class__":"numpy.float32","value":0.1}\n'
    run(binary, 'put', jobs.text, 'jobs', stdin=line)
    assert run(binary, 'get', '--plain', jobs.text, 'jobs') == b'0.1\n'
