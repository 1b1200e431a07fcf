package interop_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"mpbridge/files"
	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logPeer is a Python, and a file that it and Go read and write.
type logPeer struct {
	*interop.Peer
	path string
}

// TestFilesBetweenPythonAndGo runs the tests below with one process of each Python, and kills it at the end.
func TestFilesBetweenPythonAndGo(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := startPeer(t, py, "logs.py")
		for name, test := range map[string]func(*testing.T, logPeer){
			"records of both in one file do not mix":              logOfBoth,
			"a log that Python rotates is followed without a gap": logRotatedByPython,
			"Python follows what Go appends":                      logFollowedByPython,
			"Python goes on with the file that Go rotated in":     logRotatedByGo,
			"Python reads what Go replaces, whole":                fileReplacedByGo,
			"Go reads what Python replaces, whole":                fileReplacedByPython,
		} {
			t.Run(name, func(t *testing.T) { test(t, logPeer{peer, filepath.Join(t.TempDir(), "file")}) })
		}
		t.Run("a Python that is killed while it appends leaves whole records", func(t *testing.T) {
			logOfTheDead(t, logPeer{peer, filepath.Join(t.TempDir(), "file")})
		})
	})
}

func (p logPeer) request(op string, more map[string]any) map[string]any {
	request := map[string]any{"op": op, "path": p.path}
	for k, v := range more {
		request[k] = v
	}
	return request
}

type logReply struct {
	Lines     []string
	Good, Bad int
	Error     string
}

func (p logPeer) asks(t *testing.T, op string, more map[string]any) logReply {
	t.Helper()
	require.NoError(t, p.Send(p.request(op, more)))
	return p.answers(t)
}

func (p logPeer) answers(t *testing.T) (reply logReply) {
	t.Helper()
	require.NoError(t, p.Answer(patience, &reply))
	require.Empty(t, reply.Error)
	return reply
}

func (p logPeer) appender(t *testing.T) *files.Appender {
	t.Helper()
	a, err := files.OpenAppender(p.path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func (p logPeer) follow(t *testing.T) *files.Follower {
	t.Helper()
	f, err := files.Follow(p.path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func logOfBoth(t *testing.T, peer logPeer) {
	const each, size = 30, 70_000
	a, f := peer.appender(t), peer.follow(t)
	require.NoError(t, peer.Send(peer.request("append", map[string]any{"count": each, "size": size})))
	for range each {
		require.NoError(t, a.Append(bytes.Repeat([]byte("y"), size)))
	}
	peer.answers(t)
	count := map[byte]int{}
	for range 2 * each {
		record, err := f.Next(soon(t))
		require.NoError(t, err)
		require.True(t, bytes.Equal(record, bytes.Repeat(record[:1], size)))
		count[record[0]]++
	}
	assert.Equal(t, map[byte]int{'x': each, 'y': each}, count)
}

func logRotatedByPython(t *testing.T, peer logPeer) {
	const count = 1000
	require.NoError(t, os.WriteFile(peer.path, nil, 0o600)) // so that Go has the first file before Python is done with it
	f := peer.follow(t)
	require.NoError(t, peer.Send(peer.request("rotate", map[string]any{"count": count})))
	for i := range count {
		record, err := f.Next(soon(t))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(i), string(record))
	}
	peer.answers(t)
	_, err := os.Stat(peer.path + ".1")
	require.NoError(t, err, "it was rotated")
}

func logFollowedByPython(t *testing.T, peer logPeer) {
	a := peer.appender(t)
	require.NoError(t, peer.Send(peer.request("follow", map[string]any{"count": 100})))
	var want []string
	for i := range 100 {
		require.NoError(t, a.Append(fmt.Append(nil, i)))
		want = append(want, fmt.Sprintf("%d\n", i))
	}
	assert.Equal(t, want, peer.answers(t).Lines)
}

func logRotatedByGo(t *testing.T, peer logPeer) {
	peer.asks(t, "watched", map[string]any{"lines": []string{"1", "2"}})
	f := peer.follow(t)
	require.NoError(t, os.Rename(peer.path, peer.path+".1"))
	peer.asks(t, "watched", map[string]any{"lines": []string{"3"}})
	for _, want := range []string{"1", "2", "3"} {
		record, err := f.Next(soon(t))
		require.NoError(t, err)
		assert.Equal(t, want, string(record))
	}
}

func fileReplacedByGo(t *testing.T, peer logPeer) {
	const size = 100_000
	require.NoError(t, files.Replace(peer.path, bytes.Repeat([]byte("a"), size), nil))
	require.NoError(t, peer.Send(peer.request("read", map[string]any{"size": size})))
	for i := range 100 {
		require.NoError(t, files.Replace(peer.path, bytes.Repeat([]byte{byte('a' + i%26)}, size), nil))
	}
	require.NoError(t, files.Replace(peer.path, []byte("end"), nil))
	assert.Zero(t, peer.answers(t).Bad)
}

func fileReplacedByPython(t *testing.T, peer logPeer) {
	const size = 100_000
	w, err := files.Watch(peer.path, nil)
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, peer.Send(peer.request("replace", map[string]any{"count": 101, "size": size})))
	replaced := make(chan logReply, 1)
	go func() {
		var reply logReply
		assert.NoError(t, peer.Answer(patience, &reply))
		replaced <- reply
		assert.NoError(t, files.Replace(peer.path, []byte("end"), nil))
	}()
	for {
		data, err := w.Next(soon(t))
		require.NoError(t, err)
		if string(data) == "end" {
			break
		}
		require.True(t, bytes.Equal(data, bytes.Repeat(data[:1], size)), "%d bytes", len(data))
	}
	assert.Empty(t, (<-replaced).Error)
}

func logOfTheDead(t *testing.T, peer logPeer) {
	a, f := peer.appender(t), peer.follow(t)
	require.NoError(t, peer.Send(peer.request("append", map[string]any{"count": 20_000, "size": 200})))
	for i := range 200 {
		if i == 100 {
			require.NoError(t, peer.Kill())
			<-peer.Exited()
			require.NoError(t, a.Append([]byte("end")))
		}
		record, err := f.Next(soon(t))
		require.NoError(t, err)
		if string(record) == "end" {
			return
		}
		require.True(t, bytes.Equal(record, bytes.Repeat([]byte("x"), 200)))
	}
}
