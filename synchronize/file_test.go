//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mpbridge/pickle"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// freeName is a name that nobody has, whatever file is made of it going when the test ends.
func freeName(t *testing.T) (name, path string) {
	t.Helper()
	s := made(t, 1, 1, nil)
	require.NoError(t, s.Unlink())
	t.Cleanup(func() { _ = os.RemoveAll(file(s)) })
	return s.Name(), file(s)
}

func TestWhatIsNoSemaphoreOfGlibcIsRefused(t *testing.T) {
	whole := make([]byte, 32)
	whole[8] = 0x80
	with := func(at int, value byte) []byte {
		b := slices.Clone(whole)
		b[at] = value
		return b
	}
	for what, content := range map[string][]byte{
		"it has 0 bytes":                         {},
		"it has 16 bytes":                        whole[:16],
		"it has 31 bytes":                        whole[:31],
		"it has 4096 bytes":                      make([]byte, 4096),
		"not marked as shared between processes": with(8, 0),
		"its value is out of range":              with(3, 0x80),
		"the layout of glibc before 2.21":        append([]byte{1, 0, 0, 0, 0x80}, make([]byte, 27)...),
	} {
		t.Run(what, func(t *testing.T) {
			name, path := freeName(t)
			require.NoError(t, os.WriteFile(path, content, 0o600))
			_, err := synchronize.Open(name, 1, nil)
			var format *synchronize.FormatError
			require.ErrorAs(t, err, &format)
			assert.Equal(t, name, format.Name)
			assert.Contains(t, err.Error(), what)
		})
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	for what, put := range map[string]func(path string) error{
		"a fifo":    func(path string) error { return unix.Mkfifo(path, 0o600) },
		"a folder":  func(path string) error { return os.Mkdir(path, 0o700) },
		"a symlink": func(path string) error { return os.Symlink("/dev/null", path) },
	} {
		t.Run(what, func(t *testing.T) {
			name, path := freeName(t)
			require.NoError(t, put(path))
			_, err := synchronize.Open(name, 1, nil)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "/dev/shm")
		})
	}
}

func TestANameThatNobodyHasDoesNotExist(t *testing.T) {
	name, _ := freeName(t)
	_, err := synchronize.Open(name, 1, nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorIs(t, synchronize.Unlink(name), fs.ErrNotExist)
}

func TestASemaphoreOfMuslIsRefusedByThatName(t *testing.T) {
	name, _ := freeName(t)
	path := filepath.Join("/dev/shm", name[1:])
	require.NoError(t, os.WriteFile(path, make([]byte, 32), 0o600))
	t.Cleanup(func() { _ = os.Remove(path) })
	_, err := synchronize.Open(name, 1, nil)
	require.ErrorIs(t, err, synchronize.ErrMusl)
}

func TestAProcessOfGlibcPassesForAPeer(t *testing.T) {
	require.NoError(t, synchronize.CheckPeer(os.Getpid()))
	require.ErrorIs(t, synchronize.CheckPeer(1<<22+1), fs.ErrNotExist)
}

func TestANameIsTakenOnce(t *testing.T) {
	s := made(t, 1, 1, nil)
	_, err := synchronize.Create(1, 1, &synchronize.Options{Name: s.Name()})
	require.ErrorIs(t, err, fs.ErrExist)
	assert.True(t, s.TryAcquire())
}

func TestNamesThatNoSemaphoreCanHaveAreRefused(t *testing.T) {
	for _, name := range []string{"/", "//", "/a/b", "/../x", "/a\x00b", "/" + strings.Repeat("x", 252)} {
		_, err := synchronize.Create(1, 1, &synchronize.Options{Name: name})
		require.ErrorIs(t, err, synchronize.ErrName, "%q", name)
		_, err = synchronize.Open(name, 1, nil)
		require.ErrorIs(t, err, synchronize.ErrName, "%q", name)
		require.ErrorIs(t, synchronize.Unlink(name), synchronize.ErrName, "%q", name)
	}
	_, err := synchronize.Open("", 1, nil)
	require.ErrorIs(t, err, synchronize.ErrName)
}

func TestANameIsTheSameWithAnyNumberOfSlashesInFront(t *testing.T) {
	s := made(t, 1, 1, nil)
	for _, name := range []string{s.Name()[1:], "//" + s.Name()} {
		other, err := synchronize.Open(name, 1, nil)
		require.NoError(t, err)
		assert.Equal(t, s.Name(), other.Name())
		require.NoError(t, other.Close())
	}
}

func TestTheLongestNameWorks(t *testing.T) {
	name := "/" + fmt.Sprintf("mpbridge-test-%d-", os.Getpid())
	name += strings.Repeat("x", 252-len(name))
	s := made(t, 1, 1, &synchronize.Options{Name: name})
	other, err := synchronize.Open(name, 1, nil)
	require.NoError(t, err)
	require.NoError(t, other.Close())
	assert.True(t, s.TryAcquire())
}

func TestTheModeIsWhatWasAskedForWhateverTheUmask(t *testing.T) {
	old := unix.Umask(0o777)
	defer unix.Umask(old)
	for _, o := range []*synchronize.Options{nil, {Mode: 0o666}} {
		info, err := os.Stat(file(made(t, 1, 1, o)))
		require.NoError(t, err)
		want := fs.FileMode(0o600)
		if o != nil {
			want = o.Mode
		}
		assert.Equal(t, want, info.Mode())
	}
}

func TestOptionsOutOfTheirRangeAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		value, limit int
		o            *synchronize.Options
	}{
		"value":    {-1, 1, nil},
		"value ":   {2, 1, nil},
		"limit":    {0, 0, nil},
		"limit ":   {0, -1, nil},
		"Spin":     {0, 1, &synchronize.Options{Spin: 2 * time.Second}},
		"Spin ":    {0, 1, &synchronize.Options{Spin: -1}},
		"Patience": {0, 1, &synchronize.Options{Patience: -1}},
		"Mode":     {0, 1, &synchronize.Options{Mode: fs.ModeSetuid | 0o600}},
	} {
		var option *pickle.OptionError
		_, err := synchronize.Create(c.value, c.limit, c.o)
		require.ErrorAs(t, err, &option, name)
		assert.Equal(t, strings.TrimSpace(name), option.Option)
		_, err = synchronize.Place(make([]byte, 64), c.value, c.limit, c.o)
		require.ErrorAs(t, err, &option, name)
	}
}

func TestASemaphoreThatIsCutIsAnErrorAndNoFault(t *testing.T) {
	s := made(t, 1, 1, nil)
	require.NoError(t, os.Truncate(file(s), 0))
	require.ErrorIs(t, s.Acquire(context.Background()), synchronize.ErrFault)
	require.ErrorIs(t, s.Release(), synchronize.ErrFault)
	assert.False(t, s.TryAcquire())
	assert.Zero(t, s.Value())
}

func TestASemaphoreThatIsCutEndsTheWait(t *testing.T) {
	s := made(t, 0, 1, nil)
	ended := make(chan error)
	go func() { ended <- s.Acquire(context.Background()) }()
	sleepers(t, s, 1)
	require.NoError(t, os.Truncate(file(s), 0))
	require.ErrorIs(t, <-ended, synchronize.ErrFault)
}

func TestNothingOfASemaphoreStaysAfterUnlink(t *testing.T) {
	s := made(t, 1, 1, nil)
	require.NoError(t, s.Unlink())
	_, err := os.Stat(file(s))
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.True(t, s.TryAcquire(), "those who have it go on")
}

func TestASemaphoreIsMadeWhereFilesNeedANameFromTheBeginning(t *testing.T) {
	name, path := freeName(t)
	before := strange(t)
	require.NoError(t, synchronize.MakeByLink(filepath.Base(path), 1))
	require.ErrorIs(t, synchronize.MakeByLink(filepath.Base(path), 1), fs.ErrExist)
	assert.Equal(t, before, strange(t))
	s, err := synchronize.Open(name, 1, nil)
	require.NoError(t, err)
	defer s.Close()
	assert.True(t, s.TryAcquire())
}

// strange are the files in /dev/shm that are named as temporary ones are.
func strange(t *testing.T) (names []string) {
	t.Helper()
	names, err := filepath.Glob("/dev/shm/sem.mpbridge-*.new")
	require.NoError(t, err)
	return names
}

func TestAWaitEndsWhereTheKernelKnowsOneWordAtATime(t *testing.T) {
	synchronize.WithoutWaitv(t)
	s := made(t, 0, 1, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Acquire(ctx) }()
	sleepers(t, s, 1)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	go func() { ended <- s.Acquire(context.Background()) }()
	sleepers(t, s, 1)
	require.NoError(t, s.Release())
	require.NoError(t, <-ended)
}
