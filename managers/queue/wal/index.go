package wal

import (
	"maps"
	"slices"
)

// place is where a record is: 8 bytes for each entry that is alive.
type place struct {
	segment uint16 // slot in the table of segments
	size    uint16 // in units of sizeUnit, rounded up; the largest value means that or more
	off     uint32 // in the file
}

const (
	sizeUnit = 64
	// maxSegments is how many segments there may be at once: slot 0 is nobody's.
	maxSegments = 1<<16 - 1
	// chunkLen is how many places lie together. What keeps one of them keeps all.
	chunkLen = 128
)

func placeOf(slot uint16, off int64, size int) place {
	return place{slot, uint16(min((size+sizeUnit-1)/sizeUnit, 1<<16-1)), uint32(off)}
}

func (p place) bytes() int64 { return int64(p.size) * sizeUnit }

// chunk are the places of chunkLen entries with successive numbers.
type chunk struct {
	alive  int
	places [chunkLen]place
}

// Stream is a sequence of entries that has a name. Its methods may be called concurrently.
type Stream struct {
	log  *Log
	id   uint32
	name string

	dropped bool // guarded by the log's mu
	defined bool // its define is in a batch that was not refused; guarded by the log's mu

	// All below is guarded by the index' mutex.
	chunks  map[uint64]*chunk // by number / chunkLen
	alive   int
	last    uint64 // the highest number that an entry ever had
	tally   int64
	state   []byte
	touched map[uint64]Attrs // of entries whose Attrs are not zero
	gone    bool

	nameless bool // the batch with its name was lost
}

// Name returns the stream's name.
func (s *Stream) Name() string { return s.name }

// index is what is alive, and where.
type index struct {
	segments []*segment // by slot; nil where a slot is free
	streams  map[uint32]*Stream
	live     int64           // bytes
	moved    map[place]entry // whose the records are that were put as another entry
}

// entry is one of a stream.
type entry struct {
	stream *Stream
	number uint64
}

// ownerOf returns the entry whose record is at a place, which was put as that of s.
func (x *index) ownerOf(s *Stream, number uint64, p place) (entry, bool) {
	e, ok := x.moved[p]
	if !ok {
		e = entry{s, number}
	}
	if e.stream == nil {
		return e, false
	}
	at := e.stream.find(e.number)
	return e, at != nil && *at == p
}

func newIndex() *index {
	return &index{segments: make([]*segment, 1), streams: make(map[uint32]*Stream)}
}

// slot gives a segment a slot, 0 where there is none left.
func (x *index) slot(seg *segment) uint16 {
	at := slices.Index(x.segments[1:], nil) + 1
	if at == 0 {
		if at = len(x.segments); at > maxSegments {
			return 0
		}
		x.segments = append(x.segments, nil)
	}
	x.segments[at], seg.slot = seg, uint16(at)
	return seg.slot
}

// define makes a stream known.
func (x *index) define(s *Stream) { x.streams[s.id] = s }

// charge counts a place, or with -1 counts it off.
func (x *index) charge(p place, n int) {
	if n < 0 && len(x.moved) > 0 {
		delete(x.moved, p)
	}
	if seg := x.segments[p.segment]; seg != nil {
		seg.alive += n
		seg.live += int64(n) * p.bytes()
	}
	x.live += int64(n) * p.bytes()
}

// find returns the place of an entry, nil where it is not alive.
func (s *Stream) find(number uint64) *place {
	c := s.chunks[number/chunkLen]
	if c == nil {
		return nil
	}
	if p := &c.places[number%chunkLen]; p.segment != 0 {
		return p
	}
	return nil
}

// put notes where an entry is. One that is alive was written again.
func (x *index) put(s *Stream, number uint64, a Attrs, p place) {
	c := s.chunks[number/chunkLen]
	if c == nil {
		c = new(chunk)
		if s.chunks == nil {
			s.chunks = make(map[uint64]*chunk)
		}
		s.chunks[number/chunkLen] = c
	}
	at := &c.places[number%chunkLen]
	if at.segment != 0 {
		x.charge(*at, -1)
	} else {
		c.alive++
		s.alive++
	}
	*at = p
	x.charge(p, 1)
	s.last = max(s.last, number)
	s.touch(number, a)
}

// touch notes the attributes of an entry.
func (s *Stream) touch(number uint64, a Attrs) {
	switch {
	case a == Attrs{}:
		delete(s.touched, number)
	case s.touched == nil:
		s.touched = map[uint64]Attrs{number: a}
	default:
		s.touched[number] = a
	}
}

// settle takes entries out.
func (x *index) settle(s *Stream, first, count uint64) {
	if count < chunkLen {
		for n := first; n < first+count; n++ {
			x.settleOne(s, n)
		}
		return
	}
	for at, c := range s.chunks {
		for i := range c.places {
			if n := at*chunkLen + uint64(i); n >= first && n-first < count {
				x.settleOne(s, n)
			}
		}
	}
}

func (x *index) settleOne(s *Stream, number uint64) {
	c := s.chunks[number/chunkLen]
	if c == nil || c.places[number%chunkLen].segment == 0 {
		return
	}
	at := &c.places[number%chunkLen]
	x.charge(*at, -1)
	*at = place{}
	c.alive--
	s.alive--
	delete(s.touched, number)
	if c.alive == 0 {
		delete(s.chunks, number/chunkLen)
	}
}

// drop takes a stream out with all its entries.
func (x *index) drop(s *Stream) {
	for _, c := range s.chunks {
		for _, p := range c.places {
			if p.segment != 0 {
				x.charge(p, -1)
			}
		}
	}
	s.chunks, s.touched, s.alive, s.gone = nil, nil, 0, true
	if x.streams[s.id] == s {
		delete(x.streams, s.id)
	}
}

// apply does what a record says. slot and off say where it is.
func (x *index) apply(r *Record, slot uint16, off int64, size int) {
	s := r.Stream
	switch r.Kind {
	case define:
		x.define(s)
	case Put:
		x.put(s, r.Number, r.Attrs, placeOf(slot, off, size))
	case Settle:
		x.settle(s, r.Number, r.Count)
	case Touch:
		if s.find(r.Number) != nil {
			s.touch(r.Number, r.Attrs)
		}
	case Move:
		if p := s.find(r.Number); p != nil {
			moved := *p
			x.settleOne(s, r.Number)
			x.put(r.To, r.ToNumber, r.Attrs, moved)
			if x.moved == nil {
				x.moved = make(map[place]entry)
			}
			x.moved[moved] = entry{r.To, r.ToNumber}
		}
	case Tally:
		s.tally += r.Delta
	case State:
		s.state = slices.Clone(r.State)
	case Drop:
		x.drop(s)
	case absolute:
		s.last, s.tally, s.state = max(s.last, r.Number), r.Delta, slices.Clone(r.State)
	}
}

// sorted returns the streams in the order in which they were made.
func (x *index) sorted() (out []*Stream) {
	for _, id := range slices.Sorted(maps.Keys(x.streams)) {
		out = append(out, x.streams[id])
	}
	return out
}

// numbers returns those that are alive, in order.
func (s *Stream) numbers() (out []uint64) {
	out = make([]uint64, 0, s.alive)
	for _, at := range slices.Sorted(maps.Keys(s.chunks)) {
		for i, p := range s.chunks[at].places {
			if p.segment != 0 {
				out = append(out, at*chunkLen+uint64(i))
			}
		}
	}
	return out
}
