"""Messages that are longer than --max-message."""
import sys

import pytest


@pytest.mark.parametrize('serializer', ['pickle', 'xmlrpclib'])
def test_a_message_that_is_too_long_is_an_exception_that_names_the_limit(serve, python, peer, serializer):
    server = serve('--max-message', '64KiB')
    raised = 'RuntimeError' if serializer == 'pickle' else 'RemoteError'
    assert peer(python, 'toolong.py', server.text, serializer) == {
        'first': [raised, True], 'create': ['RemoteError', True], 'later': [[raised, True]] * 3,
        'got': [0, 1, 2, 0],
    }


def test_the_log_tells_of_a_message_that_was_too_long(serve, peer):
    server = serve('--max-message', '64KiB')
    peer(sys.executable, 'toolong.py', server.text, 'pickle')
    assert 'a message met a limit' in server.stop()
