package connection

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"mpbridge/internal/guard"
)

// Tracer writes one line per frame: the connection's number, the direction (> sent, < received),
// the size of the body in bytes, and how it begins. Bytes of the handshake are masked, those of
// messages are not: a trace holds whatever the peers tell each other.
//
//	#1 > 59 #CHALLENGE#{sha256} and 40 masked
//	#1 < 40 {sha256} and 32 masked
//	#1 > 9 #WELCOME#
//	#1 < 27 80049510000000000000284e8c0564756d6d7994297d9474942e
//
// It may be used by many Conns at once. A writer that panics ends the trace and nothing else: slog.Default() is told.
type Tracer struct {
	mu    sync.Mutex // w, ids
	w     io.Writer
	ids   map[*Conn]int
	count int
}

const traceShown = 64 // bytes of a message

// NewTracer returns a Tracer that writes lines to w, showing at most 64 bytes of each message.
func NewTracer(w io.Writer) *Tracer {
	return &Tracer{w: w, ids: map[*Conn]int{}}
}

// frame prints a message whose body is p and then rest.
func (t *Tracer) frame(c *Conn, arrow string, p []byte, rest ...[]byte) {
	size := len(p)
	start := append([]byte(nil), p[:min(len(p), traceShown)]...)
	for _, b := range rest {
		size += len(b)
		start = append(start, b[:min(len(b), traceShown-len(start))]...)
	}
	text := hex.EncodeToString(start)
	if len(start) < size {
		text += "…"
	}
	t.print(c, arrow, size, text)
}

// traceSecret prints a message of the handshake.
func (c *Conn) traceSecret(arrow string, p []byte) {
	if t := c.opts.Tracer; t != nil {
		t.print(c, arrow, len(p), masked(p))
	}
}

func (t *Tracer) print(c *Conn, arrow string, size int, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := guard.Apart(slog.Default(), "the writer of a Tracer", func() error {
		fmt.Fprintf(t.w, "#%d %s %d %s\n", t.id(c), arrow, size, text)
		return nil
	})
	if err != nil {
		t.w = io.Discard
	}
}

func (t *Tracer) id(c *Conn) int {
	id, ok := t.ids[c]
	if !ok {
		t.count++
		id = t.count
		t.ids[c] = id
	}
	return id
}

// forget drops a closed Conn.
func (t *Tracer) forget(c *Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.ids, c)
}

// masked shows the fixed words at the start of a handshake message and counts the rest.
func masked(p []byte) string {
	shown := 0
	for _, word := range []string{tagChallenge, tagWelcome, tagFailure} {
		if bytes.HasPrefix(p, []byte(word)) {
			shown = len(word)
		}
	}
	if d, rest := splitDigest(p[shown:]); d != 0 {
		shown = len(p) - len(rest)
	}
	switch shown {
	case len(p):
		return string(p)
	case 0:
		return fmt.Sprintf("%d masked", len(p))
	}
	return fmt.Sprintf("%s and %d masked", p[:shown], len(p)-shown)
}
