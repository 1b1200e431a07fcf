// Command pool compares package pool with CPython's own pools, multiprocessing.Pool and
// concurrent.futures.ProcessPoolExecutor, both driven from Python, in one run:
//
//	go run ./interop/bench/pool [-quick] [-only tasks|warm|deaths] [-kill 10s] [-workers 4] [-python python3.12]
//
// Each case is measured in turns, ours and theirs, and the median counts. Start is the time from
// nothing (no Python process there) to the answer of a first call, with all workers asked for. The
// second table is of workers that need slow imports, by start method. The third says what becomes of tasks
// while workers are killed; what CPython's Pool has lost is waited for no longer than some seconds.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"mpbridge/interop"
	"mpbridge/pickle"
	"mpbridge/pool"
)

//go:embed pools.py
var script string

// rounds is how often each case is measured; odd, for a median that was measured.
const rounds = 5

// limit ends a run that hangs.
const limit = 15 * time.Minute

// bench is what all cases share.
type bench struct {
	python  string
	script  string
	workers int
}

// row is one case: count tasks in chunks of chunk items, 0 for the default.
type row struct {
	name  string
	kind  string // as pools.py knows it
	chunk int
	count int
}

func main() {
	quick := flag.Bool("quick", false, "fewer tasks")
	only := flag.String("only", "", "one table alone: tasks, warm or deaths")
	killing := flag.Duration("kill", 10*time.Second, "how long workers are killed in the third table")
	workers := flag.Int("workers", 4, "number of workers")
	python := flag.String("python", "", "the interpreter; else the newest that is found")
	profile := flag.String("cpuprofile", "", "write a profile of this process to a file")
	flag.Parse()
	if err := run(*quick, *only, *killing, *workers, *python, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(quick bool, only string, killing time.Duration, workers int, python, profile string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if python == "" {
		python = newest()
	}
	dir, err := os.MkdirTemp("", "mpbridge-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := bench{python: python, script: dir + "/pools.py", workers: workers}
	if err := os.WriteFile(b.script, []byte(script), 0o600); err != nil {
		return err
	}
	stop, err := startProfile(profile)
	if err != nil {
		return err
	}
	defer stop()
	scale := 1
	if quick {
		scale = 10
	}
	for _, t := range []struct {
		name  string
		print func() error
	}{
		{"tasks", func() error { return b.compareTasks(ctx, scale) }},
		{"warm", func() error { return b.compareWarm(ctx, warmTasks/scale) }},
		{"deaths", func() error { return b.compareDeaths(ctx, killing/time.Duration(scale)) }},
	} {
		if only != "" && only != t.name {
			continue
		}
		if err := t.print(); err != nil {
			return err
		}
	}
	return nil
}

// compareTasks prints the first table.
func (b *bench) compareTasks(ctx context.Context, scale int) error {
	fmt.Printf("%s, %d workers, %d processors\n", b.python, b.workers, runtime.NumCPU())
	fmt.Printf("%-28s %14s %14s %14s %8s %8s\n", "", "Pool", "Executor", "mpbridge", "ratio", "ratio")
	for _, r := range []row{
		{"tiny tasks, chunk size 1", "tiny", 1, 50000 / scale},
		{"tiny tasks, default chunks", "default", 0, 1000000 / scale},
		{"1 MB there and back", "1 MB", 1, 200 / scale},
	} {
		if err := b.compare(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return b.compareStart(ctx)
}

// startProfile begins a profile of this process, if there is a name for it.
func startProfile(name string) (stop func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

// newest finds the newest interpreter.
func newest() string {
	for _, p := range slices.Backward(interop.Profiles()) {
		if py, ok := interop.Find()[p.Version]; ok {
			return py.Path
		}
	}
	return "python3"
}

// compare prints tasks per second of one case.
func (b *bench) compare(ctx context.Context, r row) error {
	times := [3][]float64{}
	for range rounds {
		for i, kind := range []string{"Pool", "Executor"} {
			took, _, err := b.theirs(ctx, kind, r)
			if err != nil {
				return err
			}
			times[i] = append(times[i], took)
		}
		took, err := b.ours(ctx, r)
		if err != nil {
			return err
		}
		times[2] = append(times[2], took)
	}
	rate := func(i int) float64 { return float64(r.count) / median(times[i]) }
	fmt.Printf("%-28s %12.0f/s %12.0f/s %12.0f/s %7.2fx %7.2fx\n", r.name, rate(0), rate(1), rate(2),
		rate(2)/rate(0), rate(2)/rate(1))
	return nil
}

// compareStart prints the time from nothing to a first result.
func (b *bench) compareStart(ctx context.Context) error {
	times := [3][]float64{}
	for range rounds {
		for i, kind := range []string{"Pool", "Executor"} {
			begin := time.Now()
			_, when, err := b.theirs(ctx, kind, row{kind: "start", count: 1})
			if err != nil {
				return err
			}
			times[i] = append(times[i], when-float64(begin.UnixNano())/1e9)
		}
		begin := time.Now()
		p, err := b.open(ctx)
		if err != nil {
			return err
		}
		if _, err := pool.Call[int](ctx, p, "builtins:abs", -1); err != nil {
			return err
		}
		times[2] = append(times[2], time.Since(begin).Seconds())
		p.Terminate()
	}
	a, e, m := median(times[0]), median(times[1]), median(times[2])
	fmt.Printf("%-28s %12.0fms %12.0fms %12.0fms %7.2fx %7.2fx\n", "start and first result",
		a*1e3, e*1e3, m*1e3, a/m, e/m)
	return nil
}

func (b *bench) open(ctx context.Context) (*pool.Pool, error) {
	return pool.New(ctx, &pool.Options{Python: b.python, Workers: b.workers})
}

// theirs runs a case in Python and returns the seconds that it took, and when it was done.
func (b *bench) theirs(ctx context.Context, pool string, r row) (took, when float64, err error) {
	cmd := exec.CommandContext(ctx, b.python, b.script, pool, strconv.Itoa(b.workers),
		strconv.Itoa(r.count), r.kind)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		_, err = fmt.Sscan(string(out), &took, &when)
	}
	return took, when, err
}

// ours runs a case here and returns the seconds that it took.
func (b *bench) ours(ctx context.Context, r row) (float64, error) {
	p, err := b.open(ctx)
	if err != nil {
		return 0, err
	}
	defer p.Terminate()
	warm := make([]int, b.workers*4)
	if _, err := pool.Map[int](ctx, p, "builtins:abs", warm, &pool.MapOptions{Chunk: 1}); err != nil {
		return 0, err
	}
	o := &pool.MapOptions{Chunk: r.chunk}
	if r.kind == "1 MB" {
		items := slices.Repeat([][]byte{[]byte(strings.Repeat("x", 1<<20))}, r.count)
		begin := time.Now()
		_, err = pool.Map[pickle.Raw](ctx, p, "builtins:bytes", items, o)
		return time.Since(begin).Seconds(), err
	}
	items := make([]int, r.count)
	for i := range items {
		items[i] = i
	}
	begin := time.Now()
	_, err = pool.Map[int](ctx, p, "builtins:abs", items, o)
	return time.Since(begin).Seconds(), err
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
