package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"mpbridge/pool"
)

//go:embed deaths.py
var deathScript string

// killPause is the time between two deaths.
const killPause = 100 * time.Millisecond

// tally is what became of the tasks of a pool whose workers are killed.
type tally struct {
	answered, failed, lost int
	last                   float64 // second of the last answer
}

// compareDeaths kills a worker after the other for a while, and prints what became of the tasks.
func (b *bench) compareDeaths(ctx context.Context, d time.Duration) error {
	fmt.Printf("\n%-34s %10s %10s %10s %14s\n", fmt.Sprintf("a worker killed every %v for %v", killPause, d),
		"answered", "failed", "lost", "last answer")
	for _, kind := range []string{"Pool", "Executor"} {
		t, err := b.theirDeaths(ctx, kind, d)
		if err != nil {
			return err
		}
		t.print(kind)
	}
	for _, m := range []pool.StartMethod{pool.Spawn, pool.Forkserver} {
		t, err := b.ourDeaths(ctx, m, d)
		if err != nil {
			return err
		}
		t.print("mpbridge, " + string(m))
	}
	return nil
}

func (t tally) print(kind string) {
	fmt.Printf("%-34s %10d %10d %10d %12.1f s\n", kind, t.answered, t.failed, t.lost, t.last)
}

func (b *bench) theirDeaths(ctx context.Context, kind string, d time.Duration) (t tally, err error) {
	cmd := exec.CommandContext(ctx, b.python, "-c", deathScript, kind, strconv.Itoa(b.workers),
		fmt.Sprint(d.Seconds()), fmt.Sprint(killPause.Seconds()))
	// What an executor's own threads say of the deaths is not of interest.
	out, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("%s: %w", kind, err)
	}
	_, err = fmt.Sscan(string(out), &t.answered, &t.failed, &t.lost, &t.last)
	return t, err
}

func (b *bench) ourDeaths(ctx context.Context, m pool.StartMethod, d time.Duration) (t tally, err error) {
	p, err := pool.New(ctx, &pool.Options{Python: b.python, Workers: b.workers, StartMethod: m})
	if err != nil {
		return t, err
	}
	defer p.Terminate()
	begin := time.Now()
	killing, stop := context.WithDeadline(ctx, begin.Add(d))
	defer stop()
	var killer sync.WaitGroup
	killer.Go(func() { kill(killing, p) })
	naps := func(yield func(float64) bool) {
		for killing.Err() == nil && yield(0.001) {
			t.lost++ // until it is answered
		}
	}
	for _, err := range pool.IMapUnordered[any](ctx, p, "time:sleep", naps, nil) {
		var dead *pool.WorkerError
		switch {
		case err == nil:
			t.answered++
		case errors.As(err, &dead):
			t.failed++
		default:
			return t, err
		}
		t.lost--
		t.last = time.Since(begin).Seconds()
	}
	killer.Wait()
	return t, nil
}

// kill kills a worker after the other.
func kill(ctx context.Context, p *pool.Pool) {
	for ctx.Err() == nil {
		if pid, err := pool.Call[int](ctx, p, "os:getpid"); err == nil {
			if victim, err := os.FindProcess(pid); err == nil {
				_ = victim.Signal(syscall.SIGKILL)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(killPause):
		}
	}
}
