"""multiprocessing.connection in both roles. Requests:

  {"op": "listen", "address": [words], "key": hex or null}   answers {"address": [words]}, then
                                                             echoes messages of one peer until it closes
  {"op": "dial", "address": [words], "key": hex, "sizes": [n]}  sends and receives each size back

An answer may be {"error": class}.
"""
import threading

import peer

from multiprocessing import connection


def key_of(request):
    return None if request["key"] is None else peer.from_hex(request["key"])


listeners = []


def listen(request):
    family = "AF_INET" if request["address"][0] == "tcp" else "AF_UNIX"
    listener = connection.Listener(peer.address_of(request["address"]), family,
                                   authkey=key_of(request))
    listeners.append(listener)
    result = {}
    thread = threading.Thread(target=serve, args=(listener, result))
    thread.daemon = True
    thread.start()
    listeners.append((thread, result))
    return {"address": peer.words_of(listener.address)}


def serve(listener, result):
    try:
        conn = listener.accept()
        result["accepted"] = True
        while True:
            conn.send_bytes(conn.recv_bytes())
    except EOFError:
        pass
    except Exception as e:
        result.update(peer.error(e))


def finished(request):
    thread, result = listeners[-1]
    thread.join(20)
    listeners[-2].close()
    return result


def dial(request):
    conn = connection.Client(peer.address_of(request["address"]), authkey=key_of(request))
    for n in request["sizes"]:
        conn.send_bytes(b"x" * n)
        if conn.recv_bytes() != b"x" * n:
            return {"error": "echo of %d bytes differs" % n}
    conn.close()
    return {}


peer.ready()
peer.serve(lambda request: {"listen": listen, "dial": dial, "finished": finished}[request["op"]](request))
