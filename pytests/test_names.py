"""Queues that clients make by name, and how many of them there can be."""


def test_a_queue_for_each_reply_is_no_end(serve, python, peer):
    server = serve('--max-queues', '20')
    assert peer(python, 'names.py', server.text, 'replies', 60)


def test_one_key_leaves_names_to_others(serve, python, peer, tmp_path):
    keys = tmp_path / 'keys'
    keys.write_text('greedy produce text:greedy-secret\nother produce text:other-secret\n')
    keys.chmod(0o600)
    server = serve('--keys', str(keys), '--max-queues', '12')
    made, error = peer(python, 'names.py', server.text, 'hold', 20, key=b'greedy-secret')
    assert made == 3
    assert error[0] == 'RemoteError'
    assert 'more than 3 queues that one key makes by name' in error[1]
    fine, too_long = peer(python, 'names.py', server.text, 'one', 1, key=b'other-secret')
    assert fine is None
    assert 'ValueError: the name of a queue is longer than 1000 bytes' in too_long[1]
