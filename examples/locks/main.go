// Locks shares a lock and an event with a stock Python that it starts. Usage: locks PYTHON SCRIPT, the script being
// examples/locks.py.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"

	"mpbridge/pickle"
	"mpbridge/synchronize"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: locks PYTHON SCRIPT")
	}
	if err := run(context.Background(), os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, python, script string) (err error) {
	lock, err := synchronize.NewLock(nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlink(), lock.Close()) }()
	ready, err := synchronize.NewEvent(nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ready.Unlink(), ready.Close()) }()
	data, err := pickle.Marshal(pickle.Tuple{lock, ready})
	if err != nil {
		return err
	}

	worker := exec.CommandContext(ctx, python, script)
	worker.Stdin, worker.Stdout, worker.Stderr = bytes.NewReader(data), os.Stdout, os.Stderr
	if err := worker.Start(); err != nil {
		return err
	}
	if err := lock.Acquire(ctx); err != nil {
		return err
	}
	fmt.Println("Go has the lock")
	err = errors.Join(ready.Set(ctx), lock.Release())
	return errors.Join(err, worker.Wait())
}
