package server

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"mpbridge/managers"
)

// segments are the shared memory segments that SharedMemoryManager's clients made and left to the
// server to remove: _SharedMemoryTracker in Lib/multiprocessing/managers.py. The server never opens
// one.
type segments struct {
	mu    sync.Mutex
	names []string
}

// segmentDir is where Linux shows POSIX shared memory: shm_overview(7).
const segmentDir = "/dev/shm"

// maxSegments bounds how many names clients can make the server remember.
const maxSegments = 1 << 16

func (s *segments) track(name string) error {
	if err := checkSegment(name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) >= maxSegments {
		return &LimitError{"shared memory segments", maxSegments}
	}
	s.names = append(s.names, name)
	return nil
}

// checkSegment refuses what is no name of a segment: it is going to be part of a path.
func checkSegment(name string) error {
	name = strings.TrimPrefix(name, "/")
	if name == "" || name == "." || name == ".." || len(name) > 255 || strings.ContainsAny(name, "/\x00") {
		return managers.ErrValueError.New("not a name of a shared memory segment")
	}
	return nil
}

// release removes a segment that is tracked.
func (s *segments) release(name string) error {
	s.mu.Lock()
	i := slices.Index(s.names, name)
	if i >= 0 {
		s.names = slices.Delete(s.names, i, i+1)
	}
	s.mu.Unlock()
	if i < 0 {
		return managers.ErrValueError.New("list.remove(x): x not in list")
	}
	return unlinkSegment(name)
}

func (s *segments) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.names)
}

// close removes all that are tracked.
func (s *segments) close() {
	s.mu.Lock()
	names := s.names
	s.names = nil
	s.mu.Unlock()
	for _, name := range names {
		_ = unlinkSegment(name)
	}
}

var errSegments = fmt.Errorf("managers: shared memory is not removed on %s", runtime.GOOS)

// unlinkSegment is shm_unlink(3).
func unlinkSegment(name string) error {
	if runtime.GOOS != "linux" {
		return errSegments
	}
	err := os.Remove(filepath.Join(segmentDir, strings.TrimPrefix(name, "/")))
	if os.IsNotExist(err) {
		return managers.ErrFileNotFound.New(int64(2), "No such file or directory", "/"+strings.TrimPrefix(name, "/"))
	} else if err != nil {
		return managers.ErrValueError.New("the segment cannot be removed")
	}
	return nil
}
