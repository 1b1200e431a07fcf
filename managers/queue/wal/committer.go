package wal

import (
	"errors"
	"time"
)

// run writes batches until the log is closed or fails.
func (l *Log) run() {
	defer close(l.ended)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for l.Err() == nil {
		b, closing := l.collect()
		if b != nil {
			l.commit(b)
		}
		if closing {
			l.end()
			return
		}
		l.syncIfDue()
		if b != nil {
			l.compact()
			continue
		}
		wait, now := l.due()
		if now {
			continue
		}
		timer.Reset(wait)
		select {
		case <-l.wake:
		case <-timer.C:
		}
	}
	l.finish()
}

// syncIfDue syncs where the time of Options.Sync is over.
func (l *Log) syncIfDue() {
	if l.opts.Sync > 0 && l.dirty() && !time.Now().Before(l.dirtyAt.Add(time.Duration(l.opts.Sync))) {
		l.must(l.sync())
	}
}

// dirty tells whether something was written and not synced that must not be lost: a frame that vouches may be.
func (l *Log) dirty() bool {
	return l.synced < l.batch && (l.synced+1 < l.batch || l.marked < l.batch)
}

// collect takes the open batch, if its time has come.
func (l *Log) collect() (b *batch, closing bool) {
	l.mu.Lock()
	urgent := l.open.waiters > 0 && len(l.sealed) == 0
	l.mu.Unlock()
	if urgent {
		l.gather()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sealed) > 0 {
		b, l.sealed = l.sealed[0], l.sealed[1:]
		return b, false
	}
	lagged := !l.lagAt.IsZero() && !time.Now().Before(l.lagAt)
	if l.open.waiters == 0 && !lagged && !l.closing {
		return nil, false
	}
	b, l.open, l.lagAt, l.want = l.open, newBatch(), time.Time{}, 1<<30
	return b, l.closing
}

// due does what is due while nobody appends, and returns how long there is nothing to do. now says that there is
// something at once.
func (l *Log) due() (wait time.Duration, now bool) {
	if l.compact() {
		return 0, true
	}
	l.mu.Lock()
	wait = time.Hour
	if !l.lagAt.IsZero() {
		wait = time.Until(l.lagAt)
	}
	l.mu.Unlock()
	if l.opts.Sync > 0 && l.dirty() {
		wait = min(wait, time.Until(l.dirtyAt.Add(time.Duration(l.opts.Sync))))
	}
	if l.unvouched() {
		left := time.Until(l.syncedAt.Add(l.opts.Idle))
		if left > 0 {
			return min(wait, left), false
		}
		l.vouch()
	}
	return max(wait, 0), wait <= 0
}

// commit writes a batch, and tells everybody who is concerned.
func (l *Log) commit(b *batch) {
	err := l.writeRetry()
	if err == nil {
		err = l.write(b)
	}
	if isSpace(err) {
		b = b.withoutPuts(err)
		if l.retry == nil {
			err = l.writeReserved(b)
		}
		if isSpace(err) {
			l.keepForLater(b)
		}
	}
	if err != nil && !isSpace(err) {
		l.must(err)
		err = l.Err()
	}
	l.tell(b, err)
}

func isSpace(err error) bool { return errors.As(err, new(*SpaceError)) }

// writeRetry writes what could not be written before.
func (l *Log) writeRetry() error {
	if l.retry == nil {
		return nil
	}
	err := l.writeReserved(l.retry)
	if err == nil {
		l.retry = nil
	}
	return err
}

// keepForLater keeps what has happened though there was no room to write it. There are no puts in the batch.
func (l *Log) keepForLater(b *batch) {
	if l.retry == nil {
		l.retry = newBatch()
	}
	for _, r := range b.records {
		l.retry.add(r.Record)
	}
}

// tell ends the commits of a batch.
func (l *Log) tell(b *batch, err error) {
	for _, c := range b.commits {
		if c.err == nil {
			c.err = err
		}
		if c.done != nil {
			c.done.Committed(c.err)
		}
	}
	l.mu.Lock()
	l.pace.outstanding = b.waiters + l.open.waiters
	l.mu.Unlock()
	close(b.done)
}

// must ends the log where err says that its files cannot be relied upon any more. They are not synced again: the
// system may have dropped what it could not write.
func (l *Log) must(err error) {
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refused == nil {
		l.refused = &FailedError{err}
		close(l.failed)
	}
}

// finish tells those that their records will not be kept who came after the log had ended.
func (l *Log) finish() {
	l.mu.Lock()
	left, err := append(l.sealed, l.open), l.refused
	l.sealed, l.open = nil, newBatch()
	l.mu.Unlock()
	for _, b := range left {
		l.tell(b, err)
	}
	l.letGo()
}

// end ends the log in order.
func (l *Log) end() {
	err := l.writeRetry()
	if err == nil || isSpace(err) {
		err = l.sync()
	}
	if err == nil && l.unvouched() {
		l.vouch()
		err = l.sync()
	}
	l.must(err)
	l.mu.Lock()
	if l.refused == nil {
		l.refused = ErrClosed
	}
	l.mu.Unlock()
	l.finish()
}

// letGo closes the files.
func (l *Log) letGo() {
	for _, s := range l.segments {
		_ = s.file.Close()
	}
	_ = l.lock.Close()
}
