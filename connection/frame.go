package connection

import (
	"encoding/binary"
	"math"
)

// The length prefix of a frame (Connection._send_bytes and _recv_bytes):
//
//	frame  = length body
//	length = int32 n, big endian, n >= 0
//	       | ff ff ff ff, uint64 n      for n > 2**31-1
const (
	shortHeader = 4
	longHeader  = 12
	longMark    = math.MaxUint32
)

// AppendHeader appends the prefix of a body of n bytes to b. A Conn does so by itself; it is for packages that frame
// messages on something else.
func AppendHeader(b []byte, n uint64) []byte {
	if n <= math.MaxInt32 {
		return binary.BigEndian.AppendUint32(b, uint32(n))
	}
	b = binary.BigEndian.AppendUint32(b, longMark)
	return binary.BigEndian.AppendUint64(b, n)
}

// ParseHeader reads a prefix from the start of b: n is the size of the body that follows, size
// that of the prefix. A size of 0 means that b is too short to tell: the prefix has 4 bytes, or 12 where
// b has 4. Negative lengths other than the long mark are refused: readers disagree about them
// (an empty message or an unsigned length), and no writer sends them: ErrBadHeader.
func ParseHeader(b []byte) (n uint64, size int, err error) {
	if len(b) < shortHeader {
		return 0, 0, nil
	}
	short := binary.BigEndian.Uint32(b)
	switch {
	case short <= math.MaxInt32:
		return uint64(short), shortHeader, nil
	case short != longMark:
		return 0, 0, ErrBadHeader
	case len(b) < longHeader:
		return 0, 0, nil
	}
	return binary.BigEndian.Uint64(b[shortHeader:]), longHeader, nil
}

// headerWant returns how many bytes a prefix that begins with b has at least.
func headerWant(b []byte) int {
	if len(b) < shortHeader {
		return shortHeader
	}
	return longHeader
}

// checkClaim compares the length that a header claims with a limit, which is an int.
func checkClaim(n uint64, limit int64, what string) error {
	if n <= uint64(limit) {
		return nil
	}
	return &LimitError{What: what, Limit: limit, Got: int64(min(n, math.MaxInt64))}
}
