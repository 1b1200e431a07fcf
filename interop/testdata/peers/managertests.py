"""Runs the tests of managers that this interpreter brings along against a manager that runs elsewhere.

    managertests.py --key HEX --at "tcp HOST PORT" [NAME ...]     against the server at that address
    managertests.py --key HEX --baseline [NAME ...]               against CPython's own, started here

With --package multiprocess the tests, the clients and the server of --baseline are those of that package, a
fork of multiprocessing that brings along its own copy of the tests.

The tests are those of `test._test_multiprocessing` (2.7: `test.test_multiprocessing`) in their manager
flavour, and three classes beside them that use a whole SyncManager. They come from the interpreter's
library and are changed in one thing: where they would start a manager they get one that is connected.
Classes that bring a manager class and a server of their own are left out: they would ask the server at
the address nothing.

Every test runs in a process group of its own, several at once, and the whole group is killed when the
test is over or its time is. After the ready line comes one line of JSON per test:

    {"test": "WithManagerTestQueue.test_put", "outcome": "ok|fail|error|skip|timeout", "seconds": 0.5,
     "text": "the end of the traceback or of what was printed"}

NAMEs select: a class, or a class and a method. --list runs nothing and gives every outcome as skip.
"""
from __future__ import print_function

import argparse
import importlib
import io
import json
import multiprocessing
import multiprocessing.managers
import multiprocessing.util
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
import unittest

import peer

try:
    import faulthandler
except ImportError:  # 2.7
    faulthandler = None

# Beside the manager flavour: these start a SyncManager and try its types.
OTHER_CLASSES = ("TestSyncManagerTypes", "TestManagerExceptions", "TestInitializers")
# In the manager flavour, but with servers and types of their own.
OWN_SERVERS = ("WithManagerTestMyManager", "WithManagerTestRemoteManager", "WithManagerTestManagerRestart")
# These count all objects of the server, so they come first, alone: a test that kills a process of its own
# leaves references behind, which is no fault of the server.
COUNT_OBJECTS = ("WithManagerTestZZZNumberOfObjects",)
# In 2.7 the class's pool is made by the module's main function, for these classes.
NEED_POOL = ("WithManagerTestPool", "WithManagerTestZZZNumberOfObjects")

TEXT_LIMIT = 1500  # characters of a report

mp = multiprocessing  # the package whose tests these are


def use_package(name):
    global mp
    mp = importlib.import_module(name)
    for part in (".managers", ".util"):
        importlib.import_module(name + part)


def load(start_method):
    """Gives this module the interpreter's test classes, as its own test modules do for themselves."""
    if peer.PY2:
        import test.test_multiprocessing as tests

        globals().update((k, v) for k, v in vars(tests).items() if is_test_class(v))
        return
    if mp is multiprocessing:
        import test._test_multiprocessing as tests
    else:
        tests = importlib.import_module(mp.__name__ + ".tests")
    names = {"__name__": "__main__"}
    tests.install_tests_in_module_dict(names, start_method)
    globals().update(names)


def is_test_class(value):
    return isinstance(value, type) and issubclass(value, unittest.TestCase)


def chosen(names, pools=True):
    """The tests to run, as instances, in a fixed order."""
    found = []
    for name, cls in sorted(globals().items()):
        wanted = name.startswith("WithManager") and name not in OWN_SERVERS or name in OTHER_CLASSES
        if is_test_class(cls) and wanted:
            found.extend(cls(method) for method in unittest.defaultTestLoader.getTestCaseNames(cls))
    if not pools:
        found = [t for t in found if type(t).__name__ not in NEED_POOL]
    if names:
        found = [t for t in found if name_of(t) in names or type(t).__name__ in names]
    return found


def name_of(test):
    return type(test).__name__ + "." + test._testMethodName


def connected(address, key):
    """A manager whose server is somebody else's: starting, stopping and waiting for it do nothing."""

    class Connected(mp.managers.SyncManager):
        def start(self, *args, **kwds):
            pass

        def shutdown(self):
            pass

        def join(self, timeout=None):
            pass

    manager = Connected(address=address, authkey=key)
    manager.connect()
    return manager


def use_server(test, address, key):
    """Points everything by which a test comes to a manager at the server."""
    mp.Manager = lambda: connected(address, key)
    if hasattr(test, "manager_class"):
        type(test).manager_class = staticmethod(mp.Manager)
    if peer.PY2 and hasattr(test, "manager"):
        # There the manager is one object, made without __init__, whose methods are the class's names.
        test.manager.__init__(address=address, authkey=key)
        test.manager.connect()
        if type(test).__name__ in NEED_POOL:
            type(test).pool = test.manager.Pool(4)


def run(test, address, key):
    """Runs one test and gives its outcome and what it says about it."""
    result = unittest.TestResult()
    try:
        use_server(test, address, key)
        unittest.TestSuite([test]).run(result)
        if peer.PY2 and type(test).__name__ in NEED_POOL:
            test.pool.terminate()
    except Exception:
        return "error", traceback.format_exc()
    for outcome, entries in (("error", result.errors), ("fail", result.failures), ("skip", result.skipped)):
        if entries:
            return outcome, entries[0][1]
    if result.unexpectedSuccesses or not result.testsRun:
        return "fail", "an unexpected success, or nothing ran"
    return "ok", ""


class Running(object):
    """One test in its process."""

    def __init__(self, test, folder, address, key, timeout):
        self.name = name_of(test)
        self.base = os.path.join(folder, self.name)
        self.started = time.time()
        self.timeout = timeout
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            self.child(test, address, key)

    def child(self, test, address, key):
        status = 1
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            printed = os.open(self.base + ".out", os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(printed, 1)
            os.dup2(printed, 2)
            if faulthandler:  # so that the report of a timeout says where
                faulthandler.dump_traceback_later(self.timeout * 0.9, file=2)
            outcome = run(test, address, key)
            mp.util._exit_function()  # gives the references back, as the end of a program does
            with io.open(self.base + ".json", "w", encoding="utf-8") as f:
                f.write(peer.text_type(json.dumps(outcome)))
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(status)

    def over(self):
        """The report, once the test has ended or its time has."""
        seconds = time.time() - self.started
        outcome, text = "timeout", ""
        if os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if seconds < self.timeout:
                return None
            self.kill()
            os.waitpid(self.pid, 0)
        else:
            self.kill()  # what the test left behind
            outcome, text = self.outcome()
        text = (self.printed() + text).strip()[-TEXT_LIMIT:] if outcome != "ok" else ""
        return {"test": self.name, "outcome": outcome, "seconds": round(seconds, 2), "text": text}

    def outcome(self):
        try:
            with io.open(self.base + ".json", encoding="utf-8") as f:
                return json.load(f)
        except (IOError, ValueError):
            return "error", "the test's process ended without an outcome"

    def printed(self):
        with io.open(self.base + ".out", encoding="utf-8", errors="replace") as f:
            return f.read()

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except OSError:  # nobody is left
            pass


def run_all(tests, start, workers):
    """Runs the tests, several at once, and says each outcome. Ends early when stdin does."""
    running = []
    try:
        while tests or running:
            while tests and len(running) < workers:
                running.append(start(tests.pop(0)))
            if select.select([sys.stdin], [], [], 0.01)[0] and not sys.stdin.readline():
                sys.exit("the input ended before the tests did")
            for r in list(running):
                report = r.over()
                if report:
                    running.remove(r)
                    peer.answer(report)
    finally:
        for r in running:
            r.kill()


def start_baseline(address, key):
    """Starts CPython's own server in a child process; gives its pid and address."""
    ours, theirs = mp.Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        try:
            server = mp.managers.SyncManager(address=address, authkey=key).get_server()
            theirs.send(server.address)
            server.serve_forever()
        finally:
            os._exit(0)
    theirs.close()
    return pid, ours.recv()


def options():
    p = argparse.ArgumentParser()
    p.add_argument("--key", required=True, help="the authkey in hex")
    p.add_argument("--at", default="tcp 127.0.0.1 0", help="the server's address, as the peers spell it")
    p.add_argument("--baseline", action="store_true", help="start CPython's own server there")
    p.add_argument("--package", default="multiprocessing", help="whose tests, clients and server")
    p.add_argument("--no-pools", action="store_true", help="leave out the tests of Pool")
    p.add_argument("--list", action="store_true")
    p.add_argument("--timeout", type=float, default=60, help="seconds for one test")
    p.add_argument("--workers", type=int, default=4, help="how many tests run at once")
    p.add_argument("--start-method", default="fork")
    p.add_argument("names", nargs="*", metavar="NAME")
    return p.parse_args()


def main():
    o = options()
    # From here on `profile` and the like are the library's modules, not the peers of these names.
    sys.path.append(sys.path.pop(0))
    use_package(o.package)
    load(o.start_method)
    tests = chosen(o.names, not o.no_pools)
    peer.ready()
    if o.list:
        for t in tests:
            peer.answer({"test": name_of(t), "outcome": "skip", "seconds": 0, "text": ""})
        return
    address, key = peer.address_of(o.at.split()), peer.from_hex(o.key)
    mp.current_process().authkey = key
    folder = tempfile.mkdtemp(prefix="mp")
    tempfile.tempdir = os.environ["TMPDIR"] = folder  # what killed tests leave is removed with it
    server = None
    try:
        if o.baseline:
            server, address = start_baseline(address, key)

        def start(test):
            return Running(test, folder, address, key, o.timeout)

        def counts(test):
            return type(test).__name__ in COUNT_OBJECTS

        run_all([t for t in tests if counts(t)], start, 1)
        run_all([t for t in tests if not counts(t)], start, o.workers)
    finally:
        if server:
            os.killpg(server, signal.SIGKILL)
            os.waitpid(server, 0)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":
    load(None if peer.PY2 else mp.get_start_method())
