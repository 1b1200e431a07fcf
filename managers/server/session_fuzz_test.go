//go:build linux

package server_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers/server"
)

// What one session may cost, beside a multiple of what it sends: replies, buffers, the server's start.
const (
	sessionBase     = 64 << 20
	sessionFactor   = 1 << 10
	sessionLength   = 32 << 10 // what a fuzzer may send; it fits into a socket's buffer
	seedRequests    = 8        // so many requests make a seed: long inputs are slow to mutate and minimise
	sessionPatience = 20 * time.Second
)

// FuzzSession sends mutated requests of real Pythons over connections that have authenticated: nothing
// may end the server, take memory out of proportion, or outlive its connection, and an honest client
// has its answer afterwards.
func FuzzSession(f *testing.F) {
	for _, requests := range recorded(f) {
		accept := slices.Clip(requests[:1])
		for few := range slices.Chunk(requests[1:], seedRequests) {
			f.Add(append([]byte{0}, chunks(append(accept, few...))...))
			f.Add(append([]byte{1}, frames(few)...))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || len(data) > sessionLength {
			return
		}
		stream := data[1:]
		if data[0]&1 == 0 {
			stream = frames(cut(stream))
		}
		s := sharing(t, nil)
		defer s.Close()
		server.LookOut(s, time.Millisecond)
		before := allocated()
		converse(t, s, stream)
		grown := allocated() - before
		require.Less(t, grown, uint64(sessionBase+sessionFactor*len(stream)), "bytes allocated")
		replies := converse(t, s, frames([][]byte{honestRequest(t)}))
		require.Contains(t, string(replies), "#RETURN", "an honest client is answered")
	})
}

// cut takes requests with two bytes of length each out of what the fuzzer made, however long they claim
// to be: so most mutations are in the requests and not in their frames.
func cut(data []byte) (requests [][]byte) {
	for len(data) > 2 {
		n := min(int(binary.BigEndian.Uint16(data)), len(data)-2)
		requests = append(requests, data[2:2+n])
		data = data[2+n:]
	}
	return requests
}

// chunks is the reverse of cut.
func chunks(requests [][]byte) (data []byte) {
	for _, r := range requests {
		data = binary.BigEndian.AppendUint16(data, uint16(len(r)))
		data = append(data, r...)
	}
	return data
}

// frames is what a connection sends for messages.
func frames(messages [][]byte) (data []byte) {
	for _, m := range messages {
		data = binary.BigEndian.AppendUint32(data, uint32(len(m)))
		data = append(data, m...)
	}
	return data
}

// allocated is how many bytes this process has ever allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// converse sends a stream to a server as one client, which then ends, and returns the replies.
func converse(t *testing.T, s *server.Server, stream []byte) []byte {
	t.Helper()
	here, there := socketPair(t)
	defer here.Close()
	conn, err := connection.NewConn(there, nil)
	require.NoError(t, err)
	over := make(chan struct{})
	go func() {
		defer close(over)
		server.ServeConn(s, conn)
	}()
	require.NoError(t, here.SetDeadline(time.Now().Add(sessionPatience)))
	written := make(chan error, 1)
	go func() {
		_, err := here.Write(stream)
		_ = here.CloseWrite()
		written <- err
	}()
	var replies bytes.Buffer
	_, err = io.Copy(&replies, here)
	require.False(t, isTimeout(err), "the session goes on without its client")
	<-written
	<-over
	return replies.Bytes()
}

func isTimeout(err error) bool {
	ne, ok := err.(net.Error)
	return ok && ne.Timeout()
}
