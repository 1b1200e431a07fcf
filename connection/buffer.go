package connection

import "sync"

// Read and write buffers come from pools by size class, so that an idle Conn holds none.
var bufferSizes = [...]int{1 << 10, 4 << 10, 16<<10 + 64, 64 << 10}

var bufferPools [len(bufferSizes)]sync.Pool

// getBuffer returns a buffer of at least n bytes; n is at most the largest size class.
func getBuffer(n int) *[]byte {
	for i, size := range bufferSizes {
		if n > size {
			continue
		}
		if p, ok := bufferPools[i].Get().(*[]byte); ok {
			return p
		}
		b := make([]byte, size)
		return &b
	}
	b := make([]byte, n)
	return &b
}

func putBuffer(p *[]byte) {
	for i, size := range bufferSizes {
		if len(*p) == size {
			bufferPools[i].Put(p)
			return
		}
	}
}

// inbuf holds bytes that were read and not yet asked for.
type inbuf struct {
	b     []byte
	r, w  int     // b[r:w] waits
	owned *[]byte // where b came from if it is pooled
	small [16]byte
}

func (in *inbuf) bytes() []byte { return in.b[in.r:in.w] }

func (in *inbuf) len() int { return in.w - in.r }

// room returns where up to n more bytes may be read to, making space if need be.
func (in *inbuf) room(n int) []byte {
	if len(in.b)-in.w < n && in.r > 0 {
		in.w = copy(in.b, in.b[in.r:in.w])
		in.r = 0
	}
	return in.b[in.w:]
}

// take moves waiting bytes to p and gives the buffer back when it is empty.
func (in *inbuf) take(p []byte) int {
	n := copy(p, in.bytes())
	in.skip(n)
	return n
}

func (in *inbuf) skip(n int) {
	in.r += n
	if in.r < in.w {
		return
	}
	in.release()
}

func (in *inbuf) release() {
	if in.owned != nil {
		putBuffer(in.owned)
	}
	in.b, in.owned, in.r, in.w = nil, nil, 0, 0
}

// adopt makes a pooled buffer whose first n bytes are filled the waiting one.
func (in *inbuf) adopt(p *[]byte, n int) {
	in.owned, in.b, in.r, in.w = p, *p, 0, n
}
