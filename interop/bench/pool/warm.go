package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"mpbridge/pool"
)

//go:embed warm.py
var warmScript string

//go:embed slow.py
var slowModule string

// Of the cases with slow imports.
const (
	warmWorkers = 8
	warmTasks   = 60
)

// warm is what one way to start workers costs.
type warm struct {
	ready  float64 // seconds from nothing until all workers have imported the module
	rate   float64 // tasks per second where each gets a new worker
	memory int     // kB, of all processes of the pool; 0 where it is not known
}

// compareWarm prints what slow imports cost with each start method, ours and CPython's.
func (b *bench) compareWarm(ctx context.Context, tasks int) error {
	dir := filepath.Dir(b.script)
	for name, text := range map[string]string{"warm.py": warmScript, "slow.py": slowModule} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	fmt.Printf("\n%-28s %14s %14s %14s\n", fmt.Sprintf("%d workers, slow imports", warmWorkers),
		"all ready", "replacements", "memory")
	for _, method := range []string{"spawn", "forkserver", "fork"} {
		if err := printWarm("CPython "+method, func() (warm, error) {
			return b.theirWarm(ctx, dir, method, tasks)
		}); err != nil {
			return err
		}
	}
	for _, method := range []pool.StartMethod{pool.Spawn, pool.Forkserver} {
		if err := printWarm("mpbridge "+string(method), func() (warm, error) {
			return b.ourWarm(ctx, dir, method, tasks)
		}); err != nil {
			return err
		}
	}
	return nil
}

// printWarm prints the medians of a case.
func printWarm(name string, measure func() (warm, error)) error {
	var ready, rate, memory []float64
	for range rounds {
		w, err := measure()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		ready, rate, memory = append(ready, w.ready), append(rate, w.rate), append(memory, float64(w.memory))
	}
	used := "-"
	if kb := median(memory); kb > 0 {
		used = fmt.Sprintf("%.0f MB", kb/1e3)
	}
	fmt.Printf("%-28s %12.0fms %12.0f/s %14s\n", name, median(ready)*1e3, median(rate), used)
	return nil
}

func (b *bench) theirWarm(ctx context.Context, dir, method string, tasks int) (w warm, err error) {
	cmd := exec.CommandContext(ctx, b.python, filepath.Join(dir, "warm.py"), method,
		strconv.Itoa(warmWorkers), strconv.Itoa(tasks))
	cmd.Dir = dir // where a fork server of 3.12 looks for what it is to preload
	cmd.Stderr = os.Stderr
	begin := time.Now()
	out, err := cmd.Output()
	var when, took float64
	if err == nil {
		_, err = fmt.Sscan(string(out), &when, &took)
	}
	return warm{ready: when - float64(begin.UnixNano())/1e9, rate: float64(tasks) / took}, err
}

func (b *bench) ourWarm(ctx context.Context, dir string, m pool.StartMethod, tasks int) (w warm, err error) {
	o := pool.Options{Python: b.python, Workers: warmWorkers, Path: []string{dir}, StartMethod: m,
		Initializer: "slow:initialize"}
	if m == pool.Forkserver {
		o.Preload = []string{"slow"}
	}
	begin := time.Now()
	p, err := pool.New(ctx, &o)
	if err != nil {
		return w, err
	}
	for p.Stats().Ready < warmWorkers {
		time.Sleep(time.Millisecond)
	}
	w.ready = time.Since(begin).Seconds()
	w.memory = proportionalSize(descendants(os.Getpid()))
	p.Terminate()
	o.MaxTasksPerChild = 1
	if p, err = pool.New(ctx, &o); err != nil {
		return w, err
	}
	defer p.Terminate()
	each := &pool.MapOptions{Chunk: 1}
	if _, err = pool.Map[int](ctx, p, "slow:same", make([]int, warmWorkers), each); err != nil {
		return w, err
	}
	begin = time.Now()
	_, err = pool.Map[int](ctx, p, "slow:same", make([]int, tasks), each)
	w.rate = float64(tasks) / time.Since(begin).Seconds()
	return w, err
}

// descendants lists the children of a process, theirs, and so on; none where the system does not
// tell.
func descendants(pid int) (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, name := range lists {
		text, _ := os.ReadFile(name)
		for _, field := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(append(pids, child), descendants(child)...)
			}
		}
	}
	return pids
}

// proportionalSize adds up the memory of processes in kB, a page that n share as its nth part.
func proportionalSize(pids []int) (kb int) {
	for _, pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) == 3 && f[0] == "Pss:" {
				n, _ := strconv.Atoi(f[1])
				kb += n
			}
		}
	}
	return kb
}
