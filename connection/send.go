package connection

import (
	"context"
	"errors"
	"os"
	"sync"
)

// SendBytes sends p as one message. If ctx or a deadline ends it inside a frame, the Conn can send no
// more; before the first byte it does no harm (but see TLS in the package comment).
func (c *Conn) SendBytes(ctx context.Context, p []byte) error {
	return c.sendContext(ctx, p, nil)
}

// SendBuffers is SendBytes for one message made of all the bufs in turn. Header and parts leave in
// one system call; the parts are not copied unless they are short.
func (c *Conn) SendBuffers(ctx context.Context, bufs [][]byte) error {
	return c.sendContext(ctx, nil, bufs)
}

func (c *Conn) sendContext(ctx context.Context, p []byte, bufs [][]byte) error {
	if !c.sendMu.lock(ctx.Done()) {
		return context.Cause(ctx)
	}
	defer c.sendMu.unlock()
	return c.withContext(ctx, sending, func() error { return c.send(p, bufs) })
}

// send sends a message that begins with p and goes on with bufs. The caller holds sendMu.
func (c *Conn) send(p []byte, bufs [][]byte) error {
	if t := c.opts.Tracer; t != nil {
		t.frame(c, ">", p, bufs...)
	}
	return c.sendUntraced(nil, p, bufs)
}

// sendAfter sends lead, a short frame that is complete already, and the message bufs in one go.
func (c *Conn) sendAfter(lead []byte, bufs [][]byte) error {
	if t := c.opts.Tracer; t != nil {
		t.frame(c, ">", nil, bufs...)
	}
	return c.sendUntraced(lead, nil, bufs)
}

func (c *Conn) sendUntraced(lead, p []byte, bufs [][]byte) error {
	if c.sendErr != nil {
		return c.sendErr
	}
	total := len(p)
	for _, b := range bufs {
		total += len(b)
	}
	if limit := c.opts.MaxSend; limit > 0 && int64(total) > limit {
		return &LimitError{What: limitSend, Limit: limit, Got: int64(total)}
	}
	if total <= smallMessage {
		return c.sendSmall(lead, p, bufs, total)
	}
	return c.sendLarge(lead, p, bufs, total)
}

// sendSmall joins everything in one pooled buffer.
func (c *Conn) sendSmall(lead, p []byte, bufs [][]byte, total int) error {
	own := getBuffer(len(lead) + shortHeader + total)
	defer putBuffer(own)
	b := append((*own)[:0], lead...)
	b = AppendHeader(b, uint64(total))
	b = append(b, p...)
	for _, part := range bufs {
		b = append(b, part...)
	}
	return c.afterWrite(c.s.write(b, nil, c.opts.WriteStall))
}

// parts is the list of slices of a large message, kept apart from the caller's because writing
// changes it.
type parts struct {
	head [64]byte // lead and header
	vec  [][]byte
}

var partsPool = sync.Pool{New: func() any { return new(parts) }}

func (c *Conn) sendLarge(lead, p []byte, bufs [][]byte, total int) error {
	own := partsPool.Get().(*parts)
	head := append(own.head[:0], lead...)
	vec := append(own.vec[:0], AppendHeader(head, uint64(total)))
	if len(p) > 0 {
		vec = append(vec, p)
	}
	for _, b := range bufs {
		if len(b) > 0 {
			vec = append(vec, b)
		}
	}
	n, err := c.s.write(nil, vec, c.opts.WriteStall)
	clear(vec)
	if cap(vec) <= maxPooledParts {
		own.vec = vec[:0]
		partsPool.Put(own)
	}
	return c.afterWrite(n, err)
}

const maxPooledParts = 256 // longer lists are left to the collector

// afterWrite judges the outcome of a write of n bytes. A frame that is half out, or a peer that is gone,
// ends sending for good; a deadline before the first byte does not, but where TLS has sealed a record
// that did not leave.
func (c *Conn) afterWrite(n int, err error) error {
	if err == nil {
		return nil
	}
	err = c.wrapError("send", err)
	c.sentPart = n > 0
	if n > 0 || c.s.tls != nil || !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, ErrStalled) {
		c.sendErr = err
	}
	return err
}
