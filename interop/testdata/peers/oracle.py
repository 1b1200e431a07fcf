"""The live pickle, asked in batches. Requests:

  {"op": "corpus"}                        every value of corpus.py, pickled in every way
  {"op": "generate", "seeds": [1, 2]}     one value per seed, likewise
  {"op": "load", "pickles": [base64]}     what each of them is to this interpreter
  {"op": "describe", "expressions": [s]}  what each of them is, for comparing with loaded values

A value is described by canon(); a failure by {"error": ...}.
"""
import pickle
import sys
import warnings

from multiprocessing import reduction

import canon
import corpus
import generate
import peer

try:
    import cPickle
except ImportError:
    cPickle = pickle

warnings.simplefilter("ignore")  # some values are on their way out of Python
sys.setrecursionlimit(3000)  # more ends 2.7 in a crash where it should be an error


def ways():
    """(name, dumps) for every protocol and for the pickler behind Connection.send."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield "protocol %d" % protocol, lambda x, p=protocol: cPickle.dumps(x, p)
    yield "pure Python", lambda x: getattr(pickle, "_dumps", pickle.dumps)(x, pickle.HIGHEST_PROTOCOL)
    if hasattr(reduction.ForkingPickler, "dumps"):
        yield "ForkingPickler", lambda x: bytes(reduction.ForkingPickler.dumps(x))


def loaded(data):
    try:
        return {"canon": canon.canon(cPickle.loads(data))}
    except Exception as e:
        return peer.error(e)


def pickled(name, value):
    """The value in every way in which this interpreter pickles it and reads it back."""
    dumps = []
    for way, dump in ways():
        try:
            data = dump(value)
        except Exception:
            continue  # a generator at protocol 0, a bound method in 2.7, ...
        result = loaded(data)
        if "canon" in result:
            dumps.append({"way": way, "pickle": peer.to_base64(data), "canon": result["canon"]})
    return {"name": name, "dumps": dumps}


def run(request):
    if request["op"] == "corpus":
        values = [(name, corpus.evaluate(expr)) for name, expr in corpus.VALUES]
        return [pickled(name, value) for name, (ok, value) in values if ok]
    if request["op"] == "generate":
        return [pickled("seed %d" % n, generate.Generator(n).value()) for n in request["seeds"]]
    if request["op"] == "load":
        return [loaded(peer.from_base64(p)) for p in request["pickles"]]
    if request["op"] == "describe":
        return [described(e) for e in request["expressions"]]
    raise ValueError(request["op"])


def described(expression):
    try:
        ok, value = corpus.evaluate(expression)
        return {"canon": canon.canon(value)} if ok else {"missing": True}
    except Exception as e:
        return peer.error(e)


peer.ready()
peer.serve(run)
