package wal

// rewriting is where the oldest segment is read, whose entries are written again so that it can go.
type rewriting struct {
	seg    *segment
	window *window
	at     int64
}

const (
	// garbageShare is how many times as large as what is alive the files may become.
	garbageShare = 4
	// rewriteAtOnce is how many bytes are read for that between two batches.
	rewriteAtOnce = 1 << 20
)

// compact takes one step towards fewer files. It returns whether there is more to do at once.
func (l *Log) compact() bool {
	if len(l.segments) < 2 {
		return false
	}
	oldest := l.segments[0]
	switch {
	case oldest.alive == 0:
		return l.removeOldest() == nil
	case l.rewrite.seg == oldest || l.wasteful():
		return l.rewriteSome(oldest)
	}
	return false
}

// wasteful tells whether there is much more than what is alive.
func (l *Log) wasteful() bool {
	return !l.full && l.stats.Bytes > garbageShare*l.index.live+2*l.opts.SegmentSize
}

// removeOldest removes the oldest segment, of which nothing is alive any more.
func (l *Log) removeOldest() error {
	if err := l.sync(); err != nil {
		l.must(err)
		return err
	}
	oldest := l.segments[0]
	err := l.fs.Remove(segmentName(oldest.number))
	if err == nil { // one after the other, also after a crash: there must be no gap
		err = l.fs.SyncDir()
	}
	if err != nil {
		l.must(err)
		return err
	}
	l.ix.Lock()
	l.segments = l.segments[1:]
	l.index.segments[oldest.slot] = nil
	l.rewrite = rewriting{}
	l.count()
	l.ix.Unlock()
	_ = oldest.file.Close()
	return nil
}

// rewriteSome writes some of the entries of the oldest segment again.
func (l *Log) rewriteSome(oldest *segment) bool {
	if l.rewrite.seg != oldest {
		w, err := openWindow(oldest.file)
		if err != nil {
			l.must(err)
			return false
		}
		l.rewrite = rewriting{oldest, w, segmentHead}
	}
	b := newBatch()
	for end := l.rewrite.at + rewriteAtOnce; l.rewrite.at < min(end, oldest.end); {
		h, payload, _, whole, err := l.rewrite.window.frameAt(l.rewrite.at, l.salt)
		if err == nil && !whole && h.records != lostRecords {
			err = &DamageError{[]Damage{{Segment: segmentName(oldest.number), Offset: l.rewrite.at, First: h.batch,
				Last: h.batch, Records: int(h.records)}}}
		}
		if err != nil {
			l.must(err)
			return false
		}
		l.again(b, oldest, payload)
		l.rewrite.at += h.size()
	}
	if len(b.records) == 0 {
		return l.rewrite.at < oldest.end || oldest.alive == 0
	}
	l.ix.Lock()
	l.stats.Rewritten += uint64(len(b.records))
	l.ix.Unlock()
	if err := l.write(b); isSpace(err) {
		l.rewrite = rewriting{}
		l.setFull(true)
		return false
	} else if err != nil {
		l.must(err)
		return false
	}
	return true
}

// again adds the entries of a payload that are alive to a batch.
func (l *Log) again(b *batch, seg *segment, payload []byte) {
	base := l.rewrite.at + frameHead
	rest := payload
	for len(rest) > 0 {
		p, after, ok := parseRecord(rest)
		if !ok {
			return
		}
		at := placeOf(seg.slot, base+int64(len(payload)-len(rest)), p.size)
		rest = after
		if p.Kind != Put {
			continue
		}
		if e, ok := l.index.ownerOf(l.index.streams[p.id], p.Number, at); ok {
			data := append([]byte(nil), p.data...)
			b.add(Record{Kind: Put, Stream: e.stream, Number: e.number, Attrs: e.stream.touched[e.number],
				Data: [][]byte{data}})
		}
	}
}
