package wal

import (
	"encoding/binary"
	"hash/crc32"
)

// Done is told what became of records. Committed is called once, by the log's goroutine, in the order in which the
// records were appended, and before Commit.Wait returns. It may append more and must not wait for any of it.
type Done interface{ Committed(err error) }

// Commit is what became, or becomes, of the records of one Append.
type Commit struct {
	batch *batch
	err   error // until the batch is done, why these will never be
	done  Done

	from, to int  // in batch.records
	puts     bool // there are entries among them: they need room
}

// Wait waits until the records are kept as Options.Sync says, and returns nil, or until they never will be: a *SpaceError
// or a *FailedError.
func (c *Commit) Wait() error {
	<-c.batch.done
	return c.err
}

// placed is a record in a batch.
type placed struct {
	Record
	off  int64 // in the payload
	size int
}

// external is data that a batch refers to and does not hold.
type external struct {
	at   int // in batch.bytes: it comes before that
	data [][]byte
	crc  int // in batch.bytes: where the CRC of the data belongs
	size int
}

// copied is how long data may be that is copied into a batch.
const copied = 16 << 10

// batch is what becomes one frame.
type batch struct {
	bytes     []byte // of the records but for externals, behind room for the header
	records   []placed
	externals []external
	commits   []*Commit
	extra     int64 // bytes of externals
	waiters   int   // commits that somebody waits for
	done      chan struct{}
}

func newBatch() *batch {
	return &batch{bytes: make([]byte, frameHead, 512), done: make(chan struct{})}
}

// payload is how long the payload is.
func (b *batch) payload() int64 { return int64(len(b.bytes)-frameHead) + b.extra }

// add adds a record.
func (b *batch) add(r Record) {
	off, n := b.payload(), dataLen(r.Data)
	if r.Kind == Put && n > copied {
		b.bytes = r.append(b.bytes, 0, n)
		b.externals = append(b.externals, external{len(b.bytes), r.Data, len(b.bytes) - 4, n})
		b.extra += int64(n)
	} else {
		crc := uint32(0)
		if r.Kind == Put {
			crc = dataCRC(r.Data)
		}
		b.bytes = r.append(b.bytes, crc, n)
		for _, d := range r.Data {
			b.bytes = append(b.bytes, d...)
		}
	}
	r.Data = nil
	b.records = append(b.records, placed{r, off, int(b.payload() - off)})
}

// frame returns the pieces of the frame.
func (b *batch) frame(h frameHeader, s salt) [][]byte {
	h.length, h.records = uint32(b.payload()), uint32(len(b.records))
	return b.frameWith(h, s)
}

// frameWith is frame with a header that says how many records there are.
func (b *batch) frameWith(h frameHeader, s salt) [][]byte {
	for _, e := range b.externals {
		binary.LittleEndian.PutUint32(b.bytes[e.crc:], dataCRC(e.data))
	}
	pieces := make([][]byte, 0, 2*len(b.externals)+1)
	crc, at := h.put(b.bytes, s), 0
	add := func(p []byte) {
		body := p
		if len(pieces) == 0 {
			body = p[frameHead:]
		}
		crc = crc32.Update(crc, castagnoli, body)
		pieces = append(pieces, p)
	}
	for _, e := range b.externals {
		add(b.bytes[at:e.at])
		for _, d := range e.data {
			add(d)
		}
		at = e.at
	}
	add(b.bytes[at:])
	tail := make([]byte, frameTail, frameTail+frameAlign)
	binary.LittleEndian.PutUint32(tail, crc)
	tail = tail[:int(frameSize(b.payload())-frameHead-b.payload())]
	if len(pieces) == 1 { // one write is all
		return [][]byte{append(b.bytes, tail...)}
	}
	return append(pieces, tail)
}

// withoutPuts returns what is left of the batch where there is no room for entries, nil where nothing is. Who put them
// is told why.
func (b *batch) withoutPuts(cause error) *batch {
	out := newBatch()
	out.done = b.done
	for _, c := range b.commits {
		out.commits = append(out.commits, c)
		if c.puts {
			c.err = cause
			c.from, c.to = 0, 0
			continue
		}
		from := len(out.records)
		for _, r := range b.records[c.from:c.to] {
			out.add(r.Record)
		}
		c.from, c.to = from, len(out.records)
	}
	return out
}
