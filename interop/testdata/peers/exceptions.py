"""Exceptions of builtins, pickled and loaded: exceptions.py. A request without "load" is answered with
instances of every class; one with replies of a manager, with what their values are once they are loaded."""
import itertools
import pickle
import sys

import peer

try:
    import builtins
except ImportError:
    import __builtin__ as builtins

CLASSES = sorted({c.__name__: c for c in vars(builtins).values()
                  if isinstance(c, type) and issubclass(c, BaseException)}.items())
PLACE = ("file", 1, 2, "line")

# What the arguments of an exception may be. A class refuses those that it does not take.
ARGUMENTS = [
    (), ("text",), (u"t\xe9xt",), (b"bytes",), (3,), (None,), ("text", 1, [2]),
    (2, "text"), (2, "text", "file"), (2, "text", "file", None, "other"), (11, "text", 5),
    ("text", PLACE), ("text", PLACE + (1, 3)), ("text", PLACE + (1, 3, ("meta",))),
    ("text", ("file", None, None, None)), ("text", ("file", None, None, None, None, None)),
    ("text", [ValueError("inner")]), ("text", [ValueError("inner"), TypeError(1)]),
    ("ascii", b"abc", 0, 1, "reason"), ("ascii", b"\xe9", 0, 1, "reason"), ("ascii", b"", 0, 1, "reason"),
    ("ascii", bytearray(b"abc"), 0, 1, "reason"), ("utf8", b"abc", 0, 1, "r\xe9ason"),
    ("ascii", u"abc", 0, 1, "reason"), ("ascii", u"\xe9", 0, 1, "reason"), ("utf8", u"\xe9", 0, 1, "r\xe9ason"),
    (u"abc", 0, 1, "reason"), (u"\xe9", 0, 1, "r\xe9ason"),
]
KEYWORDS = [{}, {"name": "name"}, {"name": "name", "path": "path"}, {"name": "name", "obj": 5}]


def made(c, args, keywords):
    try:
        return c(*args, **keywords)
    except Exception:
        return None


def arguments(c):
    """All arguments for a class that is particular about them, a few for any other."""
    return ARGUMENTS if made(c, range(7), {}) is None or issubclass(c, SyntaxError) else ARGUMENTS[:9]


def instances():
    """All instances that can be pickled and loaded by the Python that they come from."""
    choices = [(name, c, args) for name, c in CLASSES for args in arguments(c)]
    for (name, c, args), keywords in itertools.product(choices, KEYWORDS):
        e = made(c, args, keywords) if args == ("text",) or not keywords else None
        if e is None:
            continue
        for noted in (False, True):
            if noted and (not hasattr(e, "add_note") or len(args) != 2):
                continue
            if noted:
                e.add_note("note")
            doc = pickle.dumps(e, 2 if peer.PY2 else pickle.DEFAULT_PROTOCOL)
            if "error" not in load(doc):
                yield dict(described(e), label="%s%r %r %s" % (name, args, keywords, noted),
                           pickle=peer.to_base64(doc))


def shown(e):
    text = str(e)
    return text.decode("latin1") if peer.PY2 else text


def described(e):
    return {
        "class": type(e).__name__, "text": shown(e), "bases": [c.__name__ for c in type(e).__mro__],
        "seen": {a: repr(getattr(e, a)).replace(",)", ")") for a in ATTRIBUTES if hasattr(e, a)},
    }


# What a loaded exception has as the one that was pickled.
ATTRIBUTES = ["args", "errno", "strerror", "filename", "msg", "lineno", "offset", "end_lineno", "end_offset", "reason",
              "encoding", "start", "end", "object", "code", "value", "__notes__", "exceptions"]


def load(doc, part=None):
    try:
        value = pickle.loads(doc)
        return described(value if part is None else value[part])
    except BaseException as e:
        return {"error": "%s: %s" % (type(e).__name__, shown(e))}


def handle(request):
    if request.get("load"):
        return {"loaded": [load(peer.from_base64(doc), 1) for doc in request["load"]]}
    return {"classes": [name for name, _ in CLASSES], "made": list(instances())}


if __name__ == "__main__":
    if peer.PY2:
        reload(sys)
        sys.setdefaultencoding("latin1")  # so that str() of any exception has a text
    peer.ready()
    peer.serve(handle)
