package wal

import (
	"encoding/binary"
	"hash/crc32"
)

// Kind is what a Record says.
type Kind byte

// The kinds of records. Their numbers are those of the format.
const (
	// define gives a stream its number; the log writes it by itself.
	define Kind = iota + 1
	// Put adds entry Number with Data and Attrs, or writes it again.
	Put
	// Settle says that Count entries from Number on are gone, as far as they were there.
	Settle
	// Touch changes the Attrs of entry Number.
	Touch
	// Move makes entry Number entry ToNumber of stream To.
	Move
	// Tally adds Delta to the stream's counter.
	Tally
	// State replaces the state of the stream.
	State
	// Drop says that the stream is gone with all its entries.
	Drop
	// absolute is the highest number, counter and state of a stream, at the head of a segment.
	absolute
)

// Attrs are what a stream's owner notes of an entry. What they mean is the owner's affair.
type Attrs struct {
	Deliveries, Unread uint32
	Until              int64 // milliseconds since 1970; 0 where there is no such time
}

// Record is one thing that is kept. Which fields it has depends on its Kind.
type Record struct {
	Kind     Kind
	Stream   *Stream
	Number   uint64
	Count    uint64
	To       *Stream
	ToNumber uint64
	Attrs    Attrs
	Data     [][]byte // must not change until the record is committed
	Delta    int64
	State    []byte
}

// parsed is a record as it is read.
type parsed struct {
	Record
	id, toID uint32
	name     string // of define
	data     []byte // of Put, verified
	off      int    // of the record in the payload
	size     int    // of the record
}

func uvarint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }

// appendBody writes a record without the bytes of Data, which come last.
func (r *Record) appendBody(b []byte, crc uint32) []byte {
	b = uvarint(b, uint64(r.Stream.id))
	switch r.Kind {
	case define:
		b = append(b, r.Stream.name...)
	case Put, Touch:
		b = uvarint(b, r.Number)
		b = uvarint(b, uint64(r.Attrs.Deliveries))
		b = uvarint(b, uint64(r.Attrs.Unread))
		b = uvarint(b, uint64(r.Attrs.Until))
		if r.Kind == Put {
			b = binary.LittleEndian.AppendUint32(b, crc)
		}
	case Settle:
		b = uvarint(uvarint(b, r.Number), r.Count)
	case Move:
		b = uvarint(uvarint(uvarint(b, r.Number), uint64(r.To.id)), r.ToNumber)
	case Tally:
		b = binary.AppendVarint(b, r.Delta)
	case State:
		b = append(b, r.State...)
	case absolute:
		b = binary.AppendVarint(uvarint(b, r.Number), r.Delta)
		b = append(b, r.State...)
	}
	return b
}

// maxBody is how long a body may be without data, names and states.
const maxBody = 6*binary.MaxVarintLen64 + 4

// append writes kind, length and body. Data that is long is left out: the caller puts it behind.
func (r *Record) append(b []byte, crc uint32, dataLen int) []byte {
	var scratch [maxBody + 64]byte
	body := r.appendBody(scratch[:0], crc)
	b = append(b, byte(r.Kind))
	b = uvarint(b, uint64(len(body)+dataLen))
	return append(b, body...)
}

func dataLen(data [][]byte) (n int) {
	for _, d := range data {
		n += len(d)
	}
	return n
}

func dataCRC(data [][]byte) (crc uint32) {
	for _, d := range data {
		crc = crc32.Update(crc, castagnoli, d)
	}
	return crc
}

// cursor reads numbers one after the other. bad says that one was not there.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.b)
	if n <= 0 {
		c.bad = true
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) varint() int64 {
	v, n := binary.Varint(c.b)
	if n <= 0 {
		c.bad = true
		return 0
	}
	c.b = c.b[n:]
	return v
}

func (c *cursor) uint32() uint32 {
	v := c.uvarint()
	if v > 1<<32-1 {
		c.bad = true
	}
	return uint32(v)
}

// parseRecord reads the record at the beginning of b. What it holds lies in b.
func parseRecord(b []byte) (p parsed, rest []byte, ok bool) {
	if len(b) == 0 {
		return p, nil, false
	}
	n, used := binary.Uvarint(b[1:])
	if used <= 0 || n > uint64(len(b)-1-used) {
		return p, nil, false
	}
	head := 1 + used
	p.Kind, p.size = Kind(b[0]), head+int(n)
	return p, b[p.size:], p.parseBody(b[head:p.size])
}

// parseBody reads what appendBody writes.
func (p *parsed) parseBody(b []byte) bool {
	c := cursor{b: b}
	p.id = c.uint32()
	switch p.Kind {
	case define:
		p.name, c.b = string(c.b), nil
	case Put, Touch:
		p.Number = c.uvarint()
		p.Attrs = Attrs{Deliveries: c.uint32(), Unread: c.uint32(), Until: int64(c.uvarint())}
		if p.Kind == Put {
			return !c.bad && p.verify(c.b)
		}
	case Settle:
		p.Number, p.Count = c.uvarint(), c.uvarint()
	case Move:
		p.Number, p.toID, p.ToNumber = c.uvarint(), c.uint32(), c.uvarint()
	case Tally:
		p.Delta = c.varint()
	case State:
		p.State, c.b = c.b, nil
	case Drop:
	case absolute:
		p.Number, p.Delta = c.uvarint(), c.varint()
		p.State, c.b = c.b, nil
	default:
		return false
	}
	return !c.bad && len(c.b) == 0
}

// verify takes the data of a Put, which has a CRC before it.
func (p *parsed) verify(b []byte) bool {
	if len(b) < 4 || crc32.Checksum(b[4:], castagnoli) != binary.LittleEndian.Uint32(b) {
		return false
	}
	p.data = b[4:]
	return true
}

// parsePayload calls f for each record of a payload. It returns false where one cannot be read, or there are not as many.
func parsePayload(payload []byte, records uint32, f func(*parsed)) bool {
	rest, n := payload, uint32(0)
	for len(rest) > 0 {
		p, after, ok := parseRecord(rest)
		if !ok {
			return false
		}
		p.off = len(payload) - len(rest)
		f(&p)
		rest = after
		n++
	}
	return n == records
}
