"""Managers whose messages are XML: serializer='xmlrpclib'."""
import subprocess

import support


def test_python_uses_the_server_in_xml(serve, python, peer):
    server = serve()
    assert peer(python, 'plain.py', server.text) == {
        'got': [[1, 2.5, '\u00e9', None, True, {'k': [2]}], 'second', 0],
        'empty': 'queue.Empty',
        'value': [8, "Value('i', 8)"],
        'dict': [1, None, {'a': 1}, 1],
        'big': 'refused',
        'still': 0,
    }


def test_the_command_line_speaks_xml(binary, serve):
    server = serve('--dict', 'settings')

    def call(*args):
        return subprocess.run([binary, 'call', '--serializer', 'xmlrpclib', server.text, *args], timeout=60,
                              env=support.peer_env(server.key), stdout=subprocess.PIPE, check=True).stdout

    call('settings.__setitem__', '"a"', '[1]')
    assert call('settings.copy') == b'{"a":[1]}\n'


def test_one_queue_serves_clients_of_both_serializers(binary, serve):
    server = serve()

    def run(command, *args):
        return subprocess.run([binary, command, server.text, 'get_queue', *args], timeout=60,
                              env=support.peer_env(server.key), stdout=subprocess.PIPE, check=True).stdout

    run('put', '--serializer', 'xmlrpclib', '{"a": [1, null]}')
    assert run('get') == b'{"a":[1,null]}\n'
