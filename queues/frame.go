package queues

import (
	"sync"

	"mpbridge/connection"
)

// frame is a message with its length in front, in as many parts as it has.
type frame struct {
	vec  [][]byte
	one  [1][]byte // of a short one, which has one part
	join *[]byte   // and this is its memory
}

// joined is up to how many bytes the parts of a message are copied together, header included: PIPE_BUF, which a pipe takes
// whole or not at all.
const joined = 4096

var framePool = sync.Pool{New: func() any {
	b := make([]byte, 0, joined)
	return &frame{join: &b}
}}

// newFrame makes a frame of the parts of a message, which it goes on using if they are long. whoever gets it calls done
// when it has left.
func newFrame(parts [][]byte, limit int64) (*frame, error) {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	if limit > 0 && int64(size) > limit {
		return nil, &LimitError{What: "sent item bytes", Limit: limit, Got: int64(size)}
	}
	f := framePool.Get().(*frame)
	head := connection.AppendHeader((*f.join)[:0], uint64(size))
	if len(head)+size > joined {
		f.vec = append(append(make([][]byte, 0, len(parts)+1), head), parts...)
		return f, nil
	}
	for _, p := range parts {
		head = append(head, p...)
	}
	f.one[0] = head
	f.vec = f.one[:]
	return f, nil
}

// left is how many bytes have not left yet.
func (f *frame) left() (n int) {
	for _, p := range f.vec {
		n += len(p)
	}
	return n
}

// advance takes off the n bytes that have left, and reports whether that was all.
func (f *frame) advance(n int) bool {
	for len(f.vec) > 0 && n >= len(f.vec[0]) {
		n -= len(f.vec[0])
		f.vec = f.vec[1:]
	}
	if n > 0 {
		f.vec[0] = f.vec[0][n:]
	}
	return len(f.vec) == 0
}

// detach gives the frame memory of its own.
func (f *frame) detach() {
	if len(f.vec) == 1 && &f.vec[0] == &f.one[0] {
		return
	}
	b := make([]byte, 0, f.left())
	for _, p := range f.vec {
		b = append(b, p...)
	}
	f.vec = [][]byte{b}
}

// done gives back the memory of a frame that nobody uses any more.
func (f *frame) done() {
	f.vec, f.one[0] = nil, nil
	framePool.Put(f)
}
