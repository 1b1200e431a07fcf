"""Queues that have no room for another item."""
import pytest

# Each holds four items of a kilobyte, and no fifth.
ROOMS = {
    'one queue': ['--max-bytes', 'jobs=4800'],
    'bytes of all': ['--max-item-bytes', '4800'],
    'items of all': ['--max-items', '4'],
}


@pytest.mark.parametrize('room', ROOMS)
def test_put_waits_for_room_on_a_queue_without_maxsize(serve, python, peer, room):
    server = serve('--queue', 'jobs', *ROOMS[room])
    answer = peer(python, 'room.py', server.text)
    too_large = answer.pop()
    assert answer == [True, 'Full', 'Full', 'Full', ['Full', True], ['Full', True], ['Full', True],
                      None, None, None, 4]
    assert room == 'items of all' or too_large == 'ValueError'
