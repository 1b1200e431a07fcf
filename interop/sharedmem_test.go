//go:build linux

package interop_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"mpbridge/interop"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSegmentsAreSharedWithPython(t *testing.T) {
	withMemory(t,
		memoryTest{"Python uses a segment of Go", pythonUsesASegmentOfGo},
		memoryTest{"Go uses a segment of Python", goUsesASegmentOfPython},
		memoryTest{"Go uses a segment of a SharedMemoryManager", goUsesASegmentOfAManager},
		memoryTest{"the longest name works", theLongestNameWorks},
		memoryTest{"a slash in front does not count", aSlashInFrontIsTheSameSegment},
		memoryTest{"a segment that Python is just making has a size", aSegmentInTheMaking},
		memoryTest{"Go survives a Python that cuts the segment", goSurvivesACut},
	)
}

func pythonUsesASegmentOfGo(t *testing.T, _ interop.Python, m memory) {
	s := newSegment(t, "", 10)
	_, err := s.WriteAt([]byte("from Go"), 0)
	require.NoError(t, err)
	m.do(t, "shm = untracked(SharedMemory("+quoted(s.Name())+"))")
	assert.Equal(t, []any{10., s.Name()}, m.get(t, "", "[shm.size, shm.name]"))
	assert.Equal(t, "from Go\x00\x00\x00", m.text(t, "", "bytes(shm.buf)"))
	m.do(t, "shm.buf[7:10] = b'!!!'")
	p := make([]byte, 10)
	_, err = s.ReadAt(p, 0)
	require.NoError(t, err)
	assert.Equal(t, "from Go!!!", string(p))
	m.do(t, "shm.close()")
}

func goUsesASegmentOfPython(t *testing.T, _ interop.Python, m memory) {
	s := attached(t, m.text(t, "shm = SharedMemory(create=True, size=5000); shm.buf[:2] = b'hi'", "shm.name"))
	assert.Equal(t, 5000, s.Size())
	p := make([]byte, 2)
	_, err := s.ReadAt(p, 0)
	require.NoError(t, err)
	assert.Equal(t, "hi", string(p))
	_, err = s.WriteAt([]byte("from Go"), 4993)
	require.NoError(t, err)
	assert.Equal(t, "from Go", m.text(t, "", "bytes(shm.buf[-7:])"))
	m.do(t, "shm.close(); shm.unlink()")
	require.NoFileExists(t, segmentFile(s.Name()))
}

// aSegmentInTheMaking: Python gives a segment its name before its size.
func aSegmentInTheMaking(t *testing.T, py interop.Python, m memory) {
	name := "mpbridge_making_" + py.Profile.Version.String()
	require.NoError(t, m.Send(map[string]string{"do": `
for i in range(300):
    shm = SharedMemory('` + name + `', True, 100)
    shm.close()
    shm.unlink()
`}))
	answered := make(chan error, 1)
	go func() { answered <- m.Answer(patience, nil) }()
	for {
		s, err := sharedmem.Attach(name, nil)
		if err == nil {
			assert.Equal(t, 100, s.Size())
			require.NoError(t, s.Close())
		} else {
			require.ErrorIs(t, err, fs.ErrNotExist)
		}
		select {
		case err := <-answered:
			require.NoError(t, err)
			return
		default:
		}
	}
}

func theLongestNameWorks(t *testing.T, py interop.Python, m memory) {
	name := "mpbridge_" + py.Profile.Version.String() + strings.Repeat("~", sharedmem.MaxName)
	s := newSegment(t, name[:sharedmem.MaxName], 1)
	m.do(t, "untracked(SharedMemory("+quoted(s.Name())+")).close()")
}

func aSlashInFrontIsTheSameSegment(t *testing.T, _ interop.Python, m memory) {
	s := attached(t, m.text(t, "shm = SharedMemory('/mpbridge_%d' % os.getpid(), True, 1)", "shm.name"))
	assert.Equal(t, "/"+s.Name(), m.text(t, "", "shm.name"))
	m.do(t, "shm.close(); shm.unlink()")
}

// TestWhoDeletesASegmentIsAsDocumented: what becomes of a segment of Go's when a Python that attached has ended.
func TestWhoDeletesASegmentIsAsDocumented(t *testing.T) {
	withMemory(t, memoryTest{"", func(t *testing.T, py interop.Python, m memory) {
		hasTrack := py.Profile.Version.Compare(interop.Version{Major: 3, Minor: 13}) >= 0
		deleted, kept := newSegment(t, "", 1), newSegment(t, "", 1)
		m.do(t, "shm = SharedMemory("+quoted(deleted.Name())+"); shm.close()")
		m.do(t, "shm = untracked(SharedMemory("+quoted(kept.Name())+"))")
		track := "SharedMemory(" + quoted(kept.Name()) + ", track=False)"
		if hasTrack {
			m.do(t, "other = "+track)
		} else {
			assert.Equal(t, "TypeError", m.text(t, "", "raises(lambda: "+track+")"))
		}
		require.NoError(t, m.Stop())
		require.Eventually(t, func() bool {
			_, err := os.Stat(segmentFile(deleted.Name()))
			return os.IsNotExist(err)
		}, patience, 5*time.Millisecond)
		require.FileExists(t, segmentFile(kept.Name()))
	}})
}

func TestAWriterThatIsKilledLeavesGoItsSegment(t *testing.T) {
	withMemory(t, memoryTest{"", func(t *testing.T, _ interop.Python, m memory) {
		s := newSegment(t, "", 1<<20)
		m.do(t, "shm = untracked(SharedMemory("+quoted(s.Name())+"))")
		require.NoError(t, m.Send(map[string]string{"do": "while True: shm.buf[:] = b'x' * len(shm.buf)"}))
		p := make([]byte, 1)
		for p[0] != 'x' {
			_, err := s.ReadAt(p, 1<<20-1)
			require.NoError(t, err)
		}
		require.NoError(t, m.Kill())
		<-m.Exited()
		_, err := s.WriteAt([]byte("y"), 0)
		require.NoError(t, err)
		require.NoError(t, s.Unlink())
	}})
}

func goSurvivesACut(t *testing.T, _ interop.Python, m memory) {
	s := newSegment(t, "", 1<<20)
	require.NoError(t, m.Send(map[string]string{"do": "os.truncate('/dev/shm/' + " + quoted(s.Name()) + ", 0)"}))
	p := make([]byte, 1<<20)
	var err error
	for err == nil {
		_, err = s.ReadAt(p, 0)
	}
	require.ErrorIs(t, err, sharedmem.ErrTruncated)
	require.NoError(t, m.Answer(patience, nil))
}

func goUsesASegmentOfAManager(t *testing.T, _ interop.Python, m memory) {
	s := attached(t, m.text(t, `
manager = SharedMemoryManager()
manager.start()
shm = manager.SharedMemory(3)
shm.buf[:] = b'abc'`, "shm.name"))
	p := make([]byte, 3)
	_, err := s.ReadAt(p, 0)
	require.NoError(t, err)
	assert.Equal(t, "abc", string(p))
	m.do(t, "manager.shutdown()")
	require.NoFileExists(t, segmentFile(s.Name()))
}

// TestPythonsWithATrackerOfGoDeleteNothing: whoever attaches, and however he ends. What Go gave to the tracker is unlinked
// when all have ended.
func TestPythonsWithATrackerOfGoDeleteNothing(t *testing.T) {
	forPythonsFrom(t, interop.Version{Major: 3, Minor: 8}, func(t *testing.T, py interop.Python) {
		tracker, err := sharedmem.NewTracker()
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, tracker.Close()) })
		kept, given := newSegment(t, "", 1), newSegment(t, "", 1)
		tracker.Give(given)
		for _, end := range []func(memory) error{memory.stop, memory.kill} {
			m := startMemory(t, py)
			m.do(t, fmt.Sprintf("resource_tracker._resource_tracker._fd = os.open('/proc/%d/fd/%d', os.O_WRONLY)",
				os.Getpid(), tracker.File().Fd()))
			m.do(t, "a, b = SharedMemory("+quoted(kept.Name())+"), SharedMemory("+quoted(given.Name())+")")
			require.NoError(t, end(m))
		}
		require.NoError(t, tracker.Wait(soon(t)))
		assert.ElementsMatch(t, []sharedmem.Resource{kept.Resource(), given.Resource()}, tracker.Left())
		assert.Zero(t, tracker.Lost())
		require.FileExists(t, segmentFile(kept.Name()))
		require.NoFileExists(t, segmentFile(given.Name()))
	})
}

func (m memory) stop() error { return m.Stop() }

func (m memory) kill() error {
	err := m.Kill()
	<-m.Exited()
	return err
}

// TestPythonsTrackerDeletesWhatGoRegistered, as what a child of its process made.
func TestPythonsTrackerDeletesWhatGoRegistered(t *testing.T) {
	withMemory(t, memoryTest{"", func(t *testing.T, _ interop.Python, m memory) {
		fd := m.get(t, "resource_tracker.ensure_running()", "resource_tracker.getfd()")
		f, err := os.OpenFile(fmt.Sprintf("/proc/%d/fd/%v", m.Pid(), fd), os.O_WRONLY, 0)
		require.NoError(t, err)
		client := sharedmem.NewTrackerClient(f)
		deleted, kept := newSegment(t, "", 1), newSegment(t, "", 1)
		for _, s := range []*sharedmem.SharedMemory{deleted, kept} {
			require.NoError(t, client.Register(s.Resource()))
		}
		require.NoError(t, client.Unregister(kept.Resource()))
		require.NoError(t, f.Close())
		require.NoError(t, m.Stop())
		require.Eventually(t, func() bool {
			_, err := os.Stat(segmentFile(deleted.Name()))
			return os.IsNotExist(err)
		}, patience, 5*time.Millisecond)
		require.FileExists(t, segmentFile(kept.Name()))
	}})
}
