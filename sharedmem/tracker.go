package sharedmem

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// Tracker is the resource tracker of Python processes that Go starts. They write to it of each segment that they create or
// attach, and of each semaphore that they create. Python's own tracker unlinks all of these when the last process has
// ended, also what others made and go on using. This one unlinks what it was given, and keeps a list of the rest.
//
//	t, err := sharedmem.NewTracker()
//	cmd.ExtraFiles = []*os.File{t.File()} // tracker_fd=3 of spawn_main
//	t.Give(segment)
//	...
//	err = t.Wait(ctx) // the children have ended, and the segment is unlinked
//
// Its methods may be called from any goroutine.
type Tracker struct {
	read, write *os.File
	done        chan struct{} // closed when the last process has closed its end, or Close was called

	mu    sync.Mutex
	given []Unlinker
	left  map[Resource]struct{}
	lost  int
}

// Unlinker is what a Tracker can be given: a *SharedMemory or an object of package synchronize.
type Unlinker interface{ Unlink() error }

// maxTracked is how many names children can make a Tracker remember.
const maxTracked = 1 << 16

// NewTracker makes a tracker, which ends with Wait or Close.
func NewTracker() (*Tracker, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, &Error{"create tracker", "", cause(err)}
	}
	w.Fd() // makes it block, as children expect
	t := &Tracker{read: r, write: w, done: make(chan struct{}), left: map[Resource]struct{}{}}
	go t.run()
	return t, nil
}

// File is the end that children inherit: tracker_fd of spawn_main, or the attribute _fd of
// multiprocessing.resource_tracker._resource_tracker in a Python that is started otherwise. It is closed by Wait and Close.
func (t *Tracker) File() *os.File { return t.write }

// Give has the tracker unlink what the children leave behind of these, when the last of them has ended.
func (t *Tracker) Give(xs ...Unlinker) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.given = append(t.given, xs...)
}

// Take is the opposite of Give. It tells whether x was given.
func (t *Tracker) Take(x Unlinker) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.Index(t.given, x)
	if i >= 0 {
		t.given = slices.Delete(t.given, i, i+1)
	}
	return i >= 0
}

// Left returns what the children have registered and not taken back, in no order. After Wait, its semaphores are what they
// made and did not remove, for only who makes one registers it. A segment may be somebody else's: all that attach
// register it.
func (t *Tracker) Left() []Resource {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := make([]Resource, 0, len(t.left))
	for r := range t.left {
		left = append(left, r)
	}
	return left
}

// Lost is the number of lines that were no lines for a tracker, or more names than it remembers: 65536.
func (t *Tracker) Lost() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lost
}

// Wait closes this process's copy of the end that children inherit, waits until they have ended, and unlinks what was
// given. The error is the cause of ctx, and nothing is unlinked then; or what Unlink said, but for what is gone already.
// It may be called again.
func (t *Tracker) Wait(ctx context.Context) error {
	_ = t.write.Close()
	select {
	case <-t.done:
		return t.unlink()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close unlinks what was given and ends the tracker, whether children are alive or not. Those that are start one of
// their own.
func (t *Tracker) Close() error {
	_ = t.write.Close()
	_ = t.read.Close()
	<-t.done
	return t.unlink()
}

func (t *Tracker) unlink() error {
	t.mu.Lock()
	given := t.given
	t.given = nil
	t.mu.Unlock()
	var errs []error
	for _, x := range given {
		if err := x.Unlink(); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// run reads what the children write. It ends when nobody can write any more, or Close is called.
func (t *Tracker) run() {
	defer close(t.done)
	defer t.read.Close()
	lines := bufio.NewReaderSize(t.read, MaxTrackerLine)
	for {
		line, err := lines.ReadSlice('\n')
		switch {
		case err == nil:
			t.note(line[:len(line)-1])
		case errors.Is(err, bufio.ErrBufferFull):
			t.tooLong()
			if !skipLine(lines) {
				return
			}
		default:
			return
		}
	}
}

// skipLine reads up to the end of a line. It returns false where there is none.
func skipLine(r *bufio.Reader) bool {
	for {
		if _, err := r.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err == nil
		}
	}
}

func (t *Tracker) tooLong() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost++
}

// note does what a line says.
func (t *Tracker) note(line []byte) {
	var l trackerLine
	err := l.parse(line)
	t.mu.Lock()
	defer t.mu.Unlock()
	_, known := t.left[l.Resource]
	switch {
	case err != nil:
		t.lost++
	case l.command == trackerUnregister:
		delete(t.left, l.Resource)
	case l.command == trackerRegister && !known && len(t.left) >= maxTracked:
		t.lost++
	case l.command == trackerRegister:
		t.left[l.Resource] = struct{}{}
	}
}

// TrackerClient tells the resource tracker of a Python 3.8 or later of what this process makes, as a child of that Python
// does: what is left when all processes of the tree have ended is unlinked. Its methods may be called from any goroutine.
type TrackerClient struct{ w io.Writer }

// NewTrackerClient returns a client of the tracker that reads what is written to w, the descriptor tracker_fd.
func NewTrackerClient(w io.Writer) *TrackerClient { return &TrackerClient{w} }

// Register has the tracker unlink a resource at the end.
func (c *TrackerClient) Register(r Resource) error { return c.tell(trackerRegister, r) }

// Unregister is to be called when the resource was unlinked, or when it is no affair of the tracker's any more. Python
// complains of one that was not registered.
func (c *TrackerClient) Unregister(r Resource) error { return c.tell(trackerUnregister, r) }

func (c *TrackerClient) tell(command string, r Resource) error {
	line, err := trackerLine{command, r}.line()
	if err == nil {
		_, err = c.w.Write(line) // in one piece
	}
	return err
}

// Resource is the segment as a resource tracker knows it.
func (s *SharedMemory) Resource() Resource { return Resource{ResourceSegment, "/" + s.name} }
