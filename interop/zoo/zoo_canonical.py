"""What a value is, as text that two servers' answers are compared by: its class, and its contents."""
from __future__ import division

import re

import zoo_values

MAX_DEPTH = 8
BUILTIN = ('builtins', '__builtin__', 'exceptions')
PLAIN = (int, bool, float, complex, str, bytes, type(u''), type(None), slice)


def canonical(value, depth=0):
    cls = type(value)
    name = cls.__name__ if cls.__module__ in BUILTIN else cls.__module__ + '.' + cls.__name__
    if depth > MAX_DEPTH:
        return name + ' ...'
    if hasattr(value, '_callmethod'):
        return referent(value, depth)

    def several(items):
        return [canonical(item, depth + 1) for item in items]

    if cls in PLAIN:
        text = repr(value) if cls in (int, bool, str, type(None), float) else '%s %r' % (name, value)
        return re.sub(' at 0x[0-9a-f]+', ' at 0x', text)
    if cls in (list, tuple) or isinstance(value, tuple) and hasattr(value, '_fields'):
        return name + '(' + ', '.join(several(value)) + ')'
    if cls in (set, frozenset):
        return name + '(' + ', '.join(sorted(several(value))) + ')'
    if isinstance(value, dict):
        pairs = [canonical(k, depth + 1) + ': ' + canonical(v, depth + 1) for k, v in value.items()]
        return name + '(' + ', '.join(pairs if zoo_values.sys.version_info >= (3, 6) else sorted(pairs)) + ')'
    if isinstance(value, type):
        return 'class ' + value.__module__ + '.' + value.__name__
    if isinstance(value, BaseException):
        return name + '(' + ', '.join(several(value.args)) + ')'
    if cls.__module__ == 'numpy':
        return '%s %s %r' % (name, getattr(value, 'dtype', ''), value)
    if hasattr(value, '__next__') or hasattr(value, 'next'):
        return name + '(' + ', '.join(several(zoo_values.itertools.islice(value, 10))) + ')'
    text = repr(value)
    if ' at 0x' in text or text.endswith(' object>'):
        text = re.sub(' at 0x[0-9a-f]+', '', text)
        if hasattr(value, '__dict__'):
            text += canonical(vars(value), depth + 1)
    return name + ' ' + text


def referent(proxy, depth):
    """What a proxy is of."""
    typeid = proxy._token.typeid
    if typeid not in ('list', 'dict', 'set'):
        return 'proxy of ' + typeid
    if depth > 3:
        return 'proxy of %s ...' % typeid
    return 'proxy of %s %s' % (typeid, canonical(proxy._callmethod('#GETVALUE'), depth + 1))
