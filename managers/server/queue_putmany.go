package server

import (
	"errors"
	"fmt"

	"mpbridge/managers"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// callPutMany puts each item of an iterable as put does, one after the other: no more of them are made than
// there is room for. What is refused half way says how many are in.
func (q *queueObject) callPutMany(c *Call) (any, error) {
	wait := c.wait(1)
	if wait.Err != nil {
		return nil, wait.Err
	}
	raws, err := c.Iterate(c.cloneRaw(c.Value(0))) // a wait gives the connection's buffer back
	if err != nil {
		return nil, err
	}
	if q.engine != nil { // nothing is put where something can never be
		for _, r := range raws {
			if err := q.engine.TooLarge(r); err != nil {
				return nil, err
			}
		}
	}
	if q.engine != nil && q.engine.Options().Journal != nil {
		return nil, q.putStretches(c, raws, wait)
	}
	for i, r := range raws {
		if err := q.putPart(c, r, wait); err != nil {
			return nil, refusedAt(i, err)
		}
	}
	return nil, nil
}

// What putStretches makes of items at once, at most: they wait for stable storage together.
const (
	stretchItems = 1024
	stretchBytes = 4 << 20
)

// putStretches puts many items of which as many as there is room for are kept at once.
func (q *queueObject) putStretches(c *Call, raws []pickle.Raw, wait queue.Wait) error {
	for done := 0; done < len(raws); {
		var ms []queue.Message
		var failed error
		for size := 0; done+len(ms) < len(raws) && len(ms) < stretchItems && size < stretchBytes; {
			r := raws[done+len(ms)]
			m, err := q.message(c, r.Clone(), false)
			if failed = err; err != nil {
				break
			}
			ms = append(ms, m)
			size += r.Size()
		}
		n, err := q.engine.PutMany(c, ms, wait)
		for _, m := range ms[n:] {
			if m.References != nil {
				m.References.Drop()
			}
		}
		done += n
		if err == nil {
			err = failed
		}
		if err != nil {
			return refusedAt(done, err)
		}
	}
	return nil
}

// putPart puts a part of a larger pickle.
func (q *queueObject) putPart(c *Call, r pickle.Raw, wait queue.Wait) error {
	m, err := q.message(c, r.Clone(), false)
	if err != nil {
		return err
	}
	return q.put(c, m, wait)
}

// refusedAt says that put_many had put n items when it met an error: Full(n), ShutDown(n), and of other
// exceptions the same in their text.
func refusedAt(n int, err error) error {
	if n == 0 || errors.Is(err, waits.ErrGone) || errors.Is(err, waits.ErrStopped) {
		return err
	}
	exc := managers.AsException(err)
	if errors.Is(err, managers.ErrFull) || errors.Is(err, managers.ErrShutDown) {
		return exc.With(int64(n))
	}
	text := err.Error()
	if exc != nil && errors.Is(err, managers.ErrOSError) && len(exc.Args) > 1 { // the first one is errno
		return exc.With(exc.Args[0], fmt.Sprintf("%v; %d items are in the queue", exc.Args[1], n))
	}
	if exc == nil {
		exc = managers.ErrRuntimeError.New()
	} else if len(exc.Args) > 0 {
		text = fmt.Sprint(exc.Args[0])
	}
	return exc.With(fmt.Sprintf("%s; %d items are in the queue", text, n))
}
