package server

import (
	"math/bits"
	"sync"
)

// buffers are the memory of large messages. Most of them carry one item: in with its put and out with a
// get, after which the memory can take the next. Leaving that to the garbage collector would cost
// clearing, page faults, and twice the memory.
type buffers struct {
	pools [bits.UintSize]sync.Pool // by the number of bits of the capacity
}

// get returns n bytes of which anything may be left from before.
func (b *buffers) get(n int) []byte {
	class := bits.Len(uint(n))
	if p, ok := b.pools[class].Get().(*[]byte); ok {
		if cap(*p) >= n {
			return (*p)[:n]
		}
		// It is of the right magnitude and yet too small: the next put brings one that fits.
	}
	return make([]byte, n)
}

// put takes back what nobody refers to any more.
func (b *buffers) put(p []byte) {
	b.pools[bits.Len(uint(cap(p)))].Put(&p)
}
