"""A client of multiprocess or billiard: forks.py PACKAGE ADDRESS-WORDS KEY-HEX. It answers {"case": NAME} with
null, or with what went wrong."""
import collections
import gc
import importlib
import sys
import time
import traceback

import peer

package = importlib.import_module(sys.argv[1])
managers = importlib.import_module(sys.argv[1] + ".managers")
connection = importlib.import_module(sys.argv[1] + ".connection")
PATIENCE = 60  # seconds; what is waited for takes the server's grace


def a_stored_proxy_outlives_the_grace(m):
    listed, mapped, queued, inner = m.list(), m.dict(), m.Queue(), [m.list([i]) for i in range(3)]
    listed.append(inner[0])
    mapped["k"] = [inner[1]]
    queued.put((1, inner[2]))
    del inner
    gc.collect()
    wait_for_the_grace(m)
    found = [listed[0], mapped["k"][0], queued.get()[1]]
    assert [p[:] for p in found] == [[0], [1], [2]], found
    assert set(type(p).__module__ for p in found) == set([managers.__name__])


def wait_for_the_grace(m):
    """Until an object is gone that was let go of just now: so is what was let go of before it."""
    last = m.list()
    conn = connection.Client(m.address, authkey=m._authkey)
    try:
        managers.dispatch(conn, None, "decref", (last._token.id,))
    finally:
        conn.close()
    end = time.time() + PATIENCE
    while time.time() < end:
        try:
            last._callmethod("__len__")
        except Exception:  # a KeyError of one kind or another
            return
        time.sleep(0.02)
    raise AssertionError("an object without references stayed")


def slices_are_slices(m):
    items = m.list(range(6))
    assert items[1:4] == [1, 2, 3]
    assert items[::-2] == [5, 3, 1]
    items[1:4] = range(2)
    del items[::2]
    assert items[:] == [0, 4], items[:]


def iterables_are_iterated_over(m):
    items = m.list(range(2, 9, 3))
    items.extend(bytearray(b"a"))
    items.extend(reversed([1, 2]))
    items.extend(frozenset([7]))
    assert items[:] == [2, 5, 8, 97, 2, 1, 7], items[:]
    if package.__name__ == "multiprocess":  # billiard cannot pickle them
        for d in ({3: 4}, collections.OrderedDict({5: 6})):
            for view in (d.keys(), d.values(), d.items()):
                if sys.version_info >= (3, 7):  # dill learnt it then
                    items.extend(view)
                    assert items[-len(d):] == list(view), items[:]


def values_are_equal_to_themselves(m):
    values = [3 + 1j, bytearray(b"ab"), range(2, 9, 3), range(10 ** 20), int, KeyError, dict, Ellipsis,
              NotImplemented, slice, type(None)]
    if package.__name__ == "billiard":
        values.remove(type(None))  # a class that pickle has a call for
    items = m.list(values)
    for i, v in enumerate(values):
        assert v in items, v
        assert items[i] == v, v
        assert items.index(v) == i, v


def exceptions_come_back(m):
    q = m.Queue()
    for e in (ValueError("text"), OSError(2, "text"), UnicodeDecodeError("ascii", b"a", 0, 1, "reason")):
        q.put(e)
        got = q.get()
        assert (type(got), got.args) == (type(e), e.args), got


def keys_are_found(m):
    d = m.dict({1: "a", (2, "b"): "c", frozenset([3]): "d", int: "e"})
    assert [d[k] for k in (1, (2, "b"), frozenset([3]), int)] == list("acde")


def a_dict_is_iterated_over(m):
    d = m.dict({1: 2, 3: 4})
    assert sorted(d.keys()) == [1, 3] and sorted(d.items()) == [(1, 2), (3, 4)]
    if "__iter__" in d._exposed_:
        assert sorted(d) == [1, 3]


CASES = (a_stored_proxy_outlives_the_grace, slices_are_slices, iterables_are_iterated_over,
         values_are_equal_to_themselves, exceptions_come_back, keys_are_found, a_dict_is_iterated_over)


def main():
    key = peer.from_hex(sys.argv[-1])
    package.current_process().authkey = key
    m = managers.SyncManager(peer.address_of(sys.argv[2:-1]), authkey=key)
    m.connect()
    by_name = dict((f.__name__, f) for f in CASES)
    peer.ready(*sorted(by_name))
    for request in peer.requests():
        try:
            by_name[request["case"]](m)
        except Exception:
            peer.answer(traceback.format_exc())
        else:
            peer.answer(None)


if __name__ == "__main__":
    main()
