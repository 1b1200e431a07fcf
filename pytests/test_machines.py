"""The same calls on objects of our server and of CPython's own: same values, errors and end."""
import contextlib
import json
import multiprocessing
import subprocess
from multiprocessing.managers import RemoteError, SyncManager

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import conftest
import support

# The texts of exceptions change with the releases of Python; ours are those of the newest.
NEWEST = support.VERSIONS[-1]

# Derandomized and without a database: a run today and one next year try the same things.
SETTINGS = settings(
    derandomize=True, database=None, deadline=None, max_examples=40, stateful_step_count=30,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink])

SET_METHODS = [
    '__and__', '__contains__', '__iand__', '__ior__', '__isub__', '__ixor__', '__len__', '__or__',
    '__rand__', '__ror__', '__rsub__', '__rxor__', '__sub__', '__xor__', '__ge__', '__gt__',
    '__le__', '__lt__', 'add', 'clear', 'copy', 'difference', 'difference_update', 'discard',
    'intersection', 'intersection_update', 'isdisjoint', 'issubset', 'issuperset', 'pop',
    'remove', 'symmetric_difference', 'symmetric_difference_update', 'union', 'update']
LIST_METHODS = [
    '__add__', '__contains__', '__delitem__', '__getitem__', '__len__', '__reversed__',
    '__setitem__', 'append', 'count', 'extend', 'index', 'insert', 'pop', 'remove', 'reverse',
    'clear', 'copy']
DICT_METHODS = [
    '__contains__', '__delitem__', '__getitem__', '__len__', '__setitem__', 'clear', 'copy',
    'get', 'items', 'keys', 'pop', 'popitem', 'setdefault', 'update', 'values', '__or__',
    '__ror__', '__ior__', '__reversed__']

pair = {}


class Pair(SyncManager):
    """A client of both servers."""


Pair.register('set', exposed=SET_METHODS)


@contextlib.contextmanager
def reference(python):
    """CPython's own server. Gives its address."""
    process = subprocess.Popen([python, conftest.ROOT / 'pytests' / 'peers' / 'reference.py'],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env=support.peer_env(conftest.KEY))
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate(timeout=30)


@pytest.fixture(scope='module')
def servers(binary):
    """One server of ours and one of CPython's for all machines of the file."""
    multiprocessing.current_process().authkey = conftest.KEY
    ours = conftest.start(binary, '--address', '127.0.0.1:0')
    with reference(support.python(NEWEST)) as theirs:
        pair['ours'] = Pair(ours.address, authkey=conftest.KEY)
        pair['theirs'] = Pair(theirs, authkey=conftest.KEY)
        for manager in pair.values():
            manager.connect()
        yield
        pair.clear()
    ours.stop()
    ours.process.stdout.close()
    ours.process.stderr.close()


def plain(value):
    """A text that tells values apart by type, nan and -0.0 included. Sets compare without their
    order: ours is that of insertion."""
    if isinstance(value, (set, frozenset)):
        return '%s(%s)' % (type(value).__name__, sorted(map(plain, value)))
    if isinstance(value, dict):
        return '{%s}' % ', '.join('%s: %s' % (plain(k), plain(v)) for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return '%s(%s)' % (type(value).__name__, ', '.join(map(plain, value)))
    if hasattr(value, '__next__'):
        return plain(list(value))
    return repr(value)


def outcome(call):
    """What a call gives or raises. A RemoteError is a traceback, which shows the server's files."""
    try:
        return plain(call())
    except RemoteError:
        return 'RemoteError'
    except Exception as e:
        return '%s: %s' % (type(e).__name__, e)


small = st.integers(-4, 6)
ints = small | st.sampled_from([255, 256, 2**31, 2**63 - 1, 2**63, -2**63 - 1, 10**30])
floats = st.sampled_from([0.0, -0.0, 1.0, 1.5, -2.25, 1e300, float('inf'), float('nan')])
texts = st.sampled_from(
    ['', 'a', 'b', "it's", '"', 'é', '\n', '\ud800', '\U0001f600', 'long' * 40])
binaries = st.sampled_from([b'', b'a', b"\x00'\xff"])
scalars = st.none() | st.booleans() | ints | floats | texts | binaries
# One element at most: the text of a larger set shows its order.
hashable = st.recursive(
    scalars, lambda s: st.tuples(s, s) | st.frozensets(s, max_size=1), max_leaves=3)
values = st.recursive(
    hashable, lambda s: st.lists(s, max_size=3) | st.dictionaries(hashable, s, max_size=2) |
    st.tuples(s), max_leaves=4) | st.builds(bytearray, binaries)
# No two of them are equal and yet different, as 0 and False: which of the two a set keeps is no
# promise.
plain_scalars = (st.none() | ints | texts | binaries |
                 st.sampled_from([1.5, float('inf'), float('nan')]))
elements = st.recursive(
    plain_scalars, lambda s: st.tuples(s, s) | st.frozensets(s, max_size=1), max_leaves=3)
unhashable = st.sampled_from([[], {}, bytearray(b'a'), {1}, ([],)])
index = small | st.none() | ints
cuts = st.builds(slice, index, index, st.sampled_from([None, None, 1, 2, -1, -2, -3, 0, 10**20]))
iterables = (st.lists(values, max_size=4) | st.tuples(values, values) | texts | binaries |
             st.dictionaries(hashable, values, max_size=3) | st.frozensets(scalars, max_size=1) |
             values)
pairs = st.lists(st.tuples(hashable, values) | values, max_size=3)


class Machine(RuleBasedStateMachine):
    """Two proxies that are called alike."""

    typeid = None
    start = ()

    def __init__(self):
        super().__init__()
        self.make(*self.start)

    def make(self, *args):
        self.ours = getattr(pair['ours'], self.typeid)(*args)
        self.theirs = getattr(pair['theirs'], self.typeid)(*args)

    def same(self, f):
        """Asks both, and gives what CPython said."""
        ours, theirs = outcome(lambda: f(self.ours)), outcome(lambda: f(self.theirs))
        assert ours == theirs
        return theirs

    def call(self, method, /, *args, **kwargs):
        return self.same(lambda p: p._callmethod(method, args, kwargs))

    def teardown(self):
        self.same(lambda p: p._getvalue())


class Container(Machine):
    """What list, dict and set have in common."""

    def change(self, method, *args, **kwargs):
        """A call that may fail half way: ours has changed nothing then, CPython's some things."""
        if 'Error: ' in self.call(method, *args, **kwargs):
            self.call('clear')

    @rule()
    def value(self):
        self.same(lambda p: p._getvalue())

    @rule(v=values)
    def contains(self, v):
        self.same(lambda p: v in p)

    @rule()
    def length(self):
        self.same(len)


class Lists(Container):
    typeid = 'list'

    @initialize(items=st.lists(values, max_size=6))
    def begin(self, items):
        self.make(items)

    @rule(items=iterables)
    def anew(self, items):
        self.call('__delitem__', slice(None))
        self.call('extend', items)

    @rule(method=st.sampled_from(LIST_METHODS), args=st.lists(values | cuts, max_size=3))
    def anything(self, method, args):
        self.call(method, *args)

    @rule(v=values)
    def append(self, v):
        self.call('append', v)

    @rule(i=index | cuts | values)
    def get(self, i):
        self.same(lambda p: p[i])

    @rule(i=small | cuts, v=values | iterables)
    def set(self, i, v):
        self.call('__setitem__', i, v)

    @rule(i=small | cuts)
    def delete(self, i):
        self.call('__delitem__', i)

    @rule(i=index | values, v=values)
    def insert(self, i, v):
        self.call('insert', i, v)

    @rule(args=st.lists(index, max_size=1))
    def pop(self, args):
        self.call('pop', *args)

    @rule(v=scalars, args=st.lists(small | cuts, max_size=2))
    def search(self, v, args):
        self.call('index', v, *args)
        self.call('count', v)

    @rule(v=scalars)
    def remove(self, v):
        self.call('remove', v)

    @rule(items=iterables)
    def add(self, items):
        self.same(lambda p: p + items)

    @rule(n=st.integers(-1, 2) | st.sampled_from([10**30, -10**30, True, 1.5, 'a', None]),
          method=st.sampled_from(['__mul__', '__rmul__', '__imul__']))
    def multiply(self, n, method):
        if len(self.theirs) < 40:
            self.call(method, n)

    @rule(items=st.lists(st.integers() | st.booleans() | st.floats(allow_nan=False), max_size=9) |
          st.lists(texts, max_size=9) | st.lists(st.tuples(small, texts), max_size=5) |
          st.lists(st.lists(small, max_size=2), max_size=5), reverse=st.booleans() | small)
    def sort(self, items, reverse):
        self.call('__setitem__', slice(None), items)
        self.call('sort', reverse=reverse)
        self.value()

    @rule(items=st.lists(st.sampled_from([1, 'a', None, b'', 2.5, (), [], {}]), max_size=3))
    def sort_what_has_no_order(self, items):
        # A failed sort leaves a list in some order; three items are too few for it to show.
        self.call('__setitem__', slice(None), items)
        self.call('sort')
        self.call('__setitem__', slice(None), [])

    @rule()
    def iterate(self):
        self.same(list)
        self.same(lambda p: list(reversed(p)))

    @rule()
    def text(self):
        self.same(str)


class Dicts(Container):
    typeid = 'dict'

    @initialize(args=st.lists(iterables, max_size=1))
    def begin(self, args):
        # A failing constructor is a RemoteError on both sides.
        ours, theirs = (outcome(lambda: getattr(pair[k], 'dict')(*args)._getvalue()) for k in pair)
        assert ours == theirs

    @rule(method=st.sampled_from(DICT_METHODS), args=st.lists(values | cuts, max_size=3))
    def anything(self, method, args):
        self.change(method, *args)

    @rule(k=values, v=values)
    def set(self, k, v):
        self.same(lambda p: p.__setitem__(k, v))

    @rule(k=values)
    def get(self, k):
        self.same(lambda p: p[k])
        self.same(lambda p: p.get(k))

    @rule(k=values, args=st.lists(values, max_size=1))
    def pop(self, k, args):
        self.call('pop', k, *args)

    @rule(k=hashable, args=st.lists(values, max_size=1))
    def setdefault(self, k, args):
        self.call('setdefault', k, *args)

    @rule(k=hashable)
    def delete(self, k):
        self.call('__delitem__', k)

    @rule(args=st.lists(iterables | pairs, max_size=1),
          kwargs=st.dictionaries(st.sampled_from(['a', 'b', 'é']), values, max_size=2))
    def update(self, args, kwargs):
        self.change('update', *args, **kwargs)

    @rule()
    def views(self):
        for name in ('keys', 'values', 'items'):
            self.call(name)

    @rule()
    def iterate(self):
        self.same(list)

    @rule(v=hashable)
    def grow_while_iterated_over(self, v):
        def run(p):
            for k in p:
                p[v, k] = 1
        self.same(run)

    @rule()
    def text(self):
        self.same(str)


class Sets(Container):
    typeid = 'set'

    @initialize(items=st.lists(elements, max_size=6))
    def begin(self, items):
        self.make(items)

    @rule(method=st.sampled_from(SET_METHODS), args=st.lists(elements | cuts, max_size=3))
    def anything(self, method, args):
        if method != 'pop' or args or len(self.theirs) < 2:  # which one goes is no promise
            self.change(method, *args)

    @rule(v=elements | unhashable)
    def add(self, v):
        self.call('add', v)

    @rule(v=elements | unhashable, method=st.sampled_from(['remove', 'discard']))
    def remove(self, v, method):
        self.call(method, v)

    @rule(args=st.lists(
        st.lists(elements, max_size=4) | elements | unhashable.map(lambda v: [v]), max_size=3),
        method=st.sampled_from([n for n in SET_METHODS if n.startswith(
            ('diff', 'inter', 'is', 'sym', 'union', 'update'))]))
    def combine(self, args, method):
        self.change(method, *args)

    @rule(other=st.sets(elements, max_size=4) | st.frozensets(elements, max_size=4) |
          unhashable | elements,
          method=st.sampled_from([n for n in SET_METHODS if n.startswith('__')]))
    def operate(self, other, method):
        self.change(method, other)

    @rule()
    def pop(self):
        if len(self.theirs) < 2:
            self.call('pop')


ARGUMENTS = st.sampled_from([0, 1, False, True, None, 'a', -1, 0.0])


class Queues(Machine):
    typeid = 'Queue'

    @initialize(args=st.lists(st.integers(-1, 3) | st.sampled_from([None, 'a', 2.5]), max_size=2))
    def begin(self, args):
        try:
            self.make(*args)
        except RemoteError:
            self.make(2)

    @rule(v=elements | unhashable)
    def put(self, v):
        self.call('put', v, False)

    @rule(v=elements | unhashable)
    def put_nowait(self, v):
        self.call('put_nowait', v)

    @rule(v=elements | unhashable, timeout=st.sampled_from([0, 0.001, -1, False]))
    def put_with_a_timeout(self, v, timeout):
        self.call('put', v, timeout=timeout)

    @rule(method=st.sampled_from(['qsize', 'empty', 'full', 'task_done', 'get_nowait']))
    def ask(self, method):
        self.call(method)

    @rule(args=st.sampled_from(
        [(False,), (0,), ('',), (True, 0), (1, 0.001), (True, -1), (False, -1)]))
    def get(self, args):
        self.call('get', *args)

    @rule(method=st.sampled_from(['put_nowait', 'qsize', 'empty', 'task_done', 'join']),
          args=st.lists(ARGUMENTS, min_size=2, max_size=4))
    def call_wrongly(self, method, args):
        self.call(method, *args)

    @rule(method=st.sampled_from(['get', 'put']), args=st.lists(ARGUMENTS, min_size=4, max_size=5))
    def pass_too_many(self, method, args):
        self.call(method, *args)

    @rule(method=st.sampled_from(['put_nowait', 'qsize', 'get_nowait', 'full']))
    def name_what_is_unknown(self, method):
        self.call(method, nonsense=1)

    def teardown(self):
        while self.call('get', False) != 'Empty: ':
            pass


@pytest.mark.parametrize('machine', [Lists, Dicts, Sets, Queues])
def test_both_servers_answer_alike(servers, machine):
    run_state_machine_as_test(machine, settings=SETTINGS)


def test_each_version_sees_no_difference_from_its_own_server(serve, peer, python):
    with reference(python) as theirs:
        assert peer(python, 'sequence.py', serve().text, theirs, 1, 4) == {}
