//go:build unix

package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"mpbridge/internal/secret"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const limit = 100

// nobody is a user that is not this one; only root can give files to it.
const nobody = 65534

func file(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(t, os.Chmod(path, mode))
	return path
}

// given hands a file, or a link, to nobody.
func given(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	require.NoError(t, os.Lchown(path, nobody, -1))
}

// refused is the error that a path is refused with.
func refused(t *testing.T, path string) *secret.Error {
	t.Helper()
	_, err := secret.Read(path, limit)
	unfit := (*secret.Error)(nil)
	require.ErrorAs(t, err, &unfit)
	assert.NotEmpty(t, unfit.Remedy)
	assert.NotContains(t, err.Error(), "hush")
	return unfit
}

func TestWhoMayReadOrChangeASecret(t *testing.T) {
	path := file(t, "hush", 0o600)
	for mode := os.FileMode(0o400); mode <= 0o777; mode++ {
		require.NoError(t, os.Chmod(path, mode))
		got, err := secret.Read(path, limit)
		if mode&0o027 != 0 {
			require.ErrorContains(t, err, "its mode is", "%04o", mode)
		} else if mode&0o400 != 0 {
			require.NoError(t, err, "%04o", mode)
			assert.Equal(t, "hush", string(got))
		}
	}
}

func TestASecretOfAnotherUserIsRefused(t *testing.T) {
	path := file(t, "hush", 0o600)
	given(t, path)
	assert.Contains(t, refused(t, path).Problem, "belongs to another user (65534)")
}

func TestALinkOfOnesOwnIsFollowed(t *testing.T) {
	path := file(t, "hush", 0o600)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	relative := filepath.Join(filepath.Dir(link), "relative")
	require.NoError(t, os.Symlink("link", relative))
	got, err := secret.Read(relative, limit)
	require.NoError(t, err)
	assert.Equal(t, "hush", string(got))
}

func TestALinkOfAnotherUserIsRefused(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(file(t, "hush", 0o600), link))
	given(t, link)
	assert.Contains(t, refused(t, link).Problem, "a symbolic link of another user")
}

func TestWhatALinkLeadsToIsCheckedToo(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(file(t, "hush", 0o644), link))
	assert.Contains(t, refused(t, link).Problem, "its mode is 0644")
}

func TestLinksInACircleEnd(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(link, link))
	assert.Contains(t, refused(t, link).Problem, "too many symbolic links")
}

func TestAPipeIsRefusedAndNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	assert.Contains(t, refused(t, path).Problem, "a pipe")
}

func TestTheRemedyForAPipeHoldsForWhatIsNoAuthkey(t *testing.T) { // as a certificate, which has no descriptor's flag
	path := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(path, 0o600))
	_, err := secret.ReadPublic(path, limit)
	unfit := (*secret.Error)(nil)
	require.ErrorAs(t, err, &unfit)
	assert.Contains(t, unfit.Remedy, "name a regular file")
}

func TestAPipeBehindALinkIsRefused(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	fifo := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	require.NoError(t, os.Symlink(fifo, link))
	assert.Contains(t, refused(t, link).Problem, "a pipe")
}

func TestFoldersAndDevicesAreRefused(t *testing.T) {
	assert.Contains(t, refused(t, t.TempDir()).Problem, "a folder")
	assert.Contains(t, refused(t, "/dev/null").Problem, "no regular file")
}

func TestALongFileIsRefused(t *testing.T) {
	assert.Contains(t, refused(t, file(t, string(make([]byte, limit+1)), 0o600)).Problem, "longer than 100 bytes")
}

func TestWhatIsPublicMayBeReadByAllAndChangedByFew(t *testing.T) {
	path := file(t, "certificate", 0o664)
	got, err := secret.ReadPublic(path, limit)
	require.NoError(t, err)
	assert.Equal(t, "certificate", string(got))
	require.NoError(t, os.Chmod(path, 0o666))
	_, err = secret.ReadPublic(path, limit)
	require.ErrorContains(t, err, "everybody may change it")
}

// swapped does something again and again until the test ends.
func swapped(t *testing.T, once func()) {
	t.Helper()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				once()
			}
		}
	})
	t.Cleanup(func() { close(stop); wg.Wait() })
}

func TestAFileThatIsSwappedMeanwhileIsReadOnlyIfItIsFit(t *testing.T) {
	dir := t.TempDir()
	temp, path := filepath.Join(dir, "temp"), filepath.Join(dir, "path")
	swapped(t, func() {
		for text, mode := range map[string]os.FileMode{"good": 0o600, "bad": 0o666} {
			_ = os.WriteFile(temp, []byte(text), 0o600)
			_ = os.Chmod(temp, mode)
			_ = os.Rename(temp, path)
		}
	})
	good, bad := 0, 0
	for end := time.Now().Add(time.Minute); good < 20 || bad < 20; {
		require.True(t, time.Now().Before(end), "%d good, %d bad", good, bad)
		got, err := secret.Read(path, limit)
		unfit := (*secret.Error)(nil)
		switch {
		case err == nil:
			good++
			require.Equal(t, "good", string(got))
		case errors.As(err, &unfit):
			bad++
		}
	}
}

func TestWhatIsSavedIsFound(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a", "b")
	require.NoError(t, secret.Save(folder, "key", []byte("one")))
	require.NoError(t, secret.Save(folder, "key", []byte("two")))
	got, err := secret.Kept(folder, "key", limit)
	require.NoError(t, err)
	assert.Equal(t, "two", string(got))
	info, err := os.Stat(folder)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	names, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, names, 1, "nothing is left over")
}

func TestWhatWasNotSavedIsNotThere(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	_, err := secret.Kept(folder, "key", limit)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, secret.Save(folder, "other", nil))
	_, err = secret.Kept(folder, "key", limit)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// untouched saves into a folder that is not fit, and checks that it stays as it is.
func untouched(t *testing.T, folder, problem string) {
	t.Helper()
	before, err := os.Stat(folder)
	require.NoError(t, err)
	unfit := (*secret.Error)(nil)
	require.ErrorAs(t, secret.Save(folder, "key", []byte("hush")), &unfit)
	assert.Contains(t, unfit.Problem, problem)
	_, err = secret.Kept(folder, "key", limit)
	require.ErrorAs(t, err, &unfit)
	after, err := os.Stat(folder)
	require.NoError(t, err)
	assert.Equal(t, before.Mode(), after.Mode())
	names, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, names)
}

func TestAFolderThatOthersMayUseIsRefused(t *testing.T) {
	folder := t.TempDir()
	for _, mode := range []os.FileMode{0o777, 0o755, 0o710, 0o701, 0o1777} {
		require.NoError(t, os.Chmod(folder, mode))
		untouched(t, folder, "others may use")
	}
}

func TestAFolderOfAnotherUserIsRefused(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o700))
	given(t, folder)
	untouched(t, folder, "belongs to another user (65534)")
}

func TestALinkInTheFoldersPlaceIsRefusedAndItsTargetLeft(t *testing.T) {
	target, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Chmod(target, 0o755))
	require.NoError(t, os.Symlink(target, link))
	untouched(t, link, "no folder")
}

func TestAFileInTheFoldersPlaceIsRefused(t *testing.T) {
	unfit := (*secret.Error)(nil)
	require.ErrorAs(t, secret.Save(file(t, "", 0o600), "key", nil), &unfit)
	assert.Contains(t, unfit.Problem, "no folder")
}

func TestAKeptSecretThatSaveWouldNotHaveMadeIsRefused(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o700))
	at := func(name string) string { return filepath.Join(folder, name) }
	require.NoError(t, os.Symlink(file(t, "hush", 0o600), at("link")))
	require.NoError(t, syscall.Mkfifo(at("pipe"), 0o600))
	require.NoError(t, os.Mkdir(at("folder"), 0o700))
	require.NoError(t, os.WriteFile(at("open"), []byte("hush"), 0o640))
	for name, problem := range map[string]string{
		"link": "a symbolic link", "pipe": "a pipe", "folder": "a folder", "open": "its mode is 0640",
	} {
		_, err := secret.Kept(folder, name, limit)
		unfit := (*secret.Error)(nil)
		require.ErrorAs(t, err, &unfit, name)
		assert.Contains(t, unfit.Problem, problem, name)
	}
}

func TestAKeptSecretOfAnotherUserIsRefused(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	require.NoError(t, secret.Save(folder, "key", []byte("hush")))
	given(t, filepath.Join(folder, "key"))
	_, err := secret.Kept(folder, "key", limit)
	require.ErrorContains(t, err, "belongs to another user")
}

func TestSavingReplacesALinkAndNotItsTarget(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Chmod(folder, 0o700))
	target := file(t, "precious", 0o600)
	require.NoError(t, os.Symlink(target, filepath.Join(folder, "key")))
	require.NoError(t, secret.Save(folder, "key", []byte("hush")))
	text, err := os.ReadFile(target)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(text))
	got, err := secret.Kept(folder, "key", limit)
	require.NoError(t, err)
	assert.Equal(t, "hush", string(got))
}

func TestAFolderThatIsSwappedMeanwhileIsUsedOnlyIfItIsFit(t *testing.T) {
	dir := t.TempDir()
	path, good, bad := filepath.Join(dir, "path"), filepath.Join(dir, "good"), filepath.Join(dir, "bad")
	require.NoError(t, os.Mkdir(bad, 0o777))
	require.NoError(t, os.Chmod(bad, 0o777))
	require.NoError(t, secret.Save(path, "key", []byte("good")))
	require.NoError(t, os.WriteFile(filepath.Join(bad, "key"), []byte("bad"), 0o600))
	swapped(t, func() {
		_ = os.Rename(path, good)
		_ = os.Rename(bad, path)
		_ = os.Rename(path, bad)
		_ = os.Rename(good, path)
	})
	end := time.Now().Add(time.Minute)
	for found := 0; found < 50; {
		require.True(t, time.Now().Before(end), "%d found", found)
		got, err := secret.Kept(path, "key", limit)
		if err == nil {
			found++
			require.Equal(t, "good", string(got))
		}
	}
}
