package sharedmem_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// trackerLines are as Pythons write them.
var trackerLines = []struct {
	line, command string
	resource      sharedmem.Resource
}{
	{"REGISTER:/mp-x7k2q9ab", "REGISTER", sharedmem.Resource{Type: sharedmem.ResourceSemaphore, Name: "/mp-x7k2q9ab"}},
	{"UNREGISTER:/mp-x7k2q9ab:semaphore", "UNREGISTER",
		sharedmem.Resource{Type: sharedmem.ResourceSemaphore, Name: "/mp-x7k2q9ab"}},
	{"REGISTER:/psm_1a2b3c4d:shared_memory", "REGISTER",
		sharedmem.Resource{Type: sharedmem.ResourceSegment, Name: "/psm_1a2b3c4d"}},
	{"REGISTER:/a:b:shared_memory", "REGISTER", sharedmem.Resource{Type: sharedmem.ResourceSegment, Name: "/a:b"}},
	{"PROBE:0:noop", "PROBE", sharedmem.Resource{Type: "noop", Name: "0"}},
	{`{"cmd":"REGISTER","rtype":"semaphore","base64_name":"L21wLW1rMmkzdHky"}`, "REGISTER",
		sharedmem.Resource{Type: sharedmem.ResourceSemaphore, Name: "/mp-mk2i3ty2"}},
	{`{"cmd": "PROBE", "rtype": "noop"}`, "PROBE", sharedmem.Resource{Type: "noop"}},
}

func TestTheLinesOfEveryPythonAreRead(t *testing.T) {
	for _, want := range trackerLines {
		command, resource, err := sharedmem.ParseTrackerLine([]byte(want.line))
		require.NoError(t, err, want.line)
		assert.Equal(t, want.command, command, want.line)
		assert.Equal(t, want.resource, resource, want.line)
	}
}

// badTrackerLines are what no Python writes.
var badTrackerLines = []string{
	"", "REGISTER", "REGISTER:/x:folder", "FORGET:/x:semaphore", "{", `{"cmd":5}`, `{"cmd":"REGISTER","rtype":"semaphore","base64_name":"!"}`,
	"REGISTER:" + strings.Repeat("x", 512) + ":semaphore", "REGISTER:/a\x00b:semaphore",
	`{"cmd":"REGISTER","rtype":"semaphore","base64_name":"` + base64.URLEncoding.EncodeToString([]byte("a\nb")) + `"}`,
}

func TestWhatIsNoLineForATrackerIsRefused(t *testing.T) {
	for _, line := range badTrackerLines {
		_, _, err := sharedmem.ParseTrackerLine([]byte(line))
		assert.Error(t, err, "%q", line)
	}
}

// FuzzTrackerLine: what is read can be written, and read again, unless a tracker of an older Python could not.
func FuzzTrackerLine(f *testing.F) {
	for _, l := range trackerLines {
		f.Add([]byte(l.line))
	}
	for _, l := range badTrackerLines {
		f.Add([]byte(l))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		command, resource, err := sharedmem.ParseTrackerLine(line)
		if err != nil {
			return
		}
		again, err := sharedmem.FormatTrackerLine(command, resource)
		if err != nil {
			return
		}
		command2, resource2, err := sharedmem.ParseTrackerLine(again[:len(again)-1])
		require.NoError(t, err)
		require.Equal(t, command, command2)
		require.Equal(t, resource, resource2)
	})
}

func newTracker(t *testing.T) *sharedmem.Tracker {
	t.Helper()
	tracker, err := sharedmem.NewTracker()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, tracker.Close()) })
	return tracker
}

// gone counts how often it is unlinked.
type gone struct {
	times int
	err   error
}

func (g *gone) Unlink() error {
	g.times++
	return g.err
}

func TestATrackerUnlinksWhatItWasGivenOnceAllHaveEnded(t *testing.T) {
	tracker := newTracker(t)
	given, taken, absent := new(gone), new(gone), &gone{err: fs.ErrNotExist}
	tracker.Give(given, taken, absent)
	assert.True(t, tracker.Take(taken))
	assert.False(t, tracker.Take(taken))
	require.NoError(t, tracker.Wait(t.Context()))
	require.NoError(t, tracker.Wait(t.Context()))
	require.NoError(t, tracker.Close())
	assert.Equal(t, []int{1, 0, 1}, []int{given.times, taken.times, absent.times})
}

func TestWhatCannotBeUnlinkedIsAnError(t *testing.T) {
	tracker := newTracker(t)
	stuck := &gone{err: errors.New("stuck")}
	tracker.Give(stuck)
	require.ErrorIs(t, tracker.Wait(t.Context()), stuck.err)
}

func TestATrackerListsWhatItsProcessesLeave(t *testing.T) {
	tracker := newTracker(t)
	client := sharedmem.NewTrackerClient(tracker.File())
	for i := range 3 {
		require.NoError(t, client.Register(sharedmem.Resource{Type: sharedmem.ResourceSemaphore, Name: fmt.Sprint("/mp-", i)}))
	}
	require.NoError(t, client.Unregister(sharedmem.Resource{Type: sharedmem.ResourceSemaphore, Name: "/mp-1"}))
	require.NoError(t, tracker.Wait(t.Context()))
	left := tracker.Left()
	slices.SortFunc(left, func(a, b sharedmem.Resource) int { return strings.Compare(a.Name, b.Name) })
	assert.Equal(t, []sharedmem.Resource{
		{Type: sharedmem.ResourceSemaphore, Name: "/mp-0"}, {Type: sharedmem.ResourceSemaphore, Name: "/mp-2"},
	}, left)
}

func TestATrackerGoesOnAfterWhatIsNoLine(t *testing.T) {
	tracker := newTracker(t)
	_, err := tracker.File().WriteString("nonsense\n" + strings.Repeat("x", 5000) + "\nREGISTER:/mp-a:semaphore\nREGISTER:/mp-cut:sema")
	require.NoError(t, err)
	require.NoError(t, tracker.Wait(t.Context()))
	assert.Equal(t, 2, tracker.Lost())
	assert.Equal(t, []sharedmem.Resource{{Type: sharedmem.ResourceSemaphore, Name: "/mp-a"}}, tracker.Left())
}

func TestATrackerRemembersSoManyNamesAndNoMore(t *testing.T) {
	tracker := newTracker(t)
	const most = 1 << 16
	var lines strings.Builder
	for i := range most + 5 {
		fmt.Fprintf(&lines, "REGISTER:/%d:semaphore\n", i)
	}
	_, err := tracker.File().WriteString(lines.String())
	require.NoError(t, err)
	require.NoError(t, tracker.Wait(t.Context()))
	assert.Len(t, tracker.Left(), most)
	assert.Equal(t, 5, tracker.Lost())
}

func TestANameThatATrackerCannotReadIsRefused(t *testing.T) {
	client := sharedmem.NewTrackerClient(newTracker(t).File())
	var wrong *sharedmem.NameError
	for _, name := range []string{"/a:b", "/é", "/a\nb", strings.Repeat("x", 500)} {
		require.ErrorAs(t, client.Register(sharedmem.Resource{Type: sharedmem.ResourceSegment, Name: name}), &wrong, "%q", name)
	}
}

func TestWaitingForATrackerEndsWithItsContext(t *testing.T) {
	tracker := newTracker(t)
	child := duplicate(t, tracker.File())
	given := new(gone)
	tracker.Give(given)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	cancel(why)
	require.ErrorIs(t, tracker.Wait(ctx), why)
	assert.Zero(t, given.times)
	require.NoError(t, child.Close())
	require.NoError(t, tracker.Wait(t.Context()))
	assert.Equal(t, 1, given.times)
}

// duplicate is a descriptor as a child inherits it.
func duplicate(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := unix.Dup(int(f.Fd()))
	require.NoError(t, err)
	return os.NewFile(uintptr(fd), "child")
}
