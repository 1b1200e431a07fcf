"""What mpbridge inspect shows of pickles, good and bad. It never runs one."""
import io
import json
import pickle
import pickletools
import subprocess
import sys

import pytest

HOSTILE = {
    'a call that is thrown away': (b"cos\nsystem\n(S'x'\ntR0N.", 0),
    'a call that is thrown away in a list': (b"](cos\nsystem\n(S'x'\ntRe0N.", 0),
    'a call as the state of a list': (b"]cos\nsystem\n(S'x'\ntRb.", 0),
    'a call below the value': (b"cos\nsystem\n(S'x'\ntRN.", 0),
    'a call as a key': (b"}]cos\nsystem\n(S'x'\ntRs.", 0),
    'an instance of a number': (b"K\x01cos\nsystem\n(S'x'\ntR\x85\x81.", 0),
    'a second state': (b"cos\nA\n)\x81Nbcos\nsystem\n(S'x'\ntRb.", 0),
    'a call, and an end': (b"cos\nsystem\n(S'x'\ntR0", 1),
    'a call in a frame in a frame': (
        b"\x80\x04\x95\x1e\0\0\0\0\0\0\0\x95\x14\0\0\0\0\0\0\0cos\nsystem\n(S'x'\ntR.", 0),
    'a call in a frame that is cut': (b"\x80\x04\x95\xff\0\0\0\0\0\0\0cos\nsystem\n(S'x'\ntR", 1),
    'a call under many lists': (b']' * 50000 + b"cos\nsystem\n(S'x'\ntR" + b'a' * 50000 + b'.', 0),
}

CALL = b"cos\nsystem\n(S'x'\ntR"
ATTRIBUTES = b"(S'k'\n" + CALL + b"d"
DTYPE = b"(I3\nS'<'\nNNNI-1\nI-1\nI0\n"
# What has a short form in JSON, and a call where that form shows nothing.
SHORT = {
    'a UUID': b"cuuid\nUUID\n)\x81(S'int'\nI1\nS'x'\n" + CALL + b"db.",
    'a Decimal': b"cdecimal\nDecimal\n(S'1'\ntR" + ATTRIBUTES + b"b.",
    'a path': b"cpathlib\nPosixPath\n(S'a'\ntR" + ATTRIBUTES + b"b.",
    'a date': b"cdatetime\ndate\n(S'\\x07\\xea\\x01\\x01'\n" + CALL + b"tR.",
    'a datetime': b"cdatetime\ndatetime\n(S'\\x07\\xea\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00'\n" + CALL + b"tR.",
    'a ZoneInfo': b"czoneinfo\nZoneInfo\n(S'UTC'\n" + CALL + b"tR.",
    'an OrderedDict': b"ccollections\nOrderedDict\n)R" + ATTRIBUTES + b"b.",
    'a defaultdict': b"ccollections\ndefaultdict\n(" + CALL + b"tR.",
    'a deque': b"ccollections\ndeque\n(" + CALL + b"tR.",
    'an exception': b"c__builtin__\nValueError\n)R" + ATTRIBUTES + b"b.",
    'a scalar of numpy': b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'i8'\nI00\nI01\ntR" + DTYPE + CALL +
                         b"tbS'\\x01\\0\\0\\0\\0\\0\\0\\0'\ntR.",
    'an array of numpy': b"cnumpy.core.multiarray\n_reconstruct\n(" + CALL + b"(I0\ntS'b'\ntR(I1\n(I1\ntcnumpy\ndtype\n"
                         b"(S'i8'\nI00\nI01\ntR" + DTYPE + b"tbI00\nS'\\x01\\0\\0\\0\\0\\0\\0\\0'\ntb.",
}


@pytest.mark.parametrize('flags', [(), ('--plain',)], ids=['json', 'plain'])
@pytest.mark.parametrize('name', SHORT)
def test_a_short_form_hides_no_call(binary, name, flags):
    code, out, _ = inspect(binary, SHORT[name], '--json', *flags)
    assert code == 0 and '"os.system"' in out


def inspect(binary, data, *flags):
    done = subprocess.run([binary, 'inspect', *flags, '-'], input=data, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def inside(value):
    """All objects in JSON."""
    ahead = [value]
    while ahead:
        value = ahead.pop()
        if isinstance(value, dict):
            yield value
            ahead.extend(value.values())
        elif isinstance(value, list):
            ahead.extend(value)


@pytest.mark.parametrize('name', HOSTILE)
def test_a_hidden_call_is_in_the_json(binary, name):
    data, code = HOSTILE[name]
    got, out, err = inspect(binary, data, '--json')
    assert (got, bool(err)) == (code, code != 0)
    sys.setrecursionlimit(20000)
    calls = [o for o in inside(json.loads(out)) if o.get('__class__') == 'os.system']
    assert [c['args'] for c in calls] == [['x']]


@pytest.mark.parametrize('name', HOSTILE)
def test_a_hidden_call_is_in_the_listing(binary, name):
    data, code = HOSTILE[name]
    got, out, err = inspect(binary, data)
    assert (got, bool(err)) == (code, code != 0)
    assert "GLOBAL     'os system'" in out and 'REDUCE' in out


@pytest.mark.parametrize('protocol', range(6))
def test_a_value_that_contains_itself_is_shown_with_references(binary, protocol):
    value = {'list': []}
    value['list'].append((value, value['list']))
    code, out, err = inspect(binary, pickle.dumps(value, protocol), '--json')
    assert (code, err) == (0, '')
    shown = json.loads(out)
    assert shown['value']['list']['value'] == [
        {'__class__': 'tuple', 'items': [{'__class__': 'ref', 'id': shown['id']},
                                         {'__class__': 'ref', 'id': shown['value']['list']['id']}]}]


@pytest.mark.parametrize('protocol', range(6))
def test_each_beginning_of_a_pickle_is_shown_up_to_its_end(binary, protocol):
    data = pickle.dumps([{'a': (1, 2.5)}, b'bytes', 10**30, {3}], protocol)
    for cut in range(1, len(data), 7):
        code, out, err = inspect(binary, data[:cut], '--json')
        shown = json.loads(out)
        assert code == 1 and 'offset' in err
        assert shown['__class__'] == 'pickle' and 'value' not in shown
        assert shown['offset'] <= cut and shown['error'] in err


def test_pickles_in_a_row_are_shown_one_after_the_other_up_to_what_is_none(binary):
    data = b''.join(pickle.dumps(n, n % 6) for n in range(12)) + b'Nx'
    code, out, err = inspect(binary, data, '--json')
    lines = out.splitlines()
    assert [json.loads(line) for line in lines[:12]] == list(range(12))
    assert json.loads(lines[12])['stack'] == [None]
    assert code == 1 and 'in the pickle at byte %d' % (len(data) - 2) in err


@pytest.mark.parametrize('protocol', range(6))
def test_the_listing_is_that_of_pickletools(binary, protocol):
    value = [('text', b'bytes', 1, -1, 2**40, 1.5, None, True), {'a': [], 'b': {}}, {1}, frozenset([2])]
    data = pickle.dumps(value, protocol)
    want = io.StringIO()
    pickletools.dis(data, want)
    code, out, _ = inspect(binary, data)
    assert code == 0
    assert [line.split(None, 3)[:3] for line in out.splitlines()] == [
        line.split(None, 3)[:3] for line in want.getvalue().splitlines()]


def test_more_json_than_is_allowed_is_none(binary):
    code, out, err = inspect(binary, pickle.dumps(['x' * 1000] * 3), '--json', '--max-output', '500')
    assert (code, out) == (1, '') and 'more than 500 bytes' in err
