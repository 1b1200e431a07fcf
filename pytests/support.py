"""Which interpreters there are, and what each of them can do: the only place with version gates."""
import functools
import glob
import os
import pathlib
import shutil
import subprocess

import pytest

VERSIONS = ['2.7', '3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15']

MD5_ONLY = VERSIONS[:VERSIONS.index('3.12')]  # what they answer a challenge with


def candidates(version):
    """Where an interpreter may be: MPBRIDGE_PYTHONS, PATH, pyenv, /opt/pythons."""
    name = 'python' + version
    yield from os.environ.get('MPBRIDGE_PYTHONS', '').split(os.pathsep)
    for folder in os.environ.get('PATH', '').split(os.pathsep):
        if os.path.basename(folder) != 'shims':
            yield os.path.join(folder, name)
    home = os.path.expanduser('~')
    yield from sorted(glob.glob('%s/.pyenv/versions/%s.*/bin/python' % (home, version)))
    yield '/opt/pythons/bin/' + name


@functools.lru_cache(None)
def find(version):
    """The path of an interpreter of this version, or None. MPBRIDGE_ONLY, if set, lists all that take part."""
    only = os.environ.get('MPBRIDGE_ONLY', '').split()
    if only and version not in only:
        return None
    for path in candidates(version):
        if not path or not os.access(path, os.X_OK):
            continue
        probe = "import sys, multiprocessing; sys.stdout.write('%d.%d' % sys.version_info[:2])"
        done = subprocess.run([path, '-c', probe], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              timeout=60)
        if done.stdout.decode() == version:
            return path
    return None


def python(version):
    """The path of an interpreter, or the end of the test: a failure where it is required."""
    path = find(version)
    if path is None:
        if version in os.environ.get('MPBRIDGE_REQUIRED', '').split():
            pytest.fail('no Python %s was found, and MPBRIDGE_REQUIRED lists it' % version)
        pytest.skip('no Python %s was found' % version)
    return path


def pypy():
    """The path of PyPy (MPBRIDGE_PYPY, or pypy3 of PATH), or the end of the test as skipped."""
    path = shutil.which(os.environ.get('MPBRIDGE_PYPY') or 'pypy3')
    if path is None:
        pytest.skip('no PyPy was found')
    return path


def packages(version):
    """The folder that `make packages` fills for a version, or the end of the test, as above."""
    root = pathlib.Path(__file__).resolve().parent.parent
    folder = pathlib.Path(os.environ.get('MPBRIDGE_PACKAGES') or root / '.packages') / version
    installed, wanted = folder / 'installed.txt', root / 'interop' / 'packages' / (version + '.txt')
    if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
        if version in os.environ.get('MPBRIDGE_REQUIRED', '').split():
            pytest.fail('the packages for Python %s are not there, and MPBRIDGE_REQUIRED lists it' % version)
        pytest.skip('the packages for Python %s are not there: make packages' % version)
    return folder


def found():
    """All interpreters, oldest first."""
    return [(v, find(v)) for v in VERSIONS if find(v)]


def has_shutdown(path):
    """Whether the queues of an interpreter can be shut down, so that it has queue.ShutDown."""
    return path not in [find(v) for v in VERSIONS[:VERSIONS.index('3.13')]]


def peer_env(key):
    """An environment in which Python behaves the same everywhere."""
    env = {k: v for k, v in os.environ.items() if not k.startswith('PYTHON')}
    env.update(MPBRIDGE_AUTHKEY=key.decode(), PYTHONHASHSEED='0', PYTHONIOENCODING='utf-8',
               PYTHONDONTWRITEBYTECODE='1')
    return env
