package managers

import (
	"errors"
	"fmt"

	"mpbridge/pickle"
)

// callPutMany puts each item of a list as put does, one after the other: no more of them are made than
// there is room for. What is refused half way says how many are in.
func (q *Queue) callPutMany(c *Call) (any, error) {
	if err := c.Bind(sigPutMany); err != nil {
		return nil, err
	}
	wait := c.patience(1)
	if wait.err != nil {
		return nil, wait.err
	}
	raws, err := c.opener().elements(c.ownRaw(c.Value(0))) // a wait gives the connection's buffer back
	if err != nil {
		if s := new(pickle.ShapeError); errors.As(err, &s) {
			err = Raise(ErrTypeError, "put_many() takes a list or a tuple")
		}
		return nil, err
	}
	for _, r := range raws {
		if err := q.tooLarge(r); err != nil {
			return nil, err
		}
	}
	for i, r := range raws {
		if err := q.putPart(c, r, wait); err != nil {
			return nil, refusedAt(i, err)
		}
	}
	return nil, nil
}

// putPart puts a part of a larger pickle.
func (q *Queue) putPart(c *Call, r pickle.Raw, wait patience) error {
	it, err := q.newItem(c.opener(), r.Clone())
	if err != nil {
		return err
	}
	if err := c.keepProxies(it); err != nil {
		return err
	}
	if err := q.put(c, it, wait); err != nil {
		it.drop()
		return err
	}
	return nil
}

// refusedAt says that put_many had put n items when it met an error: Full(n), ShutDown(n), and of other
// exceptions the same in their text.
func refusedAt(n int, err error) error {
	if n == 0 || errors.Is(err, errGone) || errors.Is(err, errStopped) {
		return err
	}
	exc := raised(err)
	if errors.Is(err, ErrFull) || errors.Is(err, ErrShutDown) {
		return Raise(exc, int64(n))
	}
	text := err.Error()
	if exc == nil {
		exc = ErrRuntimeError
	} else if len(exc.Args) > 0 {
		text = fmt.Sprint(exc.Args[0])
	}
	return Raise(exc, fmt.Sprintf("%s; %d items are in the queue", text, n))
}
