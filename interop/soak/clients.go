package main

import (
	"context"
	_ "embed" // for the script
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/client"
)

// goClient works until ctx ends, with a new connection now and then. It finishes what it began.
func goClient(ctx context.Context, at connection.Address) error {
	for n := 0; ctx.Err() == nil; n++ {
		if err := visit(context.WithoutCancel(ctx), at, n); err != nil {
			return fmt.Errorf("a Go client: %w", err)
		}
	}
	return nil
}

// visit is one connected client, which leaves with nothing of its own left behind.
func visit(ctx context.Context, at connection.Address, n int) (err error) {
	c, err := client.Dial(ctx, at.String(), &client.Options{Authkey: key})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	q, err := client.OpenQueueOf[any](ctx, c, "the_queue")
	if err != nil {
		return err
	}
	jobs, err := c.OpenQueue(ctx, "the_jobs")
	if err != nil {
		return err
	}
	d, err := c.OpenDict(ctx, "the_dict")
	if err != nil {
		return err
	}
	for k := range 200 {
		err := errors.Join(q.Put(ctx, make([]byte, k*k)), jobs.Put(ctx, k), d.Set(ctx, (n+k)%100, k))
		if err != nil {
			return err
		}
		if _, err := q.Get(ctx); err != nil {
			return err
		}
		if err := lend(ctx, jobs, k%10 == 0); err != nil {
			return err
		}
	}
	return count(ctx, c)
}

// lend takes an item and acknowledges it, perhaps after it gave it back once.
func lend(ctx context.Context, jobs *client.Queue, back bool) error {
	job, err := jobs.Lease(ctx)
	if err == nil && back {
		if _, err = job.Nack(ctx, 0); err == nil {
			job, err = jobs.Lease(ctx)
		}
	}
	if err == nil {
		_, err = job.Ack(ctx)
	}
	return err
}

// count adds one under the lock.
func count(ctx context.Context, c *client.Client) error {
	lock, err := c.OpenLock(ctx, "the_lock")
	if err != nil {
		return err
	}
	value, err := c.OpenValue(ctx, "the_count")
	if err != nil {
		return err
	}
	if err := lock.Acquire(ctx); err != nil {
		return err
	}
	v, err := value.Get(ctx)
	if n, ok := v.(int64); ok && err == nil {
		err = value.Set(ctx, n+1)
	}
	return errors.Join(err, lock.Release(ctx))
}

// pythonVisits is how often each Python comes and goes.
const pythonVisits = 10

// pythonClient runs a Python again and again until the time is over.
func pythonClient(ctx context.Context, python, script string, at connection.Address,
	total time.Duration) error {
	seconds := strconv.FormatFloat(total.Seconds()/pythonVisits, 'f', 3, 64)
	for ctx.Err() == nil {
		cmd := exec.Command(python, script, strconv.Itoa(at.Port), seconds)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", python, err, out)
		}
	}
	return nil
}

//go:embed client.py
var clientScript []byte
