package interop_test

import (
	"context"
	"fmt"
	"io"
	"os"

	"mpbridge/connection"
	"mpbridge/pickle"
	"mpbridge/queues"
)

// envQueueChild makes the test binary that program; it says what to do.
const envQueueChild = "MPBRIDGE_QUEUE_CHILD"

// queueChild echoes from the first of two queues, or Conns, to the second until it gets None. It does not return.
func queueChild() {
	if err := echoQueues(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "queue child:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func echoQueues(ctx context.Context) error {
	data, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var v pickle.List
	if err := pickle.Unmarshal(data, &v); err != nil {
		return err
	}
	var u queues.Unpickler
	var live []any
	for _, o := range v.Items {
		x, err := u.Object(o)
		if err != nil {
			return err
		}
		live = append(live, x)
	}
	u.CloseDescriptors()
	if c, ok := live[0].(*connection.Conn); ok {
		return echoConn(ctx, c)
	}
	jobs, results := live[0].(aQueue), live[1].(aQueue)
	if err := echoQueue(ctx, jobs, results); err != nil {
		return err
	}
	if err := results.JoinThread(ctx); err != nil {
		return err
	}
	if err := jobs.Close(); err != nil {
		return err
	}
	return results.Close()
}

func echoQueue(ctx context.Context, jobs, results aQueue) error {
	for {
		raw, err := jobs.Get(ctx)
		if err != nil {
			return err
		}
		if err := results.Put(ctx, raw); err != nil {
			return err
		}
		if q, ok := jobs.(*queues.JoinableQueue); ok {
			if err := q.TaskDone(ctx); err != nil {
				return err
			}
		}
		if raw.IsNone() {
			return nil
		}
	}
}

func echoConn(ctx context.Context, c *connection.Conn) error {
	for {
		p, err := c.RecvBytes(ctx)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = c.SendBytes(ctx, p)
		}
		if err != nil {
			return err
		}
	}
}

// aQueue is what the kinds have in common.
type aQueue interface {
	queues.Items
	Empty() bool
	JoinThread(ctx context.Context) error
	CancelJoinThread() int
	Close() error
}
