package connection

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// Discard reads away the body of a message that was refused with a *LimitError, so that the Conn can
// receive what follows. It takes no memory for it but a buffer of 64 KiB. head is how the body
// begins, up to 64 bytes of it, which tell in what form the peer speaks.
//
// Some of it must come every stall, and 64 KiB a second on average beyond the first stall; else it is
// ErrSilent. A stall of 0 waits for ever. A body of more than most bytes is not begun and stays a
// *LimitError. Whatever the error is, the Conn can receive no more. Where nothing was refused Discard
// returns at once.
//
// A peer that has not authenticated is owed nothing: close its connection.
func (c *Conn) Discard(ctx context.Context, most int64, stall time.Duration) (head []byte, err error) {
	if !c.recvMu.lock(ctx.Done()) {
		return nil, context.Cause(ctx)
	}
	defer c.recvMu.unlock()
	n := c.refusedBody
	switch {
	case n == 0:
		return nil, nil
	case n > uint64(max(most, 0)):
		return nil, c.recvErr
	}
	c.refusedBody, c.recvErr = 0, nil
	defer func() { _ = c.s.setRead(fromStall, time.Time{}) }()
	err = c.withContext(ctx, receiving, func() error {
		head, err = c.discard(int64(n), stall)
		return err
	})
	return head, c.failReads(err)
}

// headSize is how much Discard tells of what it read away, in bytes.
const headSize = 64

// maxDiscardTime keeps times within an int64, in seconds.
const maxDiscardTime = 1 << 32

// discard reads n bytes away. The caller holds recvMu.
func (c *Conn) discard(n int64, stall time.Duration) (head []byte, err error) {
	c.s.midFrame = true
	p := getBuffer(copyLarge)
	defer putBuffer(p)
	var end time.Time
	if stall > 0 {
		end = time.Now().Add(stall + time.Duration(min(n/discardRate, maxDiscardTime))*time.Second)
	}
	for n > 0 {
		got, err := c.readSome((*p)[:min(int64(len(*p)), n)], stall, end)
		if err != nil {
			return head, c.discardError(err)
		}
		head = append(head, (*p)[:min(got, headSize-len(head))]...)
		n -= int64(got)
	}
	return head, nil
}

// readSome reads at least one byte to p, within stall and before end.
func (c *Conn) readSome(p []byte, stall time.Duration, end time.Time) (int, error) {
	if c.in.len() > 0 {
		return c.in.take(p), nil
	}
	if stall > 0 {
		until := time.Now().Add(stall)
		if end.Before(until) {
			until = end
		}
		_ = c.s.setRead(fromStall, until)
	}
	return c.s.read(p)
}

// discardError puts the end of a Discard into words.
func (c *Conn) discardError(err error) error {
	switch {
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	case errors.Is(err, os.ErrDeadlineExceeded) && c.s.rd.passed(fromStall) &&
		!c.s.rd.passed(fromUser) && !c.s.rd.passed(fromCall):
		return ErrSilent
	}
	return c.wrapError("receive", err)
}
