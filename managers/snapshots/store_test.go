package snapshots_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/managers/snapshots"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// holder is a server with the queue jobs.
type holder struct {
	*server.Server
	jobs *queue.Queue
}

func newHolder(t testing.TB, items ...any) *holder {
	t.Helper()
	s, err := server.New(&server.Options{Authkey: []byte("key")})
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	q, err := s.RegisterQueue("jobs", nil)
	require.NoError(t, err)
	h := &holder{s, q}
	h.put(t, items...)
	return h
}

func (h *holder) put(t testing.TB, items ...any) {
	t.Helper()
	for _, v := range items {
		require.NoError(t, h.jobs.TryPut(v))
	}
}

// held is what is in the queue.
func (h *holder) held(t testing.TB) (out []any) {
	t.Helper()
	for h.jobs.Len() > 0 {
		r, err := h.jobs.TryGet()
		require.NoError(t, err)
		v, err := r.Any()
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}

func open(t testing.TB, path string, o *snapshots.Options) *snapshots.Store {
	t.Helper()
	st, err := snapshots.Open(t.Context(), path, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = st.Close() })
	return st
}

// start is a server that begins with what is at a path.
func start(t testing.TB, path string, o *snapshots.Options) (*snapshots.Store, *holder, snapshots.Found) {
	t.Helper()
	st, h := open(t, path, o), newHolder(t)
	found, err := st.Load(h.Server)
	require.NoError(t, err)
	return st, h, found
}

// stop ends a server in order.
func stop(t testing.TB, st *snapshots.Store, h *holder) {
	t.Helper()
	require.NoError(t, h.Close())
	_, err := st.SaveLast(over(t), h.Server)
	require.NoError(t, err)
	require.NoError(t, st.Close())
}

// over is a context that has ended.
func over(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// refusal is why a server does not start.
func refusal(t testing.TB, path string) error {
	t.Helper()
	st := open(t, path, nil)
	_, err := st.Load(newHolder(t).Server)
	require.Error(t, err)
	require.NoError(t, st.Close())
	return err
}

// names are the files of a folder.
func names(t testing.TB, folder string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range list {
		out = append(out, e.Name())
	}
	return out
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, data, 0o600))
}

func TestAnOrderlyEndIsFoundByTheNextStart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, found := start(t, path, nil)
	assert.Empty(t, found.Path)
	assert.True(t, found.Orderly)
	h.put(t, "a", "b")
	stop(t, st, h)
	_, h, found = start(t, path, nil)
	assert.Equal(t, []any{"a", "b"}, h.held(t))
	assert.True(t, found.Orderly)
	assert.EqualValues(t, 1, found.Info.Generation)
	assert.Equal(t, 2, found.Info.Items)
}

func TestACrashLosesWhatCameAfterTheLastSaveAndIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a", "b")
	_, err := st.Save(h.Server)
	require.NoError(t, err)
	_, err = h.jobs.TryGet()
	require.NoError(t, err)
	h.put(t, "c")
	snapshots.Crash(st)
	for range 2 { // however often it crashes, the copy stays
		st, h, found := start(t, path, nil)
		assert.Equal(t, []any{"a", "b"}, h.held(t))
		assert.False(t, found.Orderly)
		assert.Equal(t, os.Getpid(), found.Before.PID)
		snapshots.Crash(st)
	}
}

func TestACrashBeforeTheFirstSaveIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, _, _ := start(t, path, nil)
	snapshots.Crash(st)
	_, _, found := start(t, path, nil)
	assert.False(t, found.Orderly)
}

func TestAServerThatNeverServedIsNoCrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	unused := func() {
		st, _, found := start(t, path, nil)
		assert.True(t, found.Orderly)
		require.NoError(t, st.Unused())
		require.NoError(t, st.Close())
	}
	unused()
	st, h, found := start(t, path, nil)
	assert.True(t, found.Orderly)
	h.put(t, "a")
	stop(t, st, h)
	unused()
	_, _, found = start(t, path, nil)
	assert.True(t, found.Orderly)
}

func TestASecondServerIsRefusedByTheNameOfTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	_, _, _ = start(t, path, nil)
	_, err := snapshots.Open(t.Context(), path, nil)
	owned := (*snapshots.OwnedError)(nil)
	require.ErrorAs(t, err, &owned)
	assert.Equal(t, os.Getpid(), owned.Owner.PID)
}

func TestASecondServerWaitsForWhatTheFirstSaves(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	next := make(chan error, 1)
	go func() {
		waiting, err := snapshots.Open(context.Background(), path, &snapshots.Options{Wait: time.Minute})
		if err == nil {
			err = waiting.Close()
		}
		next <- err
	}()
	stop(t, st, h)
	require.NoError(t, <-next)
	_, h, _ = start(t, path, nil)
	assert.Equal(t, []any{"a"}, h.held(t))
}

func TestALockFileThatWasTakenAwayGivesNoSecondOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	require.NoError(t, os.Remove(path+".lock"))
	second, _, _ := start(t, path, nil)
	_, err := st.Save(h.Server)
	require.ErrorAs(t, err, new(*snapshots.OwnedError))
	require.NoError(t, second.Close())
	_, err = st.Save(h.Server)
	require.NoError(t, err, "and it owns them again once the other is gone")
}

func TestEveryFaultOfASaveLeavesAWholeGeneration(t *testing.T) {
	var steps []string
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	for _, v := range []string{"a", "b"} {
		h.put(t, v)
		steps = nil
		snapshots.Steps(st, func(name string) error { steps = append(steps, name); return nil })
		_, err := st.Save(h.Server)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"create", "sync", "verify", "rotate", "rename state.previous", "rename state"}, steps)
	h.put(t, "c")
	for _, fault := range steps {
		t.Run(fault, func(t *testing.T) {
			snapshots.Steps(st, func(name string) error {
				if name == fault {
					return errors.New("fault")
				}
				return nil
			})
			_, err := st.Save(h.Server)
			require.ErrorContains(t, err, "fault")
			assert.NoFileExists(t, path+".new")
			info, err := server.CheckSnapshot(bytes.NewReader(read(t, path)))
			require.NoError(t, err)
			assert.Equal(t, 2, info.Items)
			_, err = server.CheckSnapshot(bytes.NewReader(read(t, path+".previous")))
			require.NoError(t, err)
		})
	}
}

func TestADeathAtAnyStepOfASaveLosesNoGeneration(t *testing.T) {
	for _, c := range []struct {
		step string
		want []any
	}{
		{"create", []any{"a"}},
		{"sync", []any{"a", "b"}}, // written whole: what it held when it died
		{"verify", []any{"a", "b"}},
		{"rotate", []any{"a", "b"}}, {"rename state.previous", []any{"a", "b"}},
		{"rename state", []any{"a", "b"}},
	} {
		t.Run(c.step, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "state")
			st, h, _ := start(t, path, nil)
			h.put(t, "a")
			_, err := st.Save(h.Server)
			require.NoError(t, err)
			h.put(t, "b")
			snapshots.Steps(st, func(name string) error {
				if name == c.step {
					copyFiles(t, folder, path+".d")
				}
				return nil
			})
			_, err = st.Save(h.Server)
			require.NoError(t, err)
			left := filepath.Join(path+".d", "state")
			st, h, found := start(t, left, nil)
			assert.Equal(t, c.want, h.held(t))
			assert.False(t, found.Orderly)
			stop(t, st, h)
			assert.NotContains(t, names(t, path+".d"), "state.new")
		})
	}
}

func TestADeathAtAnyByteOfASaveLosesNoGeneration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	stop(t, st, h)
	st, h, _ = start(t, path, nil)
	h.put(t, "b")
	stop(t, st, h)
	written, before := read(t, path), read(t, path+".previous")
	for i := range len(written) {
		folder := t.TempDir()
		path := filepath.Join(folder, "state")
		write(t, path, before)
		write(t, path+".new", written[:i])
		st, h, _ := start(t, path, nil)
		require.Equal(t, []any{"a"}, h.held(t), "%d bytes", i)
		require.NoError(t, st.Close())
	}
}

func TestADeathDuringTheFirstSaveKeepsTheTornFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, _, _ := start(t, path, nil)
	write(t, path+".new", []byte("mpbridge snap"))
	snapshots.Crash(st)
	_, _, found := start(t, path, nil)
	assert.False(t, found.Orderly)
	kept, err := filepath.Glob(path + ".new.aside-*")
	require.NoError(t, err)
	assert.Len(t, kept, 1)
}

// copyFiles copies what a process that dies now leaves behind.
func copyFiles(t testing.TB, from, to string) {
	t.Helper()
	require.NoError(t, os.Mkdir(to, 0o700))
	for _, name := range names(t, from) {
		if info, err := os.Stat(filepath.Join(from, name)); err == nil && info.Mode().IsRegular() {
			write(t, filepath.Join(to, name), read(t, filepath.Join(from, name)))
		}
	}
}

func TestADamagedGenerationIsRefusedByNameAndStays(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state")
	for _, v := range []string{"a", "b"} {
		st, h, _ := start(t, path, nil)
		h.put(t, v)
		stop(t, st, h)
	}
	whole, lock := read(t, path), read(t, path+".lock")
	damages := map[string][]byte{"": {}, "more": append(bytes.Clone(whole), 0)}
	for i := range whole {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		damages["flipped"] = flipped
		damages["cut"] = whole[:i]
		for name, data := range damages {
			write(t, path, data)
			err := refusal(t, path)
			require.ErrorAs(t, err, new(*snapshots.DamagedError), "%s at %d", name, i)
			require.ErrorIs(t, err, server.ErrSnapshot)
			require.Equal(t, data, read(t, path))
		}
	}
	assert.Equal(t, lock, read(t, path+".lock"))
	assert.Len(t, names(t, folder), 3)

	st, h, _ := start(t, path, &snapshots.Options{From: snapshots.Previous})
	assert.Equal(t, []any{"a"}, h.held(t))
	stop(t, st, h)
	assert.Len(t, names(t, folder), 4, "the damaged one is kept under another name")
}

func TestAGenerationThatIsGoneIsMissed(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	stop(t, st, h)
	require.NoError(t, os.Remove(path))
	missing := (*snapshots.MissingError)(nil)
	require.ErrorAs(t, refusal(t, path), &missing)
	assert.EqualValues(t, 1, missing.Generation)
	st, h, found := start(t, path, &snapshots.Options{From: snapshots.Nothing})
	assert.Empty(t, found.Path)
	assert.Empty(t, h.held(t))
	h.put(t, "b")
	stop(t, st, h)
	_, h, found = start(t, path, nil)
	assert.Equal(t, []any{"b"}, h.held(t))
	assert.EqualValues(t, 2, found.Info.Generation, "no number is used twice")
}

func TestToBeginWithNothingKeepsWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state")
	for range 2 {
		st, h, _ := start(t, path, nil)
		h.put(t, "a")
		stop(t, st, h)
	}
	before := read(t, path)
	st, h, _ := start(t, path, &snapshots.Options{From: snapshots.Nothing})
	assert.Empty(t, h.held(t))
	stop(t, st, h)
	kept, err := filepath.Glob(path + ".aside-*")
	require.NoError(t, err)
	require.Len(t, kept, 1)
	assert.Equal(t, before, read(t, kept[0]))
}

func TestAGenerationWithGapsIsFilledFromTheOneBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	for range 2 {
		_, err := st.Save(h.Server)
		require.NoError(t, err)
	}
	write(t, path, gap())
	snapshots.Crash(st)
	st, h, found := start(t, path, nil)
	assert.Equal(t, []string{"jobs"}, found.Filled)
	assert.Equal(t, []any{"a"}, h.held(t))
	h.put(t, "b")
	_, err := st.Save(h.Server)
	require.NoError(t, err)
	info, err := server.CheckSnapshot(bytes.NewReader(read(t, path+".previous")))
	require.NoError(t, err)
	assert.Empty(t, info.Skipped, "one with gaps drives out none without")
}

// gap is a generation that lacks the queue jobs.
func gap() []byte {
	file := []byte("mpbridge snapshot 2\n")
	add := func(kind byte, parts ...string) {
		file = append(file, kind, byte(len(parts)))
		for _, p := range parts {
			file = append(binary.BigEndian.AppendUint64(file, uint64(len(p))), p...)
		}
	}
	add('h', "9", "0", "serving")
	add('s', "jobs", "")
	length, sum := uint64(len(file)), crc32.ChecksumIEEE(file)
	add('e', string(binary.BigEndian.AppendUint64(nil, length)), string(binary.BigEndian.AppendUint32(nil, sum)))
	return file
}

func TestAFolderThatIsGoneIsMadeAnewAtTheEnd(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "d")
	require.NoError(t, os.Mkdir(folder, 0o700))
	path := filepath.Join(folder, "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	require.NoError(t, os.Remove(path+".lock"))
	require.NoError(t, os.Remove(folder))
	stop(t, st, h)
	_, h, found := start(t, path, nil)
	assert.Equal(t, []any{"a"}, h.held(t))
	assert.True(t, found.Orderly)
}

// full fails as a full disk does, at the path and not in the fallback folder.
func full(st *snapshots.Store) {
	n := 0
	snapshots.Steps(st, func(name string) error {
		if name == "create" {
			n++
		}
		if n%2 == 1 {
			return errors.New("full")
		}
		return nil
	})
}

func TestWhatCannotBeSavedIsSavedElsewhereAndFoundThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	o := &snapshots.Options{Fallback: t.TempDir()}
	st, h, _ := start(t, path, o)
	h.put(t, "a")
	_, err := st.Save(h.Server)
	require.NoError(t, err)
	h.put(t, "b")
	full(st)
	stop(t, st, h)
	st, h, found := start(t, path, o)
	assert.Equal(t, []any{"a", "b"}, h.held(t))
	assert.True(t, found.Orderly)
	assert.NotEqual(t, path, found.Path)
	h.put(t, "c")
	stop(t, st, h)
	_, h, found = start(t, path, o)
	assert.Equal(t, []any{"c"}, h.held(t), "and not for ever")
	assert.Equal(t, st.Path(), found.Path)
}

func TestWhatCannotBeSavedIsTriedUntilItCan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	tries := 0
	snapshots.Steps(st, func(name string) error {
		if name == "sync" {
			if tries++; tries < 3 {
				return errors.New("full")
			}
		}
		return nil
	})
	require.NoError(t, h.Close())
	_, err := st.SaveLast(t.Context(), h.Server)
	require.NoError(t, err)
	assert.Equal(t, 3, tries)
}

func TestWhatCannotBeSavedAtAllLeavesTheGenerationBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	_, err := st.Save(h.Server)
	require.NoError(t, err)
	snapshots.Steps(st, func(string) error { return errors.New("full") })
	h.put(t, "b")
	_, err = st.SaveLast(over(t), h.Server)
	require.ErrorAs(t, err, new(*snapshots.SaveError))
	require.NoError(t, st.Close())
	_, h, found := start(t, path, nil)
	assert.Equal(t, []any{"a"}, h.held(t))
	assert.False(t, found.Orderly)
}

func TestWhatAnEarlierVersionLeftIsRead(t *testing.T) {
	old := []byte("mpbridge snapshot 1\n")
	add := func(kind byte, parts ...string) {
		old = append(old, kind, byte(len(parts)))
		for _, p := range parts {
			old = append(binary.BigEndian.AppendUint64(old, uint64(len(p))), p...)
		}
	}
	add('o', "queue 0", "jobs", "")
	add('i', "0", "\x80\x04K\x07.")
	add('e', string(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(old))))
	for name, orderly := range map[string]bool{"state": true, "state.loaded": false} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			write(t, filepath.Join(folder, name), old)
			st, h, found := start(t, filepath.Join(folder, "state"), nil)
			assert.Equal(t, []any{int64(7)}, h.held(t))
			assert.Equal(t, orderly, found.Orderly)
			stop(t, st, h)
			assert.Equal(t, []string{"state", "state.lock", "state.previous"}, names(t, folder))
			assert.Equal(t, old, read(t, filepath.Join(folder, "state.previous")))
		})
	}
}

func TestNothingIsSavedWhereNothingChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	snapshots.SaveIfChanged(st, h.Server)
	first := read(t, path)
	snapshots.SaveIfChanged(st, h.Server)
	assert.Equal(t, first, read(t, path))
	h.put(t, "b")
	snapshots.SaveIfChanged(st, h.Server)
	assert.NotEqual(t, first, read(t, path))
}

func TestAnItemIsSavedUntilItsClientIsKnownToHaveIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	addr, err := h.Listen("127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = h.Serve(t.Context()) }()
	c, err := client.Dial(t.Context(), addr.String(), &client.Options{Authkey: []byte("key")})
	require.NoError(t, err)
	h.put(t, "a")
	_, err = c.Call(t.Context(), "jobs", "get")
	require.NoError(t, err)
	items := func() int {
		snapshots.SaveIfChanged(st, h.Server)
		info, err := server.CheckSnapshot(bytes.NewReader(read(t, path)))
		require.NoError(t, err)
		return info.Items
	}
	require.Equal(t, 1, items())
	require.NoError(t, c.Close()) // which asks nothing
	assert.Eventually(t, func() bool { return items() == 0 }, 20*time.Second, time.Millisecond)
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	_, err := snapshots.Open(t.Context(), folder, nil)
	require.ErrorContains(t, err, "not a regular file")
}

func TestASymbolicLinkStaysOne(t *testing.T) {
	folder, link := t.TempDir(), filepath.Join(t.TempDir(), "state")
	file := filepath.Join(folder, "file")
	st, h, _ := start(t, file, nil)
	h.put(t, "a")
	stop(t, st, h)
	require.NoError(t, os.Symlink(file, link))
	st, h, _ = start(t, link, nil)
	stop(t, st, h)
	_, h, _ = start(t, file, nil)
	assert.Equal(t, []any{"a"}, h.held(t))
}
