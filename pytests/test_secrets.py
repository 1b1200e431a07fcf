"""Files of keys are taken only from those who could not have given them to somebody else."""
import os
import pathlib
import subprocess

import pytest

WITHOUT_KEY = {k: v for k, v in os.environ.items() if k != 'MPBRIDGE_AUTHKEY'}


def starts(binary, *flags, env=WITHOUT_KEY):
    """Runs a server that should not start, and gives what it says."""
    done = subprocess.run([binary, 'serve', '--address', '127.0.0.1:0', *flags], env=env, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode in (1, 2) and done.stdout == b'', done
    return done.stderr.decode()


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / 'key'
    path.write_bytes(b'secret key\n')
    path.chmod(0o600)
    return path


@pytest.mark.parametrize('flag', ['--authkey-file', '--keys'])
@pytest.mark.parametrize('mode', [0o666, 0o644, 0o604, 0o660, 0o602])
def test_a_file_that_others_may_read_or_change_is_refused(binary, key_file, flag, mode):
    key_file.chmod(mode)
    text = starts(binary, flag, str(key_file))
    assert 'other users may read or change it: its mode is %04o' % mode in text
    assert 'hint: chmod 600 %s' % key_file in text


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can give files away')
@pytest.mark.parametrize('flag', ['--authkey-file', '--keys'])
def test_a_file_of_another_user_is_refused(binary, key_file, flag):
    os.chown(str(key_file), 65534, -1)
    assert 'it belongs to another user (65534)' in starts(binary, flag, str(key_file))


@pytest.mark.parametrize('flag', ['--authkey-file', '--keys'])
def test_a_pipe_is_refused_at_once(binary, tmp_path, flag):
    os.mkfifo(str(tmp_path / 'pipe'), 0o600)
    assert 'a pipe, and no file' in starts(binary, flag, str(tmp_path / 'pipe'))


def test_a_client_is_as_careful(binary, key_file):
    key_file.chmod(0o644)
    done = subprocess.run([binary, 'ls', '127.0.0.1:1', '--authkey-file', str(key_file)], env=WITHOUT_KEY,
                          timeout=60, stderr=subprocess.PIPE)
    assert b'its mode is 0644' in done.stderr


def test_the_key_of_a_certificate_that_others_may_read_is_refused(binary, key_file):
    key_file.chmod(0o644)
    text = starts(binary, '--address', 'tls://127.0.0.1:0', '--tls-cert', str(key_file), '--tls-key', str(key_file),
                  env=dict(WITHOUT_KEY, MPBRIDGE_AUTHKEY='secret key'))
    assert 'its mode is 0644' in text


def planted(tmp_path):
    """What somebody else put where keys are kept: a link to a folder that others may use."""
    target = tmp_path / 'target'
    target.mkdir()
    target.chmod(0o755)
    (tmp_path / 'mpbridge').symlink_to(target)
    return target


def test_no_key_is_kept_behind_a_link_and_what_it_leads_to_stays_as_it_is(binary, tmp_path):
    target = planted(tmp_path)
    text = starts(binary, env=dict(WITHOUT_KEY, XDG_RUNTIME_DIR=str(tmp_path)))
    assert 'no folder, where a folder for keys should be' in text
    assert target.stat().st_mode & 0o777 == 0o755 and not list(target.iterdir())


def test_no_key_is_kept_in_a_folder_that_others_may_use(binary, tmp_path):
    (tmp_path / 'mpbridge').mkdir()
    (tmp_path / 'mpbridge').chmod(0o777)
    text = starts(binary, env=dict(WITHOUT_KEY, XDG_RUNTIME_DIR=str(tmp_path)))
    assert 'others may use' in text and not list((tmp_path / 'mpbridge').iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can give files away')
def test_no_key_is_kept_in_a_folder_of_another_user_in_the_common_one(binary, tmp_path):
    folder = tmp_path / ('mpbridge-%d' % os.geteuid())
    folder.mkdir(mode=0o700)
    os.chown(str(folder), 65534, -1)
    env = {k: v for k, v in WITHOUT_KEY.items() if k != 'XDG_RUNTIME_DIR'}
    text = starts(binary, env=dict(env, TMPDIR=str(tmp_path)))
    assert 'belongs to another user (65534)' in text
    assert folder.stat().st_uid == 65534 and not list(folder.iterdir())


def test_a_kept_key_that_others_may_read_is_not_used(binary, serve, tmp_path):
    env = dict(WITHOUT_KEY, XDG_RUNTIME_DIR=str(tmp_path))
    server = serve(env=env)
    kept, = pathlib.Path(tmp_path).rglob('*.key')
    kept.chmod(0o644)
    done = subprocess.run([binary, 'ls', server.text], env=env, timeout=60, stderr=subprocess.PIPE)
    assert done.returncode != 0 and b'its mode is 0644' in done.stderr
