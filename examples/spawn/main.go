// Spawn is both: the worker of a stock Python's Pool, as examples/hashing.py starts it, and the parent of a stock Python.
// Usage: spawn PYTHON, in the folder examples.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"os"

	"mpbridge/queues"
	"mpbridge/spawn"
)

func main() {
	spawn.Main(spawn.Targets{"hashing:chain": chain})

	if len(os.Args) != 2 {
		log.Fatal("usage: spawn PYTHON")
	}
	if err := parent(context.Background(), os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

// chain is what chain of hashing.py is: SHA-256 of SHA-256, so many times.
func chain(text string, times int) string {
	sum := []byte(text)
	for range times {
		next := sha256.Sum256(sum)
		sum = next[:]
	}
	return hex.EncodeToString(sum)
}

// parent starts a Python that calls chain for what it finds in a queue.
func parent(ctx context.Context, python string) (err error) {
	jobs, err := queues.NewQueue(0, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, jobs.Close()) }()
	results, err := queues.NewSimpleQueue(nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, results.Close()) }()

	p, err := spawn.Start(ctx, python, "hashing:serve", jobs, results, 1000)
	if err != nil {
		return err
	}
	for _, job := range []any{"Go", "Python", nil} {
		if err := jobs.Put(ctx, job); err != nil {
			return err
		}
	}
	for _, text := range []string{"Go", "Python"} {
		sum, err := queues.Of[string](results).Get(ctx)
		if err != nil {
			return err
		}
		fmt.Println(text, sum[:8], sum == chain(text, 1000))
	}
	return p.Wait(ctx)
}
