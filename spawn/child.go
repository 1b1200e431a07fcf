package spawn

import (
	"context"
	"errors"
	"fmt"

	"mpbridge/managers"
)

// run does the work and returns the exit status.
func (c *child) run(ctx context.Context, j *job) int {
	act := c.known.action(aim{j.class, j.target})
	if act == nil {
		return complain(c.stderr, c.self.Name, &UnknownTargetError{Target: aim{j.class, j.target}.String()})
	}
	objects := newObjects(c.queues)
	err := objects.revive(ctx, j, c.self)
	if err == nil {
		err = guarded(func() error { return act.do(ctx, c, j) })
	}
	if closing := objects.close(ctx); err == nil {
		err = closing
	}
	return c.status(err)
}

// status is the exit status of a process whose work ended with err: _bootstrap in Lib/multiprocessing/process.py.
func (c *child) status(err error) int {
	if err == nil {
		return 0
	}
	if exc := managers.AsException(err); exc != nil && exc.Class == SystemExit.ExceptionClass() {
		return c.exitStatus(exc)
	}
	code := complain(c.stderr, c.self.Name, err)
	if p := (*PanicError)(nil); errors.As(err, &p) {
		_, _ = c.stderr.Write(p.Stack)
	}
	return code
}

func (c *child) exitStatus(exc *managers.Exception) int {
	if len(exc.Args) == 0 || exc.Args[0] == nil {
		return 0
	}
	switch n := exc.Args[0].(type) {
	case int:
		return n & 0xff
	case int64:
		return int(n & 0xff)
	}
	_, _ = fmt.Fprintln(c.stderr, exc.Args[0])
	return 1
}
