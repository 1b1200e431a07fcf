"""What programs are made of: expressions for values, by what they are good for, and the calls of each type.

Everything is source text, so that a program can be printed as a script. An expression that a Python or its
packages do not have is a NameError there, on the client, for both servers alike."""

# Expressions that are equal in Python, or nearly so: programs draw their keys and elements from one such row
# more often than chance would, since equality is what they are to find out.
FAMILIES = [
    [
        '1', 'True', '1.0', 'Decimal(1)', 'Fraction(1)', 'np.int64(1)', 'np.float64(1)', 'np.bool_(True)',
        'np.uint8(1)', 'np.float32(1)', '1+0j', 'np.complex128(1)', 'Level.LOW', 'MyInt(1)', 'MyFloat(1)',
        'signal.Signals(1)', 'Job(1)', 'Index(1)', 'np.array(1)', 'np.array([1])', 'np.timedelta64(1)',
        'Fraction(2, 2)', "Decimal('1.00')", 'Color.RED', 'Mode.READ', 'ctypes.c_int(1)', '2', '0', '-1',
    ],
    [
        '0', 'False', '0.0', '-0.0', 'Decimal(0)', "Decimal('-0')", 'np.int8(0)', 'np.False_', 'np.float64(-0.0)',
        'MyInt()', 'timedelta()', "''", '()', 'None', 'np.timedelta64(0)', 'Fraction(0)',
    ],
    [
        "'a'", "u'a'", "b'a'", "np.str_('a')", "np.bytes_(b'a')", 'Word.A', 'Letter.A', "MyStr('a')", "MyBytes(b'a')",
        "UserString('a')", "bytearray(b'a')", "'b'", "pathlib.PurePosixPath('a')", "u'\\xe9'", "'A'",
    ],
    [
        '(1, 2)', 'Pair(1, 2)', 'MyTuple((1, 2))', '[1, 2]', 'MyList([1, 2])', 'deque([1, 2])',
        "array.array('i', [1, 2])", 'np.array([1, 2])', '(1.0, True + 1)', '(np.int64(1), 2)', 'UserList([1, 2])',
        'range(1, 3)', 'Point(1, 2)', '{1, 2}', 'frozenset([1, 2])', '{1: 2}', '(1, 3)', '(1,)', 'pd.Series([1, 2])',
        'pd.Index([1, 2])', "b'\\x01\\x02'",
    ],
    [
        'datetime.datetime(2020, 1, 1)', "pd.Timestamp('2020-01-01')", "np.datetime64('2020-01-01')",
        'date(2020, 1, 1)', "np.datetime64('2020-01-01', 'ns')", 'datetime.datetime(2020, 1, 1, tzinfo=utc)',
        "datetime.datetime(2020, 1, 1, tzinfo=zoneinfo.ZoneInfo('UTC'))",
        'datetime.datetime(2020, 1, 1, tzinfo=pytz.utc)', "pd.Timestamp('2020-01-01', tz='UTC')",
        "datetime.datetime(2020, 1, 1, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))",
        'datetime.datetime(2020, 1, 1, 1, tzinfo=datetime.timezone(timedelta(hours=1)))',
        "pytz.timezone('Europe/Berlin').localize(datetime.datetime(2020, 1, 1, 1))", 'datetime.datetime(2020, 1, 2)',
    ],
    [
        'timedelta(1)', 'timedelta(hours=24)', 'pd.Timedelta(days=1)', "np.timedelta64(1, 'D')",
        "np.timedelta64(24, 'h')", 'timedelta(2)', '86400',
    ],
    [
        "pathlib.PurePosixPath('a')", "pathlib.PosixPath('a')", "pathlib.PureWindowsPath('a')",
        "pathlib.PureWindowsPath('A')", "pathlib.Path('a')", "'a'", "pathlib.PurePosixPath('a/b')",
    ],
    [
        'uuid.UUID(int=5)', "uuid.UUID('00000000-0000-0000-0000-000000000005')", '5', 'uuid.UUID(int=6)',
        'uuid.SafeUUID.safe', "ipaddress.ip_address('0.0.0.5')", "ipaddress.ip_address('::5')",
        "ipaddress.ip_network('10.0.0.0/8')", "ipaddress.ip_interface('10.0.0.1/8')",
    ],
    [
        'nan', "float('nan')", "Decimal('NaN')", "Decimal('sNaN')", 'np.float64(nan)', 'np.float32(nan)', 'pd.NaT',
        'pd.NA', "np.datetime64('NaT')", 'complex(nan, 0)', 'None', '1.5',
    ],
    [
        '{}', "{'a': 1}", 'OrderedDict(a=1)', 'defaultdict(int, a=1)', "Counter('a')", 'UserDict(a=1)', 'MyDict(a=1)',
        'ChainMap({"a": 1})', 'types.SimpleNamespace(a=1)', "{u'a': 1.0}", "[('a', 1)]", "{Level.LOW: 1}",
    ],
    [
        'Color.RED', 'Color.BLUE', 'Color(1)', 'Level.LOW', 'Level.HIGH', 'Word.A', 'Word.B', 'http.HTTPStatus.OK',
        '200', 'signal.SIGINT', 'socket.AF_INET', '2', 're.I', 're.IGNORECASE', 'Mode.READ', 'Mode.READ | Mode.WRITE',
        'Letter.A',
    ],
]

# What is not in a family.
OTHERS = [
    'nan', 'inf', '-inf', '1e308', '10 ** 400', '-10 ** 400', '2 ** 31', '2 ** 63', '-2 ** 63', '2 ** 64', '1j',
    '1.5', '-2', '3', "Decimal('1.5')", "Decimal('Infinity')", "Decimal('1E+400')", 'Fraction(3, 2)', 'np.int64(2)',
    'np.uint64(2 ** 63)', 'np.float64(1.5)', 'np.float32(1.1)', 'np.float16(1.5)', 'np.longdouble(1.5)',
    'np.complex128(1j)', 'np.True_', "np.array([])", "np.array(['a', 'b'])", 'np.array([1.5, 2.5])',
    'np.array([[1, 2], [3, 4]])', "np.array([[1, 2], [3, 4]], order='F')", "np.array([1, 2], dtype='>i4')",
    "np.array([1, None], dtype=object)", "np.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')])",
    "np.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')])[0]", "np.array([True, False])",
    "np.array(['2020-01-01'], dtype='M8[D]')", "np.dtype('i4')", "np.array(b'ab')", 'np.arange(3)[::-1]',
    'pd.Series([1.5, None])', "pd.Series(['a', 'b'])", "pd.Series([1, 2], index=['a', 'b'])", "pd.Index(['a', 'b'])",
    "pd.DataFrame({'a': [1, 2]})", "pd.Categorical(['a', 'b'])", "pd.Interval(0, 1)", "pd.Period('2020-01')",
    "pd.date_range('2020', periods=2)", 'pd.RangeIndex(3)', "pd.MultiIndex.from_tuples([(1, 2)])",
    "pd.Timestamp('2020-01-01 00:00:00.000000001')", 'time.struct_time(range(9))',
    "urllib_parse.urlsplit('http://a/b')", "os.stat('/')[:0]", "os.terminal_size((1, 2))", 'datetime.time(1, 2)',
    'datetime.time(1, tzinfo=utc)', 'utc', "zoneinfo.ZoneInfo('UTC')", 'pytz.utc', "pytz.timezone('Europe/Berlin')",
    'datetime.timezone(timedelta(hours=1))', 'date.max', 'timedelta.max', 'MyError(1)', "ValueError('a')",
    "KeyError('a')", "OSError(2, 'a')", "UnicodeDecodeError('ascii', b'a', 0, 1, 'x')", "StopIteration(1)",
    'ValueError', 'int', 'dict', 'len', 'os.path.join', 'MyInt', 'always', 'Color', 'collections.OrderedDict',
    'Ellipsis', 'NotImplemented', 'Plain()', 'object()', 'Real(1)', 'Real(0.01)', 'Index(0)', 'Point()', 'Frozen()',
    'Job(2)', "Job(1, 'b')", 'MyFloat(1.5)', "MyStr('b')", 'MyTuple()', 'MyDict()', 'MySet([1])', 'frozenset()',
    'set()', '[]', '[[1], [2]]', '(1, [2])', '((1, 2), (3,))', '((1, 2), (3, 4))', '[(1, 2), (3, 4)]', "('a', 'b')",
    "['ab', 'cd']", '[1]', "(1, 'a')", 'loop()', "u'\\ud800'", "'ab'", "u'\\U0001f600'", "b'\\xff'", "b''",
    'bytearray()', "array.array('d', [1.5])", "array.array('u', u'ab')", "array.array('b')", 'deque()',
    'deque([1, 2], 1)', "re.compile('a')", 'operator.itemgetter(0)', "operator.attrgetter('a')",
    'functools.partial(int)', 'slice(0, 2)', 'slice(None)', 'slice(None, None, -1)',
    'slice(np.int64(0), np.int64(1))', 'slice(0, 1, 0)', "slice('a')", 'range(0)', 'range(3)', 'iter([1, 2])',
    'iter(())', 'iter("ab")', 'iter({1: 2})', 'iter({1})', 'reversed([1, 2])', 'map(str, [1, 2])',
    'filter(None, [0, 1])', 'zip([1], [2])', 'enumerate([1])', 'itertools.chain([1], [2])',
    'itertools.islice([1, 2, 3], 2)', 'itertools.repeat(1, 2)', 'itertools.starmap(max, [(1, 2)])',
    'itertools.product([1, 2])', "iter(deque([1]))", "iter(range(2))", "iter(b'ab')", 'dilled(1)', "dilled('a')",
    'dilled([1, 2])', 'dilled(lambda: 1)', 'cloudpickled(1)', "cloudpickled((1, 2))", 'cloudpickled(lambda: 1)',
    'cloudpickled(Plain())', 'dilled(np.int64(1))', 'dilled(slice(0, 2))', 'p',
]

# Indices, counts, timeouts and other numbers of which the call says what they are for.
INDICES = [
    '0', '1', '-1', '2', '5', '-5', 'True', 'False', 'np.int64(0)', 'np.int64(1)', 'np.uint8(1)', 'np.int8(-1)',
    'np.bool_(False)', 'np.False_', 'Level.LOW', 'MyInt(1)', 'Index(0)', 'signal.Signals(1)', 'np.array(0)',
    'np.array([0])', '2 ** 63', '10 ** 400', '-10 ** 400', '2 ** 31', '1.0', 'np.float64(1)', 'Decimal(1)',
    'Fraction(1)', "'0'", 'None', 'nan', 'slice(0, 2)', 'slice(None)', 'slice(1, None)', 'slice(None, None, -1)',
    'slice(np.int64(0), np.int64(1))', 'slice(-1, None)', 'slice(0, 10 ** 400)', 'slice(0, 1, 0)', "slice('a')",
    'slice(0, 1.5)', 'slice(0, 5, 2)', 'slice(Index(0), Level.LOW)', 'slice(2, 1)', 'slice(True)',
    'slice(np.bool_(True))', 'slice(None, None, 2 ** 63)', '(0, 1)', '()', '[0]', 'Ellipsis', 'np.array([0, 1])',
    'dilled(1)', 'cloudpickled(0)', 'Color.RED', 'Mode.READ', 'ctypes.c_int(1)', 'timedelta(1)', 'pd.Index([0])', 'p',
]
SHORT = [
    '0', '0.01', '0.0', '-1', '-0.5', 'False', 'np.float64(0.01)', 'np.int64(0)', 'np.float32(0)', 'Fraction(1, 100)',
    'Decimal("0.01")', 'np.False_', 'np.bool_(False)', 'np.int64(-1)', 'Real(0)', 'Index(0)', 'MyInt(0)',
    'MyFloat(0.01)', 'Fraction(-1)', 'Decimal(-1)', '-inf', '-10 ** 400', 'np.array(0)', 'np.array([0])',
    "Decimal('-Infinity')", 'timedelta()', "''", "'0'", '()', '[]', '{}', 'Fraction(0)', 'Decimal(0)',
    'np.timedelta64(0)', '-1e308', '-2 ** 63',
]
LONG = [
    'None', '1', '60', 'True', 'nan', 'inf', '1e308', '10 ** 400', '2 ** 63', 'np.float64(nan)', 'np.float64(inf)',
    'np.int64(60)', 'Decimal(60)', "Decimal('NaN')", "Decimal('Infinity')", 'Fraction(60)', 'Fraction(10 ** 400)',
    'timedelta(1)', 'np.True_', 'np.bool_(True)', 'Level.HIGH', "'60'", "'a'", '1j', '[1]', 'Real(60)', 'Index(60)',
    'np.array(60)', 'np.array([60, 1])', 'np.timedelta64(60, "s")', 'MyInt(60)', 'MyFloat(60)', 'Color.RED',
    'Plain()', 'dilled(60)', 'p', "Decimal('sNaN')", '1e18', '9e9', 'threading.TIMEOUT_MAX',
]
FALSY = [
    'False', '0', 'None', "''", '0.0', 'np.False_', 'np.bool_(False)', 'np.int64(0)', '()', '[]', '{}', 'Decimal(0)',
    'Fraction(0)', 'np.array(0)', 'np.array([0])', 'set()', 'timedelta()', 'np.array([])', "np.str_('')", 'range(0)',
    "b''", 'deque()', 'MyInt()', 'frozenset()', 'np.float64(0)', '0j', 'UserList()', 'OrderedDict()',
    'Counter()', "array.array('i')", 'np.timedelta64(0)', 'bytearray()', 'MyStr()', 'np.complex128(0)', 'UserDict()',
]
TRUTHY = [
    'True', '1', "'a'", '[0]', 'np.True_', 'np.bool_(True)', 'np.int64(1)', 'np.array(1)', 'np.array([1])', 'nan',
    'Plain()', 'Color.RED', 'Level.LOW', '1.5', 'Decimal("NaN")', 'object()', 'int', 'np.array([1, 2])', 'pd.NA',
    'pd.NaT', 'pd.Series([1, 2])', 'pd.Series([1])', 'dilled(1)', 'NotImplemented', 'p',
    "np.str_('a')", 'Point()', 'Pair(1, 2)', 'pd.Timestamp(0)', 'Fraction(1, 2)', 'uuid.UUID(int=0)', 'utc',
    "pathlib.PurePosixPath('a')", 'iter(())', 'Ellipsis', "pd.DataFrame({'a': [1]})",
]
COUNTS = [
    '0', '1', '2', '-1', 'True', 'np.int64(2)', 'Level.HIGH', 'MyInt(2)', 'Index(2)', '1.0', 'np.float64(2)',
    'Decimal(2)', "'a'", 'None', '[1]', '(1, 2)', 'np.array(2)', 'np.array([2])', 'np.array([1, 2])', '10 ** 400',
    '-10 ** 400', 'Color.RED', 'np.bool_(True)', 'nan', 'Fraction(2)', 'pd.Series([1, 2])', 'dilled(2)', 'p', '1j',
    'timedelta(1)', 'UserList([1])', '2 ** 62',
]
NAMES = [
    "'x'", "'y'", "'_p'", "'__q'", "u'x'", "''", "'a b'", "u'\\xe9'", "np.str_('x')", "MyStr('x')", 'Word.A', '1',
    'None', "b'x'", 'Letter.A',
]
CODES = [
    "'i'", "'d'", "'b'", "'B'", "'h'", "'H'", "'I'", "'l'", "'L'", "'q'", "'Q'", "'f'", "'u'", "'w'", "'c'", "u'i'",
    "'x'", "'ii'", "''", 'None', '1', "b'i'", "np.str_('i')", "MyStr('i')", 'Word.A', 'ctypes.c_int',
    'ctypes.c_double', 'ctypes.c_char', 'int', 'object()', 'Color.RED',
]
INITS = [
    '[1, 2, 3]', '(1, 2)', '[1.5, 2]', '[]', '3', '0', '-1', 'range(3)', 'np.array([1, 2])', 'np.array([1.5])',
    "array.array('i', [1, 2])", "array.array('d', [1.5])", 'pd.Series([1, 2])', '[True]', '[Level.LOW]',
    '[np.int64(1)]', "[Decimal('1.5')]", '[Fraction(1, 2)]', '[None]', "['a']", "'ab'", "b'ab'", "u'ab'", 'None',
    '2.5', '[2 ** 40]', '[-1]', '[nan, inf]', '[Index(2)]', '[Real(1)]', '{1: 2}', '{1}', 'iter([1, 2])',
    'map(int, [1])', '[np.float64(1.5)]', 'np.array([[1, 2]])', '[np.array(1)]', 'bytearray(b"ab")', 'deque([1])',
    'UserList([1])', 'Pair(1, 2)', 'p', '[MyInt(1)]', "[u'a']", 'np.int64(2)', 'Level.HIGH', '[1j]', '[10 ** 400]',
    "array.array('u', u'ab')", 'True', '[300]', '[b"a"]',
]

EVERY = sorted({value for family in FAMILIES for value in family} | set(OTHERS))
ITERABLES = [value for value in EVERY if value[0] in '[{(' or any(word in value for word in (
    'iter', 'array', 'deque', 'Series', 'Index', 'List', 'map(', 'filter', 'zip', 'enumerate', 'range', 'Tuple', 'Set',
    'set(', 'Dict', 'Counter', 'reversed'))]
MAPPINGS = [value for value in EVERY if any(word in value for word in ('Dict', 'dict', 'Counter', 'Map', ': 1'))] + [
    '[(1, 2)]', "['ab']", '{1: 2, True: 3}', '{Level.LOW: np.int64(1)}', "iter([('a', 1)])", "zip('ab', [1, 2])",
    'np.array([[1, 2]])', "pd.Series([1], index=['a'])", 'p', 'None', '{(1, 2): 3}', "[('a',)]", '{np.int64(1): 1}',
    '{nan: 1}', 'o', "{'a': o}",
]
SETS = [
    '{1, 2}', 'set()', 'frozenset([1])', 'MySet([1])', '[1]', '{1: 2}', "{'a'}", '{np.int64(1)}', '{Level.LOW}',
    '{Decimal(1), 2}', 'o', 'm.set([1])', '{1}', 'None', '{(1, 2)}', '{nan}', 'MySet()',
]
KINDS = {
    'index': INDICES, 'short': SHORT, 'long': LONG, 'falsy': FALSY, 'truthy': TRUTHY, 'count': COUNTS, 'name': NAMES,
    'code': CODES, 'init': INITS, 'iterable': ITERABLES, 'mapping': MAPPINGS, 'sets': SETS,
}
# The classes of zoo_values, what packages make, and what of it is more than a number, text or moment: patterns.
OWN = (r'(?<![.\w])(My\w+|Plain|Index|Real|dilled|cloudpickled|Pair|Color|Level|Word|Mode|Letter|Point|Job|Frozen|'
       r'always)\b')
PACKAGES = r'\b(np|pd|pytz)\.'
ARRAYS = r'\bnp\.(array|arange|dtype)|\bpd\.|\bpytz\.'
# Kinds of which another value could make a call wait for long, or take much memory.
STRICT = {'short', 'long', 'falsy', 'truthy', 'count'}

# The calls of each type: a template and the kind of each argument, and, where a call could wait for long, what
# must hold for it to be made. 'any' is any value.
LIST = [
    ('o[{}]', 'index'), ('o.__setitem__({}, {})', 'index any'), ('o.__delitem__({})', 'index'), ('{} in o', 'any'),
    ('len(o)', ''), ('o.append({})', 'any'), ('o.extend({})', 'any'), ('o.count({})', 'any'), ('o.index({})', 'any'),
    ('o.index({}, {})', 'any index'), ('o.index({}, {}, {})', 'any index index'), ('o.insert({}, {})', 'index any'),
    ('o.pop()', ''), ('o.pop({})', 'index'), ('o.remove({})', 'any'), ('o.reverse()', ''), ('o.sort()', ''),
    ('o.sort(reverse={})', 'truthy'), ('o.sort(reverse={})', 'falsy'), ('o.sort(key={})', 'any'), ('o + {}', 'any'),
    ('{} + o', 'any'), ('o * {}', 'count'), ('{} * o', 'count'), ('operator.iadd(o, {})', 'any'),
    ('operator.imul(o, {})', 'count'), ('list(o)', ''), ('text(o)', ''), ('list(reversed(o))', ''), ('o.copy()', ''),
    ('o.clear()', ''), ('list(iter(o))', ''), ('o.__setitem__({}, {})', 'index iterable'), ('o.append()', ''),
    ('o.append({}, {})', 'any any'), ('o.append(x={})', 'any'), ('o.extend({})', 'iterable'),
    ('operator.iadd(o, {})', 'iterable'), ('o.insert({})', 'index'), ('o.pop({}, {})', 'index index'),
    ('o.sort({})', 'any'), ('o.append(o)', ''), ('o.__reversed__()', ''), ('o.__eq__({})', 'any'),
    ('text(o._getvalue())', ''),
]
DICT = [
    ('o[{}]', 'any'), ('o.__setitem__({}, {})', 'any any'), ('o.__delitem__({})', 'any'), ('{} in o', 'any'),
    ('len(o)', ''), ('o.get({})', 'any'), ('o.get({}, {})', 'any any'), ('o.pop({})', 'any'),
    ('o.pop({}, {})', 'any any'), ('o.setdefault({}, {})', 'any any'), ('o.setdefault({})', 'any'),
    ('o.update({})', 'mapping'), ('o.update({})', 'any'), ('o.update(a={})', 'any'),
    ('o.update({}, b={})', 'mapping any'), ('ordered(o.keys())', ''), ('ordered(o.values())', ''),
    ('ordered(o.items())', ''), ('o.copy()', ''), ('o.clear()', ''), ('text(o)', ''), ('ordered(iter(o))', ''),
    ('last(o.popitem)', ''), ('o.has_key({})', 'any'), ('o | {}', 'mapping'), ('{} | o', 'mapping'),
    ('operator.ior(o, {})', 'mapping'), ('operator.ior(o, {})', 'any'), ('list(reversed(o))', ''), ('o.update()', ''),
    ('o.update({}, {})', 'mapping mapping'), ('o.get()', ''), ('o.get({}, default={})', 'any any'), ('o.pop()', ''),
    ('o.fromkeys({})', 'any'), ('o.fromkeys({}, {})', 'any any'), ('o.__setitem__({}, o)', 'any'),
    ('o.update(o)', ''), ('text(o._getvalue())', ''),
]
SET = [
    ('o.add({})', 'any'), ('o.discard({})', 'any'), ('o.remove({})', 'any'), ('{} in o', 'any'), ('len(o)', ''),
    ('o.update({})', 'iterable'), ('o.update({})', 'any'), ('o.update({}, {})', 'any any'), ('o.update()', ''),
    ('o.union({})', 'any'), ('o.union({}, {})', 'any any'), ('o.intersection({})', 'any'),
    ('o.difference({})', 'any'), ('o.symmetric_difference({})', 'any'), ('o.isdisjoint({})', 'any'),
    ('o.issubset({})', 'any'), ('o.issuperset({})', 'any'), ('o.intersection_update({})', 'any'),
    ('o.difference_update({})', 'any'), ('o.symmetric_difference_update({})', 'any'), ('o.copy()', ''),
    ('o.clear()', ''), ('set(iter(o))', ''), ('o | {}', 'sets'), ('o & {}', 'sets'), ('o - {}', 'sets'),
    ('o ^ {}', 'sets'), ('{} | o', 'sets'), ('{} & o', 'sets'), ('{} - o', 'sets'), ('{} ^ o', 'sets'),
    ('o <= {}', 'sets'), ('o < {}', 'sets'), ('o >= {}', 'sets'), ('o > {}', 'sets'), ('o == {}', 'sets'),
    ('o | {}', 'any'), ('o - {}', 'any'), ('o <= {}', 'any'), ('operator.ior(o, {})', 'sets'),
    ('operator.iand(o, {})', 'sets'), ('operator.isub(o, {})', 'sets'), ('operator.ixor(o, {})', 'sets'),
    ('o.union({})', 'iterable'), ('o.difference({})', 'iterable'), ('o.intersection({})', 'iterable'),
    ('o.symmetric_difference({})', 'iterable'), ('o.issubset({})', 'iterable'), ('o.issuperset({})', 'iterable'),
    ('o.isdisjoint({})', 'iterable'), ('o.add()', ''),
]
NAMESPACE = [
    ('setattr(o, {}, {})', 'name any'), ('getattr(o, {})', 'name'), ('delattr(o, {})', 'name'), ('text(o)', ''),
    ('hasattr(o, {})', 'name'), ('o.x', ''), ('setattr(o, "x", {})', 'any'), ('getattr(o, {}, {})', 'name any'),
    ('o._callmethod("__getattribute__", ({},))', 'name'), ('o._callmethod("__setattr__", ({}, {}))', 'name any'),
    ('o._callmethod("__delattr__", ({},))', 'name'), ('o._callmethod("__setattr__", ({},))', 'name'),
    ('o._callmethod("__getattribute__", ({},))', 'any'),
]
VALUE = [
    ('o.value', ''), ('setattr(o, "value", {})', 'any'), ('o.get()', ''), ('o.set({})', 'any'), ('text(o)', ''),
    ('o.set()', ''), ('o.set({}, {})', 'any any'), ('o.get({})', 'any'), ('o.set(value={})', 'any'),
    ('o.typecode', ''), ('text(o._getvalue())', ''),
]
ARRAY = [
    ('o[{}]', 'index'), ('o.__setitem__({}, {})', 'index any'), ('o.__setitem__({}, {})', 'index index'),
    ('len(o)', ''), ('list(o)', ''), ('text(o)', ''), ('o.__setitem__(0, {})', 'init'),
    ('o.__setitem__(slice(0, 2), {})', 'init'), ('o.__setitem__({}, {})', 'index init'), ('o.__getitem__()', ''),
    ('o.append({})', 'any'), ('{} in o', 'any'), ('o.__setitem__(0, {})', 'any'), ('o[:]', ''), ('o[::2]', ''),
    ('text(o._getvalue())', ''),
]
QUEUE = [
    ('o.put({})', 'any', 'not o.full()'), ('o.put({}, {})', 'any falsy'),
    ('o.put({}, {})', 'any truthy', 'not o.full()'), ('o.put({}, {}, {})', 'any truthy short'),
    ('o.put({}, True, {})', 'any short'), ('o.put({}, True, {})', 'any long', 'not o.full()'),
    ('o.put({}, timeout={})', 'any short'), ('o.put({}, timeout={})', 'any long', 'not o.full()'),
    ('o.put({}, block={})', 'any falsy'), ('o.put({}, False, {})', 'any long'), ('o.put_nowait({})', 'any'),
    ('o.get()', '', 'o.qsize() > 0'), ('o.get({})', 'falsy'), ('o.get({})', 'truthy', 'o.qsize() > 0'),
    ('o.get({}, {})', 'truthy short'), ('o.get({}, {})', 'truthy long', 'o.qsize() > 0'),
    ('o.get(True, {})', 'short'), ('o.get(True, {})', 'long', 'o.qsize() > 0'), ('o.get(timeout={})', 'short'),
    ('o.get(timeout={})', 'long', 'o.qsize() > 0'), ('o.get({}, {})', 'falsy long'),
    ('o.get(block={}, timeout={})', 'falsy long'), ('o.get_nowait()', ''), ('o.qsize()', ''), ('o.empty()', ''),
    ('o.full()', ''), ('o.get(False)', ''), ('o.get(False)', ''), ('o.put(item={}, block=False)', 'any'),
    ('o.put()', ''), ('o.get(1, 2, 3)', ''), ('o.qsize({})', 'any'), ('o.get(x={})', 'any'),
    ('o.put(({}, {}), False)', 'any any'), ('o.put([{}, {}], False)', 'any any'),
]
JOINABLE = QUEUE + [('o.task_done()', ''), ('o.task_done({})', 'any'), ('o.join()', '', 'joinable(o)')]
EVENT = [
    ('o.set()', ''), ('o.clear()', ''), ('o.is_set()', ''), ('o.wait({})', 'short'),
    ('o.wait({})', 'long', 'o.is_set()'), ('o.wait(timeout={})', 'short'), ('o.wait()', '', 'o.is_set()'),
    ('o.set({})', 'any'), ('o.wait(1, 2)', ''), ('o.wait(x={})', 'any'),
]
LOCK = [
    ('o.acquire({})', 'falsy'), ('o.acquire(False)', ''), ('o.release()', ''), ('o.acquire(True, {})', 'short'),
    ('o.acquire({}, {})', 'truthy short'), ('o.acquire({}, {})', 'falsy any'), ('o.acquire(False, {})', 'long'),
    ('o.acquire(timeout={})', 'short'), ('o.acquire(blocking={})', 'falsy'), ('o.acquire(1, 2, 3)', ''),
    ('o.release({})', 'any'), ('o.__enter__() if free(o) else None', ''), ('o.locked()', ''),
    ('o.acquire({}, {}) if free(o) else None', 'truthy long'), ('o.acquire({}) if free(o) else None', 'truthy'),
    ('o.acquire(timeout={}) if free(o) else None', 'long'), ('o.__exit__(None, None, None)', ''),
]
SEMAPHORE = LOCK + [('o.release(n={})', 'count'), ('o.release({})', 'count'), ('o.get_value()', '')]
CONDITION = LOCK[:5] + [
    ('o.acquire(False)', ''), ('o.notify()', ''), ('o.notify({})', 'count'), ('o.notify_all()', ''),
    ('o.wait({})', 'short'), ('o.wait(timeout={})', 'short'), ('o.wait_for(always, {})', 'short'),
    ('o.wait_for(always, {})', 'long'), ('o.notify(n={})', 'count'),
]
BARRIER = [
    ('o.parties', ''), ('o.n_waiting', ''), ('o.broken', ''), ('o.wait({})', 'short'),
    ('o.wait(timeout={})', 'short'), ('o.abort()', ''), ('o.reset()', ''),
    ('o.wait()', '', 'o.parties == 1 or o.broken'), ('o.wait({})', 'long', 'o.parties == 1 or o.broken'),
    ('o.wait(1, 2)', ''), ('o.abort({})', 'any'),
]

# A type: how it is made, the kinds of the arguments of that, its calls, and how its state is asked for at the end.
def many(template, kinds, upto=3):
    """The ways to make a container of up to so many elements."""
    return [(template.format(', '.join(['{}'] * n)), ' '.join([kinds] * n)) for n in range(upto + 1)]


LISTS = many('m.list([{}])', 'any') + [
    ('m.list({})', 'any'), ('m.list({})', 'iterable'), ('m.list()', ''), ('m.list({}, {})', 'any any'),
]
DICTS = [('m.dict([' + ', '.join(['({}, {})'] * n) + '])', ' '.join(['any any'] * n)) for n in range(4)] + [
    ('m.dict({})', 'mapping'), ('m.dict({})', 'any'), ('m.dict(a={})', 'any'), ('m.dict({}, a={})', 'mapping any'),
]
SETS = many('m.set([{}])', 'any') + [('m.set({})', 'iterable'), ('m.set({})', 'any')]


def queues(name):
    made = 'm.' + name
    return [(made + '()', '')] * 3 + [
        (made + '(1)', ''), (made + '(2)', ''), (made + '({})', 'count'), (made + '(maxsize={})', 'count'),
        (made + '({})', 'any'),
    ]


ITEMS = ['items(o)']
TYPES = {
    'list': (LISTS, LIST, ['o[:]']),
    'dict': (DICTS, DICT, ['o.copy()']),
    'set': (SETS, SET, ['o.copy()']),
    'Namespace': (
        [('m.Namespace()', ''), ('m.Namespace(x={})', 'any'), ('m.Namespace({})', 'any')],
        NAMESPACE,
        ['text(o)'],
    ),
    'Value': (
        [('m.Value({}, {})', 'code any')] * 2 + [
            ('m.Value("i", {})', 'any'), ('m.Value({})', 'code'), ('m.Value("i", {}, lock={})', 'any truthy'),
        ],
        VALUE,
        ['o.value'],
    ),
    'Array': (
        [('m.Array({}, {})', 'code init')] * 2 + [
            ('m.Array("i", {})', 'init'), ('m.Array("d", {})', 'init'), ('m.Array("i", [1, 2, 3])', ''),
            ('m.Array("d", [1, 2, 3])', ''), ('m.Array({}, {})', 'code any'),
            ('m.Array("i", [0], lock={})', 'truthy'),
        ],
        ARRAY,
        ['o[:]', 'text(o)'],
    ),
    'Queue': (queues('Queue'), QUEUE, ITEMS),
    'LifoQueue': (queues('LifoQueue'), QUEUE, ITEMS),
    'PriorityQueue': (queues('PriorityQueue'), QUEUE, ITEMS),
    'JoinableQueue': (queues('JoinableQueue'), JOINABLE, ITEMS + ['o.task_done()']),
    'shared queues': (
        [
            ('m.get_queue(me)', ''), ('m.get_lifo(me)', ''), ('m.get_priority(me)', ''), ('m.get_joinable(me)', ''),
            ('m.get_queue((me, {}))', 'any'),
        ],
        QUEUE,
        ITEMS,
    ),
    'Event': ([('m.Event()', ''), ('m.Event({})', 'any')], EVENT, ['o.is_set()']),
    'Lock': ([('m.Lock()', '')] * 3 + [('m.Lock({})', 'any')], LOCK, ['o.acquire(False)']),
    'RLock': (
        [('m.RLock()', '')] * 3 + [('m.RLock({})', 'any')],
        LOCK,
        ['o.acquire(False)', 'o.release()', 'o.release()', 'o.release()'],
    ),
    'Semaphore': (
        [
            ('m.Semaphore()', ''), ('m.Semaphore({})', 'count'), ('m.Semaphore(value={})', 'count'),
            ('m.Semaphore({})', 'any'),
        ],
        SEMAPHORE,
        ['o.acquire(False)'] * 3,
    ),
    'BoundedSemaphore': (
        [('m.BoundedSemaphore()', ''), ('m.BoundedSemaphore({})', 'count'), ('m.BoundedSemaphore({})', 'any')],
        SEMAPHORE,
        ['o.acquire(False)'] * 3,
    ),
    'Condition': (
        [('m.Condition()', '')] * 3 + [
            ('m.Condition({})', 'any'), ('m.Condition(m.Lock())', ''), ('m.Condition(m.RLock())', ''),
        ],
        CONDITION,
        ['o.acquire(False)'],
    ),
    'Barrier': (
        [
            ('m.Barrier(1)', ''), ('m.Barrier(2)', ''), ('m.Barrier({})', 'count'),
            ('m.Barrier(2, None, {})', 'short'), ('m.Barrier(1, timeout={})', 'long'),
            ('m.Barrier(parties={})', 'count'),
        ],
        BARRIER,
        ['o.n_waiting', 'o.broken'],
    ),
}
# More programs are about these than chance would have it.
WEIGHTS = {'list': 5, 'dict': 5, 'PriorityQueue': 3, 'Queue': 2, 'set': 3, 'Array': 2, 'Value': 2, 'JoinableQueue': 2}
