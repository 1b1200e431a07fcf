"""What scripts about keys and roles have in common: how a refusal looks, and how a process changes its key."""
import errno
from multiprocessing import current_process
from multiprocessing.managers import BaseProxy, RemoteError, dispatch

from base import connect


def refused(f, *args):
    """Whether a call is refused by an exception that is caught as what it is."""
    try:
        f(*args)
    except EnvironmentError as e:  # PermissionError is one in Python 3
        return e.errno == errno.EACCES and type(e).__name__ in ('PermissionError', 'OSError')
    except RemoteError as e:
        return 'PermissionError: this key may not' in str(e).strip().splitlines()[-2]
    return False


def function(manager, name, *args):
    """Calls a function of the server itself."""
    conn = manager._Client(manager._address, authkey=manager._authkey)
    try:
        return dispatch(conn, None, name, args)
    finally:
        conn.close()


def connect_as(key):
    """Connects anew: proxies of one thread and address share a connection, whatever their key is."""
    BaseProxy._address_to_local.clear()
    current_process().authkey = key
    return connect(None, key)
