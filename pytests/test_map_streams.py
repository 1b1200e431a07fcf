"""mpbridge map while its input is open: results come at once, and every end leaves no worker."""
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import threading
import time

import pytest

from test_map import FOLDER, run

PATIENCE = 60


class Mapping:
    """A run of mpbridge map whose input is open."""

    def __init__(self, binary, *args, **kwargs):
        pipes = dict(bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.process = subprocess.Popen([binary, 'map', '--path', str(FOLDER), '-w', '2', *args],
                                        **dict(pipes, **kwargs))

    def send(self, *values):
        for value in values:
            self.process.stdin.write(json.dumps(value).encode() + b'\n')

    def line(self):
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], 'no result came'
        return json.loads(self.process.stdout.readline().decode())

    def end(self, *signals):
        """Sends signals and returns the exit code, and what was left to read."""
        for s in signals:
            self.process.send_signal(s)
        code = self.process.wait(timeout=PATIENCE)
        rest = self.process.stdout.read() if self.process.stdout else b''
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass  # what was written and not read
        return code, [json.loads(line.decode()) for line in rest.splitlines(True) if line.endswith(b'\n')]


@pytest.fixture
def mapping(binary):
    runs = []

    def start(*args, **kwargs):
        runs.append(Mapping(binary, *args, **kwargs))
        return runs[-1]

    yield start
    for m in runs:
        if m.process.poll() is None:
            m.process.kill()
            m.end()


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def gone(pid):
    """No such process, or one that only waits to be reaped by whoever inherited it."""
    try:
        text = pathlib.Path('/proc/%d/stat' % pid).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return text.rpartition(')')[2].split()[0] == 'Z'


def pids(folder):
    return [int(name) for name in os.listdir(folder)]


@pytest.mark.parametrize('chunk', ['1', '5'])
def test_a_result_comes_while_the_input_is_open(mapping, chunk):
    m = mapping('work:double', '--chunk', chunk)
    m.send(1)
    assert m.line() == 2
    m.send(2, 3)
    assert [m.line(), m.line()] == [4, 6]
    m.process.stdin.close()
    assert m.process.wait(timeout=PATIENCE) == 0


@pytest.mark.parametrize('chunk', ['1', '5'])
def test_a_bad_line_is_answered_while_the_input_is_open(mapping, chunk):
    m = mapping('work:double', '-k', '--chunk', chunk)
    m.process.stdin.write(b'{\n')
    answer = m.line()
    assert (answer['__class__'], answer['line']) == ('error', 1) and 'JSON' in answer['error']
    m.send(2)
    assert m.line() == 4


@pytest.mark.parametrize('chunk', ['1', '2'])
def test_keep_going_goes_on_after_bad_lines_with_their_numbers(binary, chunk):
    done = subprocess.run([binary, 'map', 'work:double', '--path', str(FOLDER), '-k', '--chunk', chunk],
                          input=b'1\n\n[2\n3\n\xff\n5\n', stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=PATIENCE)
    out = [json.loads(line.decode()) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [out[0], out[2], out[4]] == [2, 6, 10]
    assert [(x['item'], x['line']) for x in (out[1], out[3])] == [(2, 3), (4, 5)]
    err = done.stderr.decode()
    assert 'line 3: ' in err and 'line 5: ' in err and '2 of 5 items failed' in err


@pytest.mark.parametrize('name, code', [('SIGINT', 130), ('SIGTERM', 143), ('SIGHUP', 129)])
def test_a_signal_ends_it_while_it_waits_for_input(mapping, tmp_path, name, code):
    m = mapping('work:note')
    m.send(str(tmp_path))
    assert m.line() in pids(tmp_path)
    m.send(str(tmp_path))
    until(lambda: len(pids(tmp_path)) > 0 and select.select([m.process.stdout], [], [], 0)[0])
    got, rest = m.end(getattr(signal, name))
    assert got == code
    assert len(rest) == 1, 'what was done was not printed'
    assert all(gone(pid) for pid in pids(tmp_path))


def test_a_signal_ends_workers_that_hear_none(mapping, tmp_path):
    m = mapping('work:deaf')
    m.send(str(tmp_path), str(tmp_path))
    until(lambda: len(pids(tmp_path)) == 2)
    assert m.end(signal.SIGTERM)[0] == 143
    assert all(gone(pid) for pid in pids(tmp_path))


def test_a_second_interrupt_does_not_wait(mapping, tmp_path):
    m = mapping('work:deaf')
    m.send(str(tmp_path), str(tmp_path))
    until(lambda: len(pids(tmp_path)) == 2)
    m.process.send_signal(signal.SIGINT)
    assert m.end(signal.SIGINT)[0] == 130
    until(lambda: all(gone(pid) for pid in pids(tmp_path)))


def test_a_signal_is_heard_while_nobody_reads_the_results(mapping):
    m = mapping('work:text_of')
    m.send(*[1 << 20] * 40)
    select.select([m.process.stdout], [], [], PATIENCE)
    m.process.send_signal(signal.SIGINT)
    assert m.process.wait(timeout=PATIENCE) == 130


def test_a_signal_is_heard_while_workers_start(mapping, tmp_path):
    m = mapping('work:double', '--initializer', 'work:deaf', '--initarg', json.dumps(str(tmp_path)))
    until(lambda: len(pids(tmp_path)) > 0)
    assert m.end(signal.SIGINT)[0] == 130
    assert all(gone(pid) for pid in pids(tmp_path))


def test_who_does_not_read_the_results_ends_it(mapping, tmp_path):
    m = mapping('work:note')
    m.send(str(tmp_path))
    m.line()
    m.process.stdout.close()
    m.process.stdout = None
    m.send(str(tmp_path))
    assert m.process.wait(timeout=PATIENCE) == 141
    assert m.process.stderr.read() == b''
    assert all(gone(pid) for pid in pids(tmp_path))


def test_input_is_read_no_further_than_results_are_taken(mapping):
    m = mapping('work:text_of')
    line = b'%-1000d\n' % 100_000
    os.set_blocking(m.process.stdin.fileno(), False)
    sent, quiet = 0, 0
    while quiet < 10:
        try:
            sent += os.write(m.process.stdin.fileno(), line)
            quiet = 0
        except BlockingIOError:
            quiet += 1
            time.sleep(0.1)
        assert sent < 2000 * len(line), '200 MB of results wait for a reader'
    status = pathlib.Path('/proc/%d/status' % m.process.pid).read_text()
    memory = int(status.partition('VmHWM:')[2].split()[0])
    assert memory < 400_000, memory


def test_arguments_of_a_line(binary, python):
    both = ['--star', '--kwargs', '--python', python]
    for chunk in '1', '3':
        code, out, err = run(binary, 'work:call', *both, '--chunk', chunk, lines=[[1, 'a'], {'b': 2}, [], {}])
        assert (code, out) == (0, [[[1, 'a'], {}], [[], {'b': 2}], [[], {}], [[], {}]]), err
        code, out, err = run(binary, 'work:call', '--star', '--python', python, '--chunk', chunk, lines=[[1, [2]]])
        assert (code, out) == (0, [[[1, [2]], {}]]), err


@pytest.mark.parametrize('flags, line, want', [
    (['--star'], {'a': 1}, 'line 1: want an array of arguments'),
    (['--kwargs'], [1], 'line 1: want an object of keyword arguments'),
    (['--star', '--kwargs'], 1, 'line 1: want an array of arguments or an object of keyword arguments')])
def test_a_line_of_the_wrong_form(binary, flags, line, want):
    code, out, err = run(binary, 'work:call', *flags, lines=[line])
    assert (code, out) == (2, []) and want in err


def test_the_initializer_runs_in_each_worker(binary, python):
    code, out, err = run(binary, 'work:kept', '--initializer', 'work:keep', '--initarg', '[1]', '--initarg', '"b"',
                         '--python', python, lines=[0, 0])
    assert (code, out) == (0, [[[1], 'b']] * 2), err


def test_an_initializer_that_fails_ends_it(binary):
    code, out, err = run(binary, 'work:kept', '--initializer', 'work:inverse', '--initarg', '0', lines=[0])
    assert (code, out) == (1, []) and 'ZeroDivisionError' in err


def test_workers_are_replaced_after_so_many_tasks(binary, python, tmp_path):
    code, out, err = run(binary, 'work:note', '--max-tasks', '2', '-w', '1', '--python', python,
                         lines=[str(tmp_path)] * 6)
    assert (code, len(set(out))) == (0, 3), err


def test_what_is_tried_again_is_told_by_line(binary, tmp_path):
    code, out, err = run(binary, 'work:die_once', '--retries', '1', '-w', '1', lines=[str(tmp_path / 'x')])
    assert (code, out) == (0, ['done'])
    assert 'line 1: tried again: ' in err and 'ended with code 9' in err


class Terminal:
    """A terminal, and all that was shown on it."""

    def __init__(self):
        self.end, self.side = pty.openpty()
        self.text = b''
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        while True:
            try:
                part = os.read(self.end, 4096)
            except OSError:
                return
            self.text += part

    def close(self):
        os.close(self.side)
        self.reader.join(timeout=PATIENCE)
        os.close(self.end)
        return self.text.decode()


def test_progress_is_shown_on_a_terminal(binary, tmp_path):
    terminal = Terminal()
    done = subprocess.run([binary, 'map', 'work:slow_number', '--path', str(FOLDER)], input=b'0\n0.3\n0.3\n',
                          stdout=subprocess.PIPE, stderr=terminal.side, timeout=PATIENCE)
    shown = terminal.close()
    assert (done.returncode, done.stdout) == (0, b'0\n0.3\n0.3\n')
    assert 'items/' in shown


def test_no_progress_where_results_are_on_the_terminal_too(binary):
    terminal = Terminal()
    done = subprocess.run([binary, 'map', 'work:slow_number', '--path', str(FOLDER)], input=b'0\n0.3\n',
                          stdout=terminal.side, stderr=terminal.side, timeout=PATIENCE)
    assert done.returncode == 0
    assert terminal.close() == '0\r\n0.3\r\n'
