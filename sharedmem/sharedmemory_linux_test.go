package sharedmem_test

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mpbridge/internal/leak"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// file is where a segment is.
func file(name string) string { return filepath.Join("/dev/shm", name) }

// create makes a segment that is gone when the test ends.
func create(t *testing.T, size int) *sharedmem.SharedMemory {
	t.Helper()
	s, err := sharedmem.Create("", size, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = s.Unlink()
		assert.NoError(t, s.Close())
	})
	return s
}

func attach(t *testing.T, name string, o *sharedmem.AttachOptions) *sharedmem.SharedMemory {
	t.Helper()
	s, err := sharedmem.Attach(name, o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func read(t *testing.T, s *sharedmem.SharedMemory, off, n int) string {
	t.Helper()
	p := make([]byte, n)
	_, err := s.ReadAt(p, int64(off))
	require.NoError(t, err)
	return string(p)
}

func write(t *testing.T, s *sharedmem.SharedMemory, off int, text string) {
	t.Helper()
	n, err := s.WriteAt([]byte(text), int64(off))
	require.NoError(t, err)
	require.Equal(t, len(text), n)
}

func TestWhoAttachesSeesWhatIsWritten(t *testing.T) {
	s := create(t, 10)
	other := attach(t, s.Name(), nil)
	write(t, s, 2, "hello")
	assert.Equal(t, "\x00\x00hello\x00\x00\x00", read(t, other, 0, 10))
	write(t, other, 9, "!")
	assert.Equal(t, "o\x00\x00!", read(t, s, 6, 4))
}

func TestASegmentHasTheSizeThatWasAskedFor(t *testing.T) {
	for _, size := range []int{1, 10, 4095, 4096, 4097, 1 << 20} {
		s := create(t, size)
		assert.Equal(t, size, s.Size())
		assert.Equal(t, size, attach(t, s.Name(), nil).Size())
		info, err := os.Stat(file(s.Name()))
		require.NoError(t, err)
		assert.EqualValues(t, size, info.Size())
	}
}

func TestANameThatIsMadeUpIsOneOfPythons(t *testing.T) {
	assert.Regexp(t, regexp.MustCompile(`^psm_[0-9a-f]{8}$`), create(t, 1).Name())
}

func TestSlashesInFrontOfANameDoNotCount(t *testing.T) {
	name := create(t, 1).Name()
	for _, slashed := range []string{"/" + name, "//" + name} {
		assert.Equal(t, name, attach(t, slashed, nil).Name())
	}
}

func TestANameThatIsTakenIsRefused(t *testing.T) {
	s := create(t, 1)
	_, err := sharedmem.Create(s.Name(), 1, nil)
	require.ErrorIs(t, err, fs.ErrExist)
	var said *sharedmem.Error
	require.ErrorAs(t, err, &said)
	assert.Equal(t, "create", said.Op)
	assert.Equal(t, s.Name(), said.Name)
}

func TestWhatIsNoNameIsRefused(t *testing.T) {
	for _, name := range []string{"/", ".", "..", "/..", "a/b", "a\x00b", strings.Repeat("n", 256)} {
		var wrong *sharedmem.NameError
		_, err := sharedmem.Create(name, 1, nil)
		require.ErrorAs(t, err, &wrong, "%q", name)
		_, err = sharedmem.Attach(name, nil)
		require.ErrorAs(t, err, &wrong, "%q", name)
		require.ErrorAs(t, sharedmem.Unlink(name), &wrong, "%q", name)
	}
	var wrong *sharedmem.NameError
	_, err := sharedmem.Create(strings.Repeat("n", 255), 1, nil)
	require.ErrorAs(t, err, &wrong, "Python 3.15 could not attach")
	for _, name := range []string{"\xff", "é", "a:b", "a\nb", "\x7f"} {
		_, err := sharedmem.Create(name, 1, nil)
		require.ErrorAs(t, err, &wrong, "%q: not every Python can say it to its resource tracker", name)
	}
}

func TestTheLongestNameWorks(t *testing.T) {
	name := "mpbridge_" + strings.Repeat("n", sharedmem.MaxName-9)
	s, err := sharedmem.Create(name, 1, nil)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Unlink())
}

func TestASizeBelowOneIsRefused(t *testing.T) {
	for _, size := range []int{0, -1, math.MinInt} {
		_, err := sharedmem.Create("", size, nil)
		require.ErrorIs(t, err, sharedmem.ErrRange)
	}
}

func TestMoreMemoryThanThereIsIsRefusedAtOnce(t *testing.T) {
	if strconv.IntSize == 32 {
		t.Skip("an int holds less than there may be")
	}
	_, err := sharedmem.Create("", int(min(int64(math.MaxInt), 1<<50)), nil)
	require.ErrorIs(t, err, unix.ENOSPC)
}

func TestTheMemoryOfASparseSegmentComesLater(t *testing.T) {
	taken := func(o *sharedmem.CreateOptions) int64 {
		s, err := sharedmem.Create("", 1<<20, o)
		require.NoError(t, err)
		defer s.Close()
		defer func() { assert.NoError(t, s.Unlink()) }()
		var info unix.Stat_t
		require.NoError(t, unix.Stat(file(s.Name()), &info))
		return info.Blocks * 512
	}
	assert.Zero(t, taken(&sharedmem.CreateOptions{Sparse: true}))
	assert.EqualValues(t, 1<<20, taken(nil))
}

func TestTheUmaskDoesNotMatter(t *testing.T) {
	old := unix.Umask(0o777)
	s, err := sharedmem.Create("", 1, nil)
	all, err2 := sharedmem.Create("", 1, &sharedmem.CreateOptions{Mode: 0o666})
	unix.Umask(old)
	require.NoError(t, errors.Join(err, err2))
	for segment, mode := range map[*sharedmem.SharedMemory]os.FileMode{s: 0o600, all: 0o666} {
		info, err := os.Stat(file(segment.Name()))
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode())
		require.NoError(t, segment.Unlink())
		require.NoError(t, segment.Close())
	}
}

func TestNobodySeesASegmentWithoutItsSize(t *testing.T) {
	const name = "mpbridge_test_atomic"
	done := make(chan error)
	go func() {
		for range 100 {
			s, err := sharedmem.Create(name, 100, nil)
			if err != nil {
				done <- err
				return
			}
			_ = s.Close()
			if err := s.Unlink(); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		info, err := os.Stat(file(name))
		if err == nil {
			require.EqualValues(t, 100, info.Size())
		}
		select {
		case err := <-done:
			require.NoError(t, err)
			return
		default:
		}
	}
}

func TestWithoutFilesThatHaveNoNameNothingElseChanges(t *testing.T) {
	before := names(t)
	s, err := sharedmem.CreateUnderTemporaryName("", 10)
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, 10, attach(t, s.Name(), nil).Size())
	_, err = sharedmem.CreateUnderTemporaryName(s.Name(), 10)
	require.ErrorIs(t, err, fs.ErrExist)
	require.NoError(t, s.Unlink())
	assert.Subset(t, before, names(t), "of those that begin with a dot")
}

// names lists the temporary names in the folder of segments.
func names(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(file(".psm_*"))
	require.NoError(t, err)
	return names
}

func TestASegmentIsFilledBeforeItHasItsName(t *testing.T) {
	const name = "mpbridge_test_filled"
	s, err := sharedmem.Create(name, 5, &sharedmem.CreateOptions{Fill: func(buf []byte) error {
		assert.NoFileExists(t, file(name))
		copy(buf, "hello")
		return nil
	}})
	require.NoError(t, err)
	defer s.Close()
	assert.Equal(t, "hello", read(t, attach(t, name, nil), 0, 5))
	require.NoError(t, s.Unlink())
}

func TestWhatIsWrittenAsAFileStandsFromTheBeginningOn(t *testing.T) {
	s, err := sharedmem.Create("", 9000, &sharedmem.CreateOptions{Write: func(w io.Writer) error {
		_, err := io.WriteString(w, "hel")
		_, err2 := io.WriteString(w, "lo")
		return errors.Join(err, err2)
	}})
	require.NoError(t, err)
	defer s.Close()
	defer func() { assert.NoError(t, s.Unlink()) }()
	assert.Equal(t, "hello\x00", read(t, s, 0, 6))
	var info unix.Stat_t
	require.NoError(t, unix.Stat(file(s.Name()), &info))
	assert.EqualValues(t, 3*4096, info.Blocks*512, "the rest has its memory, too")
}

func TestMoreThanFitsIsNotWritten(t *testing.T) {
	const name = "mpbridge_test_short"
	_, err := sharedmem.Create(name, 5, &sharedmem.CreateOptions{Write: func(w io.Writer) error {
		n, err := io.WriteString(w, "hello!")
		assert.Equal(t, 5, n)
		return err
	}})
	require.ErrorIs(t, err, io.ErrShortWrite)
	assert.NoFileExists(t, file(name))
}

func TestASegmentThatCannotBeFilledIsNotLeft(t *testing.T) {
	const name = "mpbridge_test_unfilled"
	before := leak.Descriptors()
	_, err := sharedmem.Create(name, 5, &sharedmem.CreateOptions{Fill: func([]byte) error { return io.ErrNoProgress }})
	require.ErrorIs(t, err, io.ErrNoProgress)
	assert.NoFileExists(t, file(name))
	assert.Equal(t, before, leak.Descriptors())
}

// other makes a file in the folder of segments.
func other(t *testing.T, name string, size int64) *os.File {
	t.Helper()
	f, err := os.OpenFile(file(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = f.Close()
		_ = os.Remove(file(name))
	})
	require.NoError(t, f.Truncate(size))
	return f
}

func TestASegmentWithoutASizeIsWaitedFor(t *testing.T) {
	f := other(t, "mpbridge_test_late", 0)
	attached := make(chan error)
	go func() {
		s, err := sharedmem.Attach("mpbridge_test_late", &sharedmem.AttachOptions{SizeTimeout: time.Minute})
		if err == nil {
			err = s.Close()
		}
		attached <- err
	}()
	require.NoError(t, f.Truncate(7))
	require.NoError(t, <-attached)
}

func TestASegmentThatGetsNoSizeIsAnError(t *testing.T) {
	other(t, "mpbridge_test_empty", 0)
	_, err := sharedmem.Attach("mpbridge_test_empty", &sharedmem.AttachOptions{SizeTimeout: -1})
	require.ErrorIs(t, err, sharedmem.ErrEmpty)
	_, err = sharedmem.Attach("mpbridge_test_empty", &sharedmem.AttachOptions{SizeTimeout: time.Millisecond})
	require.ErrorIs(t, err, sharedmem.ErrEmpty)
}

func TestWhatIsNoSegmentIsRefused(t *testing.T) {
	for what, make := range map[string]func(path string) error{
		"folder": func(p string) error { return os.Mkdir(p, 0o700) },
		"link":   func(p string) error { return os.Symlink("/etc/passwd", p) },
		"pipe":   func(p string) error { return unix.Mkfifo(p, 0o600) },
	} {
		name := "mpbridge_test_" + what
		require.NoError(t, make(file(name)))
		for _, o := range []*sharedmem.AttachOptions{nil, {ReadOnly: true}} {
			_, err := sharedmem.Attach(name, o)
			assert.ErrorIs(t, err, sharedmem.ErrForeign, what)
		}
		require.NoError(t, os.Remove(file(name)))
	}
}

func TestASegmentThatIsNotThereIsAnError(t *testing.T) {
	_, err := sharedmem.Attach("mpbridge_test_nowhere", nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.NotContains(t, err.Error(), "/dev", "a peer may see it")
}

// cuts are how another process makes a segment of three pages shorter.
var cuts = map[string]int64{"to nothing": 0, "to a page": 4096, "within a page": 3*4096 - 10}

func TestASegmentThatIsCutUnderOurFeetIsAnError(t *testing.T) {
	for how, left := range cuts {
		s := create(t, 3*4096)
		require.NoError(t, os.Truncate(file(s.Name()), left))
		_, err := s.ReadAt(make([]byte, 3*4096), 0)
		assert.ErrorIs(t, err, sharedmem.ErrTruncated, how)
		_, err = s.WriteAt(make([]byte, 3*4096), 0)
		assert.ErrorIs(t, err, sharedmem.ErrTruncated, how)
		err = s.Access(func(buf []byte) error {
			buf[len(buf)-1]++
			return nil
		})
		assert.ErrorIs(t, err, sharedmem.ErrTruncated, how)
	}
}

func TestAFaultElsewhereIsNotTaken(t *testing.T) {
	s, gone := create(t, 4096), create(t, 4096)
	view, err := gone.View()
	require.NoError(t, err)
	defer view.Release()
	require.NoError(t, os.Truncate(file(gone.Name()), 0))
	assert.Panics(t, func() {
		_ = s.Access(func([]byte) error {
			view.Bytes()[0]++
			return nil
		})
	})
}

func TestAnErrorOfTheCallerIsHandedOn(t *testing.T) {
	s := create(t, 1)
	require.ErrorIs(t, s.Access(func([]byte) error { return io.ErrNoProgress }), io.ErrNoProgress)
}

func TestReadingBehindTheEndIsEOF(t *testing.T) {
	s := create(t, 4)
	write(t, s, 0, "abcd")
	p := make([]byte, 3)
	n, err := s.ReadAt(p, 2)
	assert.Equal(t, io.EOF, err)
	assert.Equal(t, "cd", string(p[:n]))
	_, err = s.ReadAt(p, math.MaxInt64)
	assert.Equal(t, io.EOF, err)
	_, err = s.ReadAt(p, -1)
	assert.ErrorIs(t, err, sharedmem.ErrRange)
}

func TestWhatDoesNotFitIsNotWritten(t *testing.T) {
	s := create(t, 4)
	for _, off := range []int64{2, 5, -1, math.MaxInt64, math.MinInt64} {
		_, err := s.WriteAt([]byte("xyz"), off)
		assert.ErrorIs(t, err, sharedmem.ErrRange, "%d", off)
	}
	assert.Equal(t, "\x00\x00\x00\x00", read(t, s, 0, 4))
}

func TestWhoReadsOnlyCannotWrite(t *testing.T) {
	s := create(t, 4)
	reader := attach(t, s.Name(), &sharedmem.AttachOptions{ReadOnly: true})
	_, err := reader.WriteAt([]byte("x"), 0)
	require.ErrorIs(t, err, sharedmem.ErrReadOnly)
	err = reader.Access(func(buf []byte) error {
		buf[0] = 'x'
		return nil
	})
	require.ErrorIs(t, err, sharedmem.ErrReadOnly)
	write(t, s, 0, "abcd")
	assert.Equal(t, "abcd", read(t, reader, 0, 4))
}

func TestAViewOutlivesClose(t *testing.T) {
	s := create(t, 4)
	view, err := s.View()
	require.NoError(t, err)
	require.NoError(t, s.Close())
	view.Bytes()[3] = 'x'
	other := attach(t, s.Name(), nil)
	assert.Equal(t, "\x00\x00\x00x", read(t, other, 0, 4))
	require.NoError(t, other.Close())
	assert.True(t, mapped(t, s.Name()))
	view.Release()
	view.Release()
	assert.False(t, mapped(t, s.Name()))
}

// mapped tells whether this process maps a segment.
func mapped(t *testing.T, name string) bool {
	t.Helper()
	var info unix.Stat_t
	require.NoError(t, unix.Stat(file(name), &info))
	maps, err := os.ReadFile("/proc/self/maps")
	require.NoError(t, err)
	for line := range strings.Lines(string(maps)) {
		if fields := strings.Fields(line); len(fields) > 4 && fields[4] == strconv.FormatUint(info.Ino, 10) {
			return strings.Contains(line, "/dev/shm/")
		}
	}
	return false
}

func TestWhatIsClosedIsNotUsed(t *testing.T) {
	s := create(t, 4)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close())
	_, err := s.ReadAt(make([]byte, 1), 0)
	assert.ErrorIs(t, err, fs.ErrClosed)
	_, err = s.WriteAt(make([]byte, 1), 0)
	assert.ErrorIs(t, err, fs.ErrClosed)
	_, err = s.View()
	assert.ErrorIs(t, err, fs.ErrClosed)
	assert.ErrorIs(t, s.Access(nil), fs.ErrClosed)
}

func TestUnlinkRemovesTheNameOnce(t *testing.T) {
	for _, closed := range []bool{false, true} {
		s := create(t, 4)
		if closed {
			require.NoError(t, s.Close())
		}
		require.NoError(t, s.Unlink())
		require.NoFileExists(t, file(s.Name()))
		require.ErrorIs(t, s.Unlink(), fs.ErrNotExist)
	}
	s := create(t, 4)
	require.NoError(t, sharedmem.Unlink("/"+s.Name()))
	require.ErrorIs(t, sharedmem.Unlink(s.Name()), fs.ErrNotExist)
}

func TestASegmentThatTookTheNameIsNotUnlinked(t *testing.T) {
	s := create(t, 4)
	require.NoError(t, sharedmem.Unlink(s.Name()))
	other(t, s.Name(), 1)
	for range 2 {
		require.ErrorIs(t, s.Unlink(), sharedmem.ErrReplaced)
		require.FileExists(t, file(s.Name()))
		require.NoError(t, s.Close()) // and then again
	}
}

func TestAPanicInFillLeavesNothing(t *testing.T) {
	const name = "mpbridge_test_panic"
	before := leak.Descriptors()
	assert.Panics(t, func() {
		_, _ = sharedmem.Create(name, 5, &sharedmem.CreateOptions{Fill: func([]byte) error { panic("no") }})
	})
	assert.NoFileExists(t, file(name))
	assert.Equal(t, before, leak.Descriptors())
}

// TestASegmentIsUsedByManyAtOnce, and closed by one of them.
func TestASegmentIsUsedByManyAtOnce(t *testing.T) {
	s := create(t, 8192)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			p := make([]byte, 4096)
			for range 100 {
				_, err := s.ReadAt(p, 0)
				_, err2 := s.WriteAt(p, 4096)
				for _, err := range []error{err, err2} {
					if err != nil {
						assert.ErrorIs(t, err, fs.ErrClosed)
					}
				}
			}
			if i == 0 {
				assert.NoError(t, s.Close())
			}
		})
	}
	all.Wait()
}

// TestACreatorThatIsKilledLeavesNothing: the test runs itself, and is killed while it fills a segment.
func TestACreatorThatIsKilledLeavesNothing(t *testing.T) {
	const name = "mpbridge_test_killed"
	before := folder(t)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envKilled+"="+name)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = out.Read(make([]byte, 1)) // it is filling
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	assert.Empty(t, slices.DeleteFunc(folder(t), func(n string) bool {
		return slices.Contains(before, n) || !strings.Contains(n, "psm_") && n != name
	}))
}

// folder lists the folder of segments.
func folder(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir("/dev/shm")
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
