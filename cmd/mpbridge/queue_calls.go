package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mpbridge/internal/printable"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"
)

// queueCalls are the calls of one queue that put and get make: each waits as long as the user wants to
// wait for the queue, and not much longer for the server.
type queueCalls struct {
	*client.Queue

	wait   waitTime      // for an item, or for room
	answer time.Duration // for the server, beside that
}

// maxCallWait is how long one call waits in the server: a signal that comes meanwhile is heard after it.
const maxCallWait = time.Second

// minCallPause is between two calls of which the first did not wait, though it could.
const minCallPause = 50 * time.Millisecond

// callOnce makes one call, which the server answers within wait, or is silent. A signal does not end it at
// once: a reply that is on its way may bring an item.
func (q *queueCalls) callOnce(ctx context.Context, wait time.Duration, method string, args ...any) (pickle.Raw, error) {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait+q.answer)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(2*maxCallWait, cancel) })
	defer stop()
	r, err := q.CallRaw(own, method, args...)
	switch {
	case err == nil || own.Err() == nil:
		return r, err
	case ctx.Err() != nil:
		return r, context.Cause(ctx)
	}
	return r, &connectError{fmt.Errorf("the server does not answer %s: %w", method, err),
		"it took the call and says nothing; --connect-timeout is how long it may take"}
}

// retry makes calls until one does not fail with again, a signal comes, or the wait is over; then it
// fails with again.
func (q *queueCalls) retry(ctx context.Context, again error,
	call func(ctx context.Context, wait time.Duration) (pickle.Raw, error)) (pickle.Raw, error) {
	begun := time.Now()
	for {
		if ctx.Err() != nil {
			return pickle.Raw{}, context.Cause(ctx)
		}
		slice, last := maxCallWait, false
		if left := time.Duration(q.wait) - time.Since(begun); q.wait != forever && left <= slice {
			slice, last = max(left, 0), true
		}
		asked := time.Now()
		r, err := call(ctx, slice)
		if err == nil || !errors.Is(err, again) || last {
			return r, err
		}
		if took := time.Since(asked); took < minCallPause {
			select {
			case <-time.After(minCallPause - took):
			case <-ctx.Done():
			}
		}
	}
}

// put puts a value and waits for room.
func (q *queueCalls) put(ctx context.Context, v any) error {
	_, err := q.retry(ctx, managers.ErrFull, func(ctx context.Context, wait time.Duration) (pickle.Raw, error) {
		if wait == 0 {
			return q.callOnce(ctx, 0, "put", v, false)
		}
		return q.callOnce(ctx, wait, "put", v, true, wait.Seconds())
	})
	return err
}

// get takes an item for good and waits for one.
func (q *queueCalls) get(ctx context.Context) (pickle.Raw, error) {
	return q.retry(ctx, managers.ErrEmpty, func(ctx context.Context, wait time.Duration) (pickle.Raw, error) {
		if wait == 0 {
			return q.callOnce(ctx, 0, "get", false)
		}
		return q.callOnce(ctx, wait, "get", true, wait.Seconds())
	})
}

// lease takes an item on lease and waits for one. The lease ends with this program's connection, unless
// it is detached.
func (q *queueCalls) lease(ctx context.Context, detached bool) (pickle.Raw, string, error) {
	args := []any{}
	if detached {
		args = append(args, true)
	}
	r, err := q.retry(ctx, managers.ErrEmpty, func(ctx context.Context, wait time.Duration) (pickle.Raw, error) {
		return q.callOnce(ctx, wait, "lease", append([]any{wait.Seconds()}, args...)...)
	})
	if err != nil {
		return r, "", err
	}
	parts, err := r.Elements()
	if err != nil || len(parts) != 2 {
		return r, "", errors.New("lease() did not return (receipt, item)")
	}
	v, err := parts[0].Any()
	receipt, ok := pickle.Text(v)
	if err != nil || !ok {
		return r, "", errors.New("lease() returned a receipt that is no text")
	}
	// Receipts are printed, one a line before a tab, and are words of the server's.
	if receipt == "" || strings.ContainsAny(receipt, "\t ") || printable.Line(receipt, maxCell) != receipt {
		return r, "", fmt.Errorf("lease() returned the receipt %q, which is none to print", cell(receipt))
	}
	return parts[1], receipt, nil
}

// callBool makes a call that the server answers at once, with True or False.
func (q *queueCalls) callBool(ctx context.Context, method string, args ...any) (yes bool, err error) {
	r, err := q.callOnce(ctx, 0, method, args...)
	if err == nil {
		err = r.Unmarshal(&yes)
	}
	return yes, err
}
