"""Functions that `mpbridge map` calls, under any Python from 2.7 on."""
import os


def double(x):
    return 2 * x


def same(x):
    return x


def inverse(x):
    return 1.0 / x


def die_at_three(x):
    if x == 3:
        os._exit(9)
    return x


def die_once(path):
    if not os.path.exists(path):
        open(path, 'w').close()
        os._exit(9)
    return 'done'


def speak(text):
    print(text)
    return len(text)


def prefix(_):
    import sys
    return sys.prefix


def spin(path):
    with open(path, 'w') as f:
        f.write(str(os.getpid()))
    while True:
        pass


def note(pid_file):
    """Leaves this worker's number in a folder, and returns it."""
    open(os.path.join(pid_file, str(os.getpid())), 'w').close()
    return os.getpid()


def deaf(pid_file):
    """Hears no signal but SIGKILL, and never ends."""
    import signal
    import time
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, signal.SIG_IGN)
    note(pid_file)
    while True:
        time.sleep(1)


def text_of(size):
    return 'x' * size


def call(*args, **kwargs):
    return [list(args), kwargs]


KEPT = []


def keep(*args):
    KEPT.extend(args)


def kept(_):
    return KEPT


def slow_number(x):
    import time
    time.sleep(x)
    return x
