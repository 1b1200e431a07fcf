"""put, get, peek, ack and nack, as scripts use them: nothing is lost, and exit codes say what happened."""
import json
import os
import re
import signal
import socket
import subprocess
import time

import pytest

import support
from conftest import ROOT

KEY = dict(os.environ, MPBRIDGE_AUTHKEY='secret key')


def run(binary, *args, stdin=None, stdout=subprocess.PIPE):
    done = subprocess.run([binary, *args], input=stdin, env=KEY, stdout=stdout, stderr=subprocess.PIPE, timeout=60)
    return done.returncode, (done.stdout or b'').decode(), done.stderr.decode()


def ask(binary, server, what, *args):
    code, out, err = run(binary, 'call', server.text, what, *args)
    assert code == 0, err
    return json.loads(out)


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, 'it never happened'
        time.sleep(0.02)


@pytest.fixture(params=['lent', 'given'])
def jobs(request, serve, binary):
    """A server whose queue jobs lends its items, or gives them."""
    lease = ['--lease', '1h', '--max-deliveries', '3'] if request.param == 'lent' else []
    server = serve('--queue', 'jobs', *lease)
    server.lends = bool(lease)
    return server


@pytest.fixture
def lent(serve):
    """A server whose queue jobs lends its items."""
    return serve('--queue', 'jobs', '--lease', '1h', '--max-deliveries', '3')


def test_what_was_printed_is_done(binary, jobs):
    run(binary, 'put', jobs.text, 'jobs', '1', '2', '3', '4', '5')
    assert [run(binary, 'get', jobs.text, 'jobs')[1] for _ in range(5)] == ['1\n', '2\n', '3\n', '4\n', '5\n']
    assert ask(binary, jobs, 'jobs.join') is None, 'all are counted off'
    if jobs.lends:
        assert ask(binary, jobs, 'jobs.unacked') == []
        assert ask(binary, jobs, 'jobs.dead.qsize') == 0


def test_what_a_full_disk_does_not_take_stays_in_the_queue(binary, jobs):
    run(binary, 'put', jobs.text, 'jobs', '"item"')
    with open('/dev/full', 'w') as full:
        code, _, err = run(binary, 'get', jobs.text, 'jobs', stdout=full)
    assert code == 1 and 'no space left' in err
    assert run(binary, 'get', jobs.text, 'jobs')[1] == '"item"\n'
    assert ask(binary, jobs, 'jobs.join') is None


def test_what_nobody_reads_stays_in_the_queue(binary, jobs):
    run(binary, 'put', jobs.text, 'jobs', '"item"')
    r, w = os.pipe()
    os.close(r)
    with open(w, 'w') as closed:
        code, _, err = run(binary, 'get', jobs.text, 'jobs', stdout=closed)
    assert (code, err) == (128 + signal.SIGPIPE, '')
    assert run(binary, 'get', jobs.text, 'jobs')[1] == '"item"\n'
    assert ask(binary, jobs, 'jobs.join') is None


@pytest.mark.parametrize('sig', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_an_item_is_written_returns_it(binary, jobs, sig):
    text = json.dumps('x' * 500_000)
    run(binary, 'put', jobs.text, 'jobs', stdin=text.encode())
    got = subprocess.Popen([binary, 'get', jobs.text, 'jobs'], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=KEY)
    assert got.stdout.read(1) == b'"'  # and no more: the rest does not fit into the pipe
    got.send_signal(sig)
    assert got.wait(timeout=30) == 128 + sig
    got.stdout.close()
    got.stderr.close()
    assert run(binary, 'get', jobs.text, 'jobs', '--timeout', '0')[1] == text + '\n'


@pytest.mark.parametrize('sig', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_get_that_waits(binary, jobs, sig):
    got = subprocess.Popen([binary, 'get', '--follow', jobs.text, 'jobs'], stdout=subprocess.PIPE, env=KEY)
    run(binary, 'put', jobs.text, 'jobs', '1')
    assert got.stdout.readline() == b'1\n'
    got.send_signal(sig)
    assert got.wait(timeout=30) == 128 + sig
    got.stdout.close()


def test_follow_ends_with_the_queue(binary, jobs):
    run(binary, 'put', jobs.text, 'jobs', '1', '2')
    got = subprocess.Popen([binary, 'get', '-f', jobs.text, 'jobs'], stdout=subprocess.PIPE, env=KEY)
    assert [got.stdout.readline(), got.stdout.readline()] == [b'1\n', b'2\n']
    ask(binary, jobs, 'jobs.shutdown')
    assert got.wait(timeout=30) == 0
    got.stdout.close()


def test_a_receipt_outlives_the_command(binary, lent):
    run(binary, 'put', lent.text, 'jobs', '1', '2', '3')
    code, out, _ = run(binary, 'get', '--receipt', '-n', '3', lent.text, 'jobs')
    lines = [line.split('\t') for line in out.splitlines()]
    assert code == 0 and [value for _, value in lines] == ['1', '2', '3']
    assert len(ask(binary, lent, 'jobs.unacked')) == 3
    assert run(binary, 'ack', lent.text, 'jobs', lines[0][0])[0] == 0
    assert run(binary, 'nack', lent.text, 'jobs', lines[1][0])[0] == 0
    assert run(binary, 'extend', '--by', '2h', lent.text, 'jobs', lines[2][0])[0] == 0
    assert ask(binary, lent, 'jobs.unacked')[0]['seconds_left'] > 3600
    both = '%s\t1\n%s\t3\n' % (lines[0][0], lines[2][0])
    code, _, err = run(binary, 'ack', lent.text, 'jobs', stdin=both.encode())
    assert code == 1 and '1 of 2 leases had ended' in err
    code, out, _ = run(binary, 'get', '--receipt', lent.text, 'jobs')
    receipt, value = out.rstrip('\n').split('\t')
    assert value == '2' and receipt.endswith(':2')
    assert run(binary, 'nack', '--delay', '1h', lent.text, 'jobs', receipt)[0] == 0
    assert run(binary, 'get', lent.text, 'jobs', '--timeout', '0')[0] == 3


@pytest.mark.parametrize('command', [['ack'], ['nack'], ['extend', '--by', '5h']], ids=lambda words: words[0])
def test_what_is_no_receipt_stops_no_other(binary, lent, command):
    run(binary, 'put', lent.text, 'jobs', '1', '2')
    out = run(binary, 'get', '--receipt', '-n', '2', lent.text, 'jobs')[1]
    first, last = [line.split('\t')[0] for line in out.splitlines()]
    code, _, err = run(binary, *command, lent.text, 'jobs', first, 'what is none', last)
    assert code == 1 and 'receipt "what is none": ' in err and '1 of 3 receipts were refused' in err
    left = [item['seconds_left'] for item in ask(binary, lent, 'jobs.unacked')]
    assert [seconds > 4 * 3600 for seconds in left] == ([True, True] if command[0] == 'extend' else [])


def test_no_ack_gives_back_what_it_printed(binary, lent):
    run(binary, 'put', lent.text, 'jobs', '1', '2')
    assert run(binary, 'get', '--no-ack', '-n', '2', lent.text, 'jobs')[1] == '1\n2\n'
    assert run(binary, 'get', '--receipt', lent.text, 'jobs')[1].split('\t')[0].endswith(':2')


def test_peek_takes_nothing(binary, jobs):
    assert run(binary, 'peek', jobs.text, 'jobs')[0] == 3
    run(binary, 'put', jobs.text, 'jobs', '1', '2')
    for _ in range(5):
        assert run(binary, 'peek', '-n', '5', jobs.text, 'jobs')[1] == '1\n2\n'
    assert ask(binary, jobs, 'jobs.qsize') == 2


def test_receipts_of_a_queue_that_gives_are_refused(binary, serve):
    server = serve('--queue', 'jobs')
    run(binary, 'put', server.text, 'jobs', '1')
    assert run(binary, 'get', '--receipt', server.text, 'jobs')[0] == 1
    assert run(binary, 'ack', server.text, 'jobs', 'x')[0] == 1
    assert ask(binary, server, 'jobs.qsize') == 1


def test_a_manager_of_python_counts_what_was_printed(binary, python):
    script = ROOT / 'pytests' / 'peers' / 'own_manager.py'
    manager = subprocess.Popen([python, str(script)], stdout=subprocess.PIPE, env=support.peer_env(b'secret key'))
    address = manager.stdout.readline().decode().strip()
    try:
        assert run(binary, 'put', '--timeout', '0', address, 'jobs', '4')[0] == 6
        assert run(binary, 'peek', address, 'jobs')[0] == 1
        assert run(binary, 'get', '-n', '2', address, 'jobs')[1] == '1\n2\n'
        with open('/dev/full', 'w') as full:
            assert run(binary, 'get', address, 'jobs', stdout=full)[0] == 1
        assert run(binary, 'get', address, 'jobs')[1] == '3\n'
        assert manager.stdout.readline() == b'all done\n'
        assert manager.wait(timeout=30) == 0
    finally:
        manager.kill()
        manager.wait()
        manager.stdout.close()


def test_a_full_queue_says_so(binary, serve):
    server = serve('--queue', 'jobs=2')
    code, _, err = run(binary, 'put', '--timeout', '100ms', server.text, 'jobs', '1', '2', '3')
    assert code == 6
    assert 'value 3' in err and 'full' in err and '2 were put' in err


def test_a_bad_value_says_which(binary, serve):
    server = serve('--queue', 'jobs')
    code, _, err = run(binary, 'put', server.text, 'jobs', '1', '{', '3')
    assert code == 2 and 'value 2' in err and 'none was put' in err
    code, _, err = run(binary, 'put', server.text, 'jobs', stdin=b'1\n\n2\n{"a":\n3\n')
    assert code == 2 and 'line 4' in err and '2 were put' in err
    assert ask(binary, server, 'jobs.qsize') == 2
    code, _, err = run(binary, 'put', '--raw', server.text, 'jobs', stdin=b'N.N.nonsense')
    assert code == 2 and 'pickle 3' in err and '2 were put' in err


def test_the_timeout_does_not_cover_standard_input(binary, serve):
    server = serve('--queue', 'jobs')
    put = subprocess.Popen([binary, 'put', '--timeout', '0', server.text, 'jobs'], stdin=subprocess.PIPE, env=KEY)
    for n in range(3):
        put.stdin.write(b'%d\n' % n)
        put.stdin.flush()
        wait_until(lambda: ask(binary, server, 'jobs.qsize') == n + 1)
    put.stdin.close()
    assert put.wait(timeout=30) == 0


def test_a_raw_pickle_is_put_before_the_next_is_there(binary, serve):
    server = serve('--queue', 'jobs')
    put = subprocess.Popen([binary, 'put', '--raw', server.text, 'jobs'], stdin=subprocess.PIPE, env=KEY)
    for n in range(2):
        put.stdin.write(b'\x80\x02K')
        put.stdin.flush()
        put.stdin.write(b'%c.' % n)
        put.stdin.flush()
        wait_until(lambda: ask(binary, server, 'jobs.qsize') == n + 1)
    put.stdin.close()
    assert put.wait(timeout=30) == 0


def test_a_signal_ends_a_put_that_reads(binary, serve):
    server = serve('--queue', 'jobs')
    put = subprocess.Popen([binary, 'put', server.text, 'jobs'], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                           env=KEY)
    put.stdin.write(b'1\n')
    put.stdin.flush()
    wait_until(lambda: ask(binary, server, 'jobs.qsize') == 1)
    put.send_signal(signal.SIGINT)
    assert put.wait(timeout=30) == 130
    assert put.stderr.read() == b'stopped; 1 were put\n'
    put.stdin.close()
    put.stderr.close()


def memory_peak(pid):
    """The most bytes that a program had at once since it began; rusage counts what forked it, too."""
    with open('/proc/%d/status' % pid) as status:
        return 1024 * int(re.search(r'VmHWM:\s*(\d+)', status.read()).group(1))


def test_many_lines_take_little_memory(binary, serve):
    server = serve('--queue', 'jobs', '--queue', 'big=10')
    line = json.dumps('x' * 10_000).encode() + b'\n'
    put = subprocess.Popen([binary, 'put', server.text, 'jobs'], stdin=subprocess.PIPE, env=KEY)
    for _ in range(10_000):
        put.stdin.write(line)
    peak = memory_peak(put.pid)
    put.stdin.close()
    assert put.wait(60) == 0
    assert peak < 80 << 20
    assert ask(binary, server, 'jobs.qsize') == 10_000


def test_negative_numbers_are_values(binary, serve):
    server = serve('--queue', 'jobs', '--list', 'numbers')
    assert run(binary, 'put', server.text, 'jobs', '-5', '-1.5e3', '--timeout', '5s', '-7')[0] == 0
    assert run(binary, 'get', '-n', '3', server.text, 'jobs')[1] == '-5\n-1500.0\n-7\n'
    ask(binary, server, 'numbers.append', '-1')
    assert ask(binary, server, 'numbers.pop', '-1') == -1


def test_names_have_arguments(binary, serve):
    server = serve()
    assert run(binary, 'put', server.text, 'get_queue("orders")', '1')[0] == 0
    assert ask(binary, server, 'get_queue("orders").qsize') == 1
    assert ask(binary, server, 'get_queue.qsize') == 0
    assert run(binary, 'get', server.text, 'get_queue(orders)')[1] == '1\n'
    assert run(binary, 'get', server.text, 'get_queue("a')[0] == 2


def test_a_server_that_is_silent_is_no_empty_queue(binary):
    listener = socket.create_server(('127.0.0.1', 0))
    address = '127.0.0.1:%d' % listener.getsockname()[1]
    for args in (('get', address, 'jobs', '--timeout', '0'), ('put', address, 'jobs', '1'), ('ls', address)):
        code, _, err = run(binary, *args, '--connect-timeout', '300ms')
        assert code == 5 and 'does not answer' in err
    listener.close()


def test_a_server_that_hangs_meanwhile_is_no_empty_queue(binary, serve):
    server = serve('--queue', 'jobs')
    got = subprocess.Popen([binary, 'get', '-n', '2', '--timeout', 'forever', '--connect-timeout', '300ms',
                            server.text, 'jobs'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=KEY)
    run(binary, 'put', server.text, 'jobs', '1')
    assert got.stdout.readline() == b'1\n'
    server.process.send_signal(signal.SIGSTOP)
    try:
        assert got.wait(timeout=30) == 5
    finally:
        server.process.send_signal(signal.SIGCONT)
    assert b'does not answer' in got.stderr.read()
    got.stdout.close()
    got.stderr.close()


def test_a_server_that_goes_away_is_exit_code_5(binary, serve):
    server = serve('--queue', 'jobs', '--grace', '0s')
    got = subprocess.Popen([binary, 'get', '-n', '2', '--timeout', 'forever', server.text, 'jobs'],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=KEY)
    run(binary, 'put', server.text, 'jobs', '1')
    assert got.stdout.readline() == b'1\n'
    server.process.kill()
    assert got.wait(timeout=30) == 5
    got.stdout.close()
    got.stderr.close()


def test_a_file_that_is_missing_is_no_missing_server(binary, serve):
    server = serve('--queue', 'jobs')
    code, _, err = run(binary, 'put', '--raw', server.text, 'jobs', 'nowhere.pickle')
    assert code == 1 and 'nowhere.pickle' in err and 'manager' not in err
    code, _, err = run(binary, 'inspect', 'nowhere.pickle')
    assert code == 1 and 'manager' not in err
    code, _, err = run(binary, 'get', server.text, 'jobs', '--authkey-file', 'nowhere.key')
    assert code == 2 and 'authkey-file' in err and 'running' not in err


@pytest.mark.parametrize('stdin', [b'N.K', b'N.\x80\x04'], ids=['in an opcode', 'between opcodes'])
def test_input_that_is_cut_off_is_no_missing_server(binary, serve, stdin):
    server = serve('--queue', 'jobs')
    code, _, err = run(binary, 'put', '--raw', server.text, 'jobs', stdin=stdin)
    assert code == 2 and 'standard input: pickle 2: ' in err and '1 were put' in err and 'server' not in err


def test_what_is_no_queue_is_neither_got_from_nor_put_into(binary, serve):
    server = serve('--queue', 'jobs', '--dict', 'settings', '--value', 'v=1', '--list', 'l', '--event', 'e')
    for name in 'settings', 'v', 'l', 'e':
        for args in ('get', server.text, name, '--timeout', '0'), ('put', server.text, name, '1'):
            assert run(binary, *args) == (1, '', 'error: "%s" is no queue\n' % name)


def test_a_name_that_is_not_offered_is_said_to_be_none(binary, serve):
    server = serve('--queue', 'jobs')
    for what in ['get'], ['put', '1'], ['peek'], ['ack', '1'], ['call']:
        code, _, err = run(binary, what[0], server.text, 'nosuch', *what[1:])
        assert code == 1 and 'nothing is offered there as "nosuch"' in err


def test_a_consumer_may_get_and_its_item_is_not_lost(binary, serve, tmp_path):
    keys = tmp_path / 'keys'
    keys.write_text('boss admin text:secret-key\nworker consume text:worker-key\n')
    keys.chmod(0o600)
    env = {k: v for k, v in KEY.items() if k != 'MPBRIDGE_AUTHKEY'}
    server = serve('--queue', 'jobs', '--keys', str(keys), env=env)
    subprocess.run([binary, 'put', server.text, 'jobs', '"item"'], check=True,
                   env=dict(KEY, MPBRIDGE_AUTHKEY='secret-key'))
    with open('/dev/full', 'w') as full:
        done = subprocess.run([binary, 'get', server.text, 'jobs'], stdout=full, stderr=subprocess.PIPE,
                              env=dict(KEY, MPBRIDGE_AUTHKEY='worker-key', TMPDIR=str(tmp_path)))
    assert done.returncode == 1 and b'could not be put again' in done.stderr
    kept, = tmp_path.glob('mpbridge-item-*.pickle')
    subprocess.run([binary, 'put', '--raw', server.text, 'jobs', str(kept)], check=True,
                   env=dict(KEY, MPBRIDGE_AUTHKEY='secret-key'))
    done = subprocess.run([binary, 'get', server.text, 'jobs'], stdout=subprocess.PIPE,
                          env=dict(KEY, MPBRIDGE_AUTHKEY='worker-key'))
    assert done.stdout == b'"item"\n'
