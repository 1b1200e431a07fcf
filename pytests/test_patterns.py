"""How programmes use managers: each pattern with every Python. peers/patterns.py asserts."""
import pytest

import support

SHARED = ('--dict', 'settings={"mode":"fast"}', '--list', 'log')

# Where a release lacks what a pattern is about: the first that has it.
SINCE = {'barrier': '3.6', 'shared_memory': '3.8', 'set_proxies': '3.14'}

PATTERNS = [
    'names_by_proxy_type', 'names_by_auto_proxy', 'names_with_exposed', 'texts', 'copies',
    'values_of_proxies', 'arrays', 'byte_arrays', 'exceptions', 'children', 'lists', 'dicts',
    'sets', 'set_proxies', 'iteration', 'iteration_without_a_manager',
    'attributes_by_auto_proxy', 'values_of_classes', 'lock_of_processes', 'rlock_of_threads', 'condition',
    'nested_auto_proxies', 'operators_by_auto_proxy', 'proxies_as_elements', 'handed_to_a_child_and_dropped',
    'barrier', 'event', 'semaphores', 'shared_memory', 'every_type']


def cases():
    for pattern in PATTERNS:
        first = support.VERSIONS.index(SINCE.get(pattern, '2.7'))
        for version in support.VERSIONS[first:]:
            yield pytest.param(pattern, version, id='%s-py%s' % (pattern, version))


@pytest.mark.parametrize('pattern,version', list(cases()))
def test_pattern(serve, peer, pattern, version):
    server = serve(*SHARED)
    assert peer(support.python(version), 'patterns.py', server.text, pattern) == pattern


# PyPy's library is CPython's, so that these are enough: they pickle, fork, lock and collect.
@pytest.mark.parametrize('pattern', [
    'names_by_auto_proxy', 'values_of_proxies', 'arrays', 'exceptions', 'children', 'iteration_without_a_manager',
    'lock_of_processes', 'condition', 'nested_auto_proxies', 'proxies_as_elements'])
def test_pattern_of_pypy(serve, peer, pattern):
    server = serve(*SHARED)
    assert peer(support.pypy(), 'patterns.py', server.text, pattern) == pattern


def test_names_with_arguments(serve, peer, python):
    peer(python, 'patterns.py', serve().text, 'names_with_arguments')


def test_every_version_reads_what_another_wrote(serve, peer, python):
    server = serve(*SHARED, '--queue', 'get_queue')
    peer(python, 'patterns.py', server.text, 'write')
    for version in ('2.7', '3.6', support.VERSIONS[-1]):
        peer(support.python(version), 'patterns.py', server.text, 'read')


# Python 2 is no maker: its managers, and ours for it, store what a proxy refers to instead of the
# proxy.
@pytest.mark.parametrize('maker', support.VERSIONS[1:])
@pytest.mark.parametrize('taker', ['2.7', '3.6', support.VERSIONS[-1]])
def test_nested_proxies_are_changed_by_another_version(serve, peer, maker, taker):
    server = serve(*SHARED, '--queue', 'get_queue')
    for who, step in ((maker, 'nested_make'), (taker, 'nested_take'), (maker, 'nested_check')):
        peer(support.python(who), 'patterns.py', server.text, step)


def test_a_client_can_stop_the_server_as_the_manager_that_started_it_does(serve, peer, python):
    server = serve()
    peer(python, 'patterns.py', server.text, 'shutdown')
    server.process.communicate(timeout=30)
    assert server.process.returncode == 0
