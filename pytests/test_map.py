"""mpbridge map and mpbridge demo pool, as a script uses them."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

import support

FOLDER = pathlib.Path(__file__).resolve().parent / 'peers'


def run(binary, *args, lines=(), **kwargs):
    done = subprocess.run([binary, 'map', '--path', str(FOLDER), *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120,
                          input='\n'.join(json.dumps(x) for x in lines).encode(), **kwargs)
    out = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return done.returncode, out, done.stderr.decode()


@pytest.mark.parametrize('chunk', ['1', '7'])
def test_lines_in_lines_out_in_order(binary, python, chunk):
    code, out, err = run(binary, 'work:double', '--python', python, '-w', '2', '--chunk', chunk,
                         lines=range(100))
    assert (code, err) == (0, '')
    assert out == [2 * n for n in range(100)]


def test_values_keep_their_types(binary, python):
    values = [None, True, 1, 2.5, 'text', [1, 'a'], {'k': [1]}]
    assert run(binary, 'work:same', '--python', python, lines=values)[1] == values


def test_a_result_larger_than_max_output_fails_by_its_line_and_prints_nothing(binary, python):
    code, out, err = run(binary, 'work:same', '--python', python, '-k', '--max-output', '1000',
                         lines=['short', 'x' * 1000, [1]])
    assert code == 1
    assert [out[0], out[2]] == ['short', [1]]
    assert out[1]['__class__'] == 'error' and '1000' in out[1]['error']
    assert 'line 2: ' in err


def test_a_result_longer_than_a_buffer_is_one_line(binary, python):
    code, out, err = run(binary, 'work:same', '--python', python, lines=['x' * 5000000, 1, ['y' * 3000000] * 2])
    assert (code, err) == (0, '')
    assert [len(str(v)) for v in out] == [5000000, 1, 6000008]


def test_values_are_read_and_printed_as_their_flags_say(binary, python):
    day = {'__class__': 'datetime.date', 'value': '2026-11-28'}
    code, out, err = run(binary, 'work:same', '--python', python, '--plain', lines=[day])
    assert (code, out, err) == (0, ['2026-11-28'], '')
    own = {'__class__': 'work.double', 'args': [4]}
    code, out, err = run(binary, 'work:same', '--python', python, lines=[own])
    assert (code, out) == (2, []) and '--class' in err
    assert run(binary, 'work:same', '--python', python, '--class', 'work.*', lines=[own])[:2] == (0, [8])


def test_the_first_failure_ends_it(binary, python):
    code, out, err = run(binary, 'work:inverse', '--python', python, lines=[4, 2, 0, 1])
    assert code == 1
    assert out == [0.25, 0.5]
    assert 'line 3: ' in err and 'ZeroDivisionError' in err


@pytest.mark.parametrize('chunk', ['1', '2'])
def test_keep_going_puts_an_error_in_the_place_of_a_result(binary, python, chunk):
    code, out, err = run(binary, 'work:inverse', '--python', python, '-k', '--chunk', chunk,
                         lines=[4, 0, 2, 0])
    assert code == 1
    assert [out[0], out[2]] == [0.25, 0.5]
    assert (out[1]['__class__'], out[1]['item']) == ('error', 2)
    assert 'ZeroDivisionError' in out[3]['error']
    assert '2 of 4 items failed' in err and 'line 2: ' in err and 'line 4: ' in err


def test_a_worker_that_dies_fails_its_item_alone(binary, python):
    code, out, err = run(binary, 'work:die_at_three', '--python', python, '-k', lines=range(6))
    assert code == 1
    assert out[:3] + out[4:] == [0, 1, 2, 4, 5]
    assert 'ended with code 9' in out[3]['error']
    assert '1 of 6 items failed' in err


def test_retries_after_a_death(binary, python, tmp_path):
    code, out, _ = run(binary, 'work:die_once', '--python', python, '--retries', '1',
                       lines=[str(tmp_path / 'x')])
    assert (code, out) == (0, ['done'])


def test_the_timeout_kills(binary, python):
    code, out, err = run(binary, 'time:sleep', '--python', python, '-k', '--timeout', '300ms',
                         lines=[0, 60, 0])
    assert code == 1
    assert [out[0], out[2]] == [None, None]
    assert 'took longer than 300ms' in out[1]['error']


def test_prints_of_tasks_go_to_standard_error_by_line(binary, python):
    code, out, err = run(binary, 'work:speak', '--python', python, '-w', '1', lines=['hello'])
    assert (code, out) == (0, [5])
    assert err == '[1] hello\n'


def test_wrong_usage_is_exit_code_2(binary):
    assert run(binary, 'nonsense')[0] == 2
    assert run(binary, 'math:sqrt', '--chunk', '0')[0] == 2
    assert run(binary, 'math:sqrt', '-w', '-1')[0] == 2
    done = subprocess.run([binary, 'map', 'math:sqrt'], input=b'4\n{\n', stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2
    assert json.loads(done.stdout.decode()) == 2.0
    assert 'line 2: ' in done.stderr.decode() and 'JSON' in done.stderr.decode()


def test_no_interpreter(binary):
    code, out, err = run(binary, 'math:sqrt', '--python', '/nosuch/python')
    assert code == 2 and '--python' in err


def test_a_virtual_environment(binary, tmp_path):
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', str(tmp_path / 'env')], check=True)
    code, out, _ = run(binary, 'work:prefix', '--venv', str(tmp_path / 'env'), lines=[0])
    assert (code, out) == (0, [str(tmp_path / 'env')])


def test_functions_of_a_script(binary, python, tmp_path):
    script = tmp_path / 'script.py'
    script.write_text('def f(x):\n    return x + 1\n')
    code, out, _ = run(binary, '__main__:f', '--main', str(script), '--python', python, lines=[1])
    assert (code, out) == (0, [2])


def test_workers_forked_from_a_process_that_has_imported(binary, python):
    code, out, err = run(binary, 'work:double', '--python', python, '--preload', 'work', '--preload', 'json',
                         lines=range(20))
    if python == support.find('2.7'):
        assert code == 2 and 'needs Python 3' in err
    else:
        assert (code, out, err) == (0, [2 * n for n in range(20)], '')


def test_a_module_that_cannot_be_preloaded(binary):
    code, out, err = run(binary, 'work:double', '--preload', 'nosuch', lines=[1])
    assert (code, out) == (1, []) and 'preload: ModuleNotFoundError' in err


@pytest.mark.parametrize('args', [['--start-method', 'fork'], ['--preload', 'a b'],
                                  ['--start-method', 'spawn', '--preload', 'work']])
def test_start_methods_that_cannot_be_are_wrong_usage(binary, args):
    code, _, err = run(binary, 'work:double', *args)
    assert code == 2 and 'start method' in err


def test_an_interrupt_ends_the_workers(binary, tmp_path):
    process = subprocess.Popen([binary, 'map', 'work:spin', '--path', str(FOLDER)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    path = tmp_path / 'pid'
    process.stdin.write(json.dumps(str(path)).encode() + b'\n')
    process.stdin.close()
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    process.stdout.close()
    process.stderr.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(path.read_text()), 0)


def test_the_demo_comes_close_to_pi(binary, python):
    done = subprocess.run([binary, 'demo', 'pool', '--python', python], stdout=subprocess.PIPE,
                          timeout=120)
    assert done.returncode == 0
    last = [line for line in done.stdout.decode().splitlines() if 'terms' in line][-1]
    assert abs(float(last.split()[-1]) - 3.14159265) < 1e-6
