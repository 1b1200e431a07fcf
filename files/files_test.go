package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"mpbridge/files"
	"mpbridge/internal/leak"
	"mpbridge/internal/testing/testwait"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }

func logPath(t *testing.T) string { return filepath.Join(t.TempDir(), "log") }

func appender(t *testing.T, path string) *files.Appender {
	t.Helper()
	a, err := files.OpenAppender(path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func follow(t *testing.T, path string, o *files.FollowOptions) *files.Follower {
	t.Helper()
	f, err := files.Follow(path, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func add(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	require.NoError(t, err)
	_, err = f.WriteString(text)
	require.NoError(t, errors.Join(err, f.Close()))
}

func next(t *testing.T, f *files.Follower) string {
	t.Helper()
	record, err := f.Next(testwait.Soon(t))
	require.NoError(t, err)
	return string(record)
}

func TestRecordsAreFollowedAsTheyAreAppended(t *testing.T) {
	path := logPath(t)
	f := follow(t, path, nil) // before there is a file
	a := appender(t, path)
	for _, text := range []string{"one", "", "three", strings.Repeat("x", 200_000)} {
		require.NoError(t, a.Append([]byte(text)))
		assert.Equal(t, text, next(t, f))
	}
}

func TestARecordIsOneLine(t *testing.T) {
	require.ErrorIs(t, appender(t, logPath(t)).Append([]byte("a\nb")), files.ErrNewline)
}

func TestManyAppendersMixNoRecords(t *testing.T) {
	path := logPath(t)
	const writers, each = 4, 100
	var all sync.WaitGroup
	for w := range writers {
		a := appender(t, path)
		all.Go(func() {
			for range each {
				assert.NoError(t, a.Append(bytes.Repeat([]byte{byte('a' + w)}, 5000+w)))
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		require.Equal(t, strings.Repeat(line[:1], 5000+int(line[0]-'a')), line)
	}
}

func TestAnAppenderGoesOnWithTheFileThatHasTheName(t *testing.T) {
	path := logPath(t)
	a := appender(t, path)
	require.NoError(t, a.Append([]byte("old")))
	require.NoError(t, os.Rename(path, path+".1"))
	require.NoError(t, a.Append([]byte("new")))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "new\n", string(text))
}

func TestARotationLosesNothingAndKeepsTheOrder(t *testing.T) {
	path := logPath(t)
	a := appender(t, path)
	f := follow(t, path, nil)
	const count = 2000
	go func() {
		for i := range count {
			if i == count/2 {
				assert.NoError(t, os.Rename(path, path+".1"))
			}
			assert.NoError(t, a.Append(fmt.Append(nil, i)))
		}
	}()
	for i := range count {
		require.Equal(t, fmt.Sprint(i), next(t, f))
	}
}

func TestSeveralRotationsInAMomentLoseNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems do not tell")
	}
	path := logPath(t)
	add(t, path, "0\n")
	f := follow(t, path, nil)
	for i := 1; i < 10; i++ { // as RotatingFileHandler does
		for k := i; k > 1; k-- {
			require.NoError(t, os.Rename(fmt.Sprint(path, ".", k-1), fmt.Sprint(path, ".", k)))
		}
		require.NoError(t, os.Rename(path, path+".1"))
		add(t, path, fmt.Sprintf("%d\n", i))
	}
	for i := range 10 {
		require.Equal(t, fmt.Sprint(i), next(t, f))
	}
	require.NoError(t, os.Rename(path, path+".moved"))
	require.NoError(t, os.Rename(path+".9", filepath.Join(t.TempDir(), "away")))
	add(t, path, "last\n")
	require.Equal(t, "last", next(t, f), "nothing comes twice")
}

func TestWhoWritesToTheOldFileIsHeardForAWhile(t *testing.T) {
	path := logPath(t)
	add(t, path, "1\n")
	f := follow(t, path, &files.FollowOptions{Grace: time.Hour})
	require.Equal(t, "1", next(t, f))
	require.NoError(t, os.Rename(path, path+".1"))
	add(t, path, "new\n")
	require.Equal(t, "new", next(t, f))
	add(t, path+".1", "late\n")
	require.Equal(t, "late", next(t, f))
}

func TestARecordThatNeverEndsIsTornWhenItsFileIsGone(t *testing.T) {
	path := logPath(t)
	add(t, path, "whole\npart")
	f := follow(t, path, &files.FollowOptions{Grace: time.Nanosecond})
	require.Equal(t, "whole", next(t, f))
	require.NoError(t, os.Rename(path, path+".1"))
	add(t, path, "new\n")
	var torn []byte
	records := map[string]bool{}
	for range 2 {
		record, err := f.Next(testwait.Soon(t))
		if errors.Is(err, files.ErrTorn) {
			torn = record
		} else {
			require.NoError(t, err)
			records[string(record)] = true
		}
	}
	assert.Equal(t, "part", string(torn))
	assert.Equal(t, map[string]bool{"new": true}, records)
}

func TestAHalfWrittenRecordWaitsForItsRest(t *testing.T) {
	path := logPath(t)
	f := follow(t, path, nil)
	add(t, path, "half")
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := f.Next(short)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	add(t, path, " and half\n")
	assert.Equal(t, "half and half", next(t, f))
}

func TestAFileThatWasCutIsReadFromItsBeginning(t *testing.T) {
	path := logPath(t)
	add(t, path, "before it was cut\n")
	f := follow(t, path, nil)
	require.Equal(t, "before it was cut", next(t, f))
	require.NoError(t, os.Truncate(path, 0))
	add(t, path, "after\n")
	assert.Equal(t, "after", next(t, f))
}

func TestFollowingFromTheEndLeavesOutWhatIsThere(t *testing.T) {
	path := logPath(t)
	add(t, path, "old\nthe begin")
	f := follow(t, path, &files.FollowOptions{FromEnd: true})
	add(t, path, "ning of this is not known\nnew\n")
	assert.Equal(t, "new", next(t, f))
}

func TestARecordThatIsTooLongIsALimitErrorAndTheNextIsRead(t *testing.T) {
	for _, length := range []int{11, 300_000} {
		path := logPath(t)
		add(t, path, strings.Repeat("x", length)+"\n0123456789\n")
		f := follow(t, path, &files.FollowOptions{MaxRecord: 10})
		_, err := f.Next(testwait.Soon(t))
		var limit *files.LimitError
		require.ErrorAs(t, err, &limit)
		assert.Equal(t, "0123456789", next(t, f))
	}
}

func TestCloseEndsAWait(t *testing.T) {
	f := follow(t, logPath(t), nil)
	ended := make(chan error)
	go func() {
		_, err := f.Next(testwait.Soon(t))
		ended <- err
	}()
	require.NoError(t, f.Close())
	require.ErrorIs(t, <-ended, os.ErrClosed)
	require.ErrorIs(t, f.Close(), files.ErrClosed)

	w, err := files.Watch(logPath(t), nil)
	require.NoError(t, err)
	go func() {
		_, err := w.Next(testwait.Soon(t))
		ended <- err
	}()
	require.NoError(t, w.Close())
	require.ErrorIs(t, <-ended, files.ErrClosed)
}

func TestTheRecordsOfAFileAreIterated(t *testing.T) {
	path := logPath(t)
	add(t, path, "1\n22222\n3\n")
	f := follow(t, path, &files.FollowOptions{MaxRecord: 3})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen []string
	for record, err := range f.All(ctx) {
		if err != nil {
			seen = append(seen, "error")
		} else {
			seen = append(seen, string(record))
		}
		if len(seen) == 3 {
			cancel()
		}
	}
	assert.Equal(t, []string{"1", "error", "3", "error"}, seen, "the last is the context's")
}

func TestReadersOfAReplacedFileSeeOneOrTheOther(t *testing.T) {
	path := logPath(t)
	whole := func(c byte) []byte { return bytes.Repeat([]byte{c}, 100_000) }
	require.NoError(t, files.Replace(path, whole('a'), nil))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200 {
			assert.NoError(t, files.Replace(path, whole(byte('a'+i%2)), nil))
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, whole('a')) || bytes.Equal(data, whole('b')))
	}
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestAReplacedFileHasItsMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no such modes")
	}
	path := logPath(t)
	require.NoError(t, files.Replace(path, nil, &files.ReplaceOptions{Mode: 0o600, Sync: true}))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
}

func TestAFileThatCannotBeReplacedLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder")
	require.NoError(t, os.MkdirAll(filepath.Join(path, "full"), 0o700))
	err := files.Replace(path, []byte("x"), nil)
	require.Error(t, err)
	assert.NotContains(t, err.Error(), path)
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestAWatcherReturnsTheContentsThatThereAre(t *testing.T) {
	path := logPath(t)
	w, err := files.Watch(path, &files.WatchOptions{MaxFile: 5})
	require.NoError(t, err)
	defer w.Close()
	for _, text := range []string{"1", "22", "33", ""} {
		require.NoError(t, files.Replace(path, []byte(text), nil))
		data, err := w.Next(testwait.Soon(t))
		require.NoError(t, err)
		assert.Equal(t, text, string(data))
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = w.Next(short)
	require.ErrorIs(t, err, context.DeadlineExceeded, "nothing changed")
	require.NoError(t, files.Replace(path, []byte("123456"), nil))
	var limit *files.LimitError
	_, err = w.Next(testwait.Soon(t))
	require.ErrorAs(t, err, &limit)
	require.NoError(t, files.Replace(path, []byte("12345"), nil))
	data, err := w.Next(testwait.Soon(t))
	require.NoError(t, err)
	assert.Equal(t, "12345", string(data))
}

func TestOptionsOutOfTheirRangeAreRefused(t *testing.T) {
	path := logPath(t)
	_, append1 := files.OpenAppender(path, &files.AppendOptions{Mode: fs.ModeDir})
	_, follow1 := files.Follow(path, &files.FollowOptions{MaxRecord: -1})
	_, watch1 := files.Watch(path, &files.WatchOptions{MaxFile: -1})
	for _, err := range []error{append1, follow1, watch1, files.Replace(path, nil, &files.ReplaceOptions{Mode: fs.ModeDir})} {
		var option *pickle.OptionError
		assert.ErrorAs(t, err, &option)
	}
	_, err := files.Follow(filepath.Join(path, "none", "log"), nil)
	require.Error(t, err, "its folder has to be there")
}

// In Python the writer is open(path, 'ab', buffering=0).write(b'...\n'), and the reader a loop over readline.
func ExampleFollow() {
	dir, err := os.MkdirTemp("", "log")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "jobs.log")
	log, err := files.OpenAppender(path, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()
	follower, err := files.Follow(path, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer follower.Close()
	_ = log.Append([]byte(`{"job": 1}`))
	_ = os.Rename(path, path+".1") // a rotation
	_ = log.Append([]byte(`{"job": 2}`))
	for range 2 {
		record, err := follower.Next(context.Background())
		fmt.Println(string(record), err)
	}
	// Output:
	// {"job": 1} <nil>
	// {"job": 2} <nil>
}

// In Python: os.replace(temporary, path), and open(path).read().
func ExampleReplace() {
	dir, err := os.MkdirTemp("", "state")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "state.json")
	watcher, err := files.Watch(path, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer watcher.Close()
	fmt.Println(files.Replace(path, []byte(`{"done": 7}`), nil))
	data, err := watcher.Next(context.Background())
	fmt.Println(string(data), err)
	// Output:
	// <nil>
	// {"done": 7} <nil>
}
