package client

import (
	"context"
	"errors"
	"fmt"

	"mpbridge/managers"
)

// PutManyError says that PutMany ended before all was put.
type PutManyError struct {
	Put int   // how many of the values are in the queue, the first ones
	Err error // why the next is not
}

func (e *PutManyError) Error() string {
	return fmt.Sprintf("managers: after %d values that were put: %v", e.Put, e.Err)
}

// Unwrap returns why the next value was not put.
func (e *PutManyError) Unwrap() error { return e.Err }

// mostAtOnce is how many values PutMany sends in one call, since it sends them again where they have to wait.
const mostAtOnce = 1000

// PutMany puts several values and waits for room until ctx ends: many in one call where the server can (ours),
// else one by one. Where it fails after some were put, the error is a *PutManyError.
func (q *Queue) PutMany(ctx context.Context, vs ...any) error {
	put := q.putFirst
	if q.Has("put_many") {
		put = q.putSome
	}
	for done := 0; done < len(vs); {
		n, err := put(ctx, vs[done:min(done+mostAtOnce, len(vs))])
		if done += n; err != nil && done > 0 {
			return &PutManyError{done, err}
		} else if err != nil {
			return err
		}
	}
	return nil
}

// putFirst puts the first of the values and returns how many it put.
func (q *Queue) putFirst(ctx context.Context, vs []any) (int, error) {
	if err := q.Put(ctx, vs[0]); err != nil {
		return 0, err
	}
	return 1, nil
}

// putSome puts the values and returns how many it put.
func (q *Queue) putSome(ctx context.Context, vs []any) (done int, err error) {
	err = inSlices(ctx, managers.ErrFull, func(ctx context.Context, sec float64) error {
		_, err := q.CallRaw(ctx, "put_many", vs[done:], true, sec)
		if err == nil {
			done = len(vs)
		} else {
			done += countedIn(err, len(vs)-done)
		}
		return err
	})
	return done, err
}

// countedIn is how many of n values were put before put_many met an error: see refusedAt.
func countedIn(err error, n int) int {
	var exc *managers.Exception
	if !errors.As(err, &exc) || len(exc.Args) != 1 {
		return 0
	}
	done, ok := exc.Args[0].(int64)
	if !ok || done < 0 || done > int64(n) {
		return 0
	}
	return int(done)
}
