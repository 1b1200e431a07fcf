package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/connection"
	"mpbridge/examples"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

// The demo's numbers: the classic example has ten tasks.
const (
	demoTasks   = 10
	demoWorkers = 3
	demoLimit   = time.Minute
)

func demoCommand(ui *ui) *cobra.Command {
	var python string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "A Go server with stock Python workers, then a Python manager with a Go worker",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), demoLimit)
			defer cancel()
			d, err := newDemo(ui, python)
			if err != nil {
				return err
			}
			defer os.RemoveAll(d.dir)
			if err := d.goServer(ctx); err != nil {
				return err
			}
			return d.pythonManager(ctx)
		},
	}
	cmd.PersistentFlags().StringVar(&python, "python", "python3", "the interpreter of the other side")
	cmd.AddCommand(demoSocketsCommand(ui, &python), demoPoolCommand(ui))
	return cmd
}

// demo runs both halves with one interpreter and a key of its own.
type demo struct {
	ui     *ui
	python string
	dir    string
	key    []byte
	mu     sync.Mutex // printing
}

func newDemo(ui *ui, python string) (*demo, error) {
	path, err := exec.LookPath(python)
	if err != nil {
		return nil, usagef("--python %q: there is no such interpreter: %w", python, err)
	}
	dir, err := os.MkdirTemp("", "mpbridge-demo")
	if err != nil {
		return nil, err
	}
	d := &demo{ui: ui, python: path, dir: dir, key: generateKey()}
	for name, text := range map[string]string{
		"worker.py": examples.Worker, "manager.py": examples.Manager,
		"socket_worker.py": examples.SocketWorker, "socket_front.py": examples.SocketFront} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *demo) print(who, format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fmt.Fprintf(d.ui.out, "%-9s %s\n", who, fmt.Sprintf(format, args...))
}

// script starts one of the example scripts; it ends with ctx at the latest.
func (d *demo) script(ctx context.Context, name string, args ...string) (*exec.Cmd, io.Reader, error) {
	cmd := exec.CommandContext(ctx, d.python, append([]string{filepath.Join(d.dir, name)}, args...)...)
	cmd.Env = append(os.Environ(), envAuthkey+"="+string(d.key))
	cmd.Stderr = d.ui.err
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, out, cmd.Start()
}

// relay prints the lines of a script as they come.
func (d *demo) relay(who string, out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		d.print(who, "%s", lines.Text())
	}
}

// goServer serves ten tasks to three workers, as mpbridge serve would.
func (d *demo) goServer(ctx context.Context) error {
	d.print("demo", "a Go server, %d workers in %s", demoWorkers, filepath.Base(d.python))
	srv, err := server.New(&server.Options{Authkey: d.key})
	if err != nil {
		return err
	}
	defer srv.Close()
	tasks, err := srv.RegisterQueue("get_task_queue", nil)
	if err != nil {
		return err
	}
	results, err := srv.RegisterQueue("get_result_queue", nil)
	if err != nil {
		return err
	}
	addr, err := srv.Listen("127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { _ = srv.Serve(ctx) }() // ends with ctx; Close waits for its connections
	d.print("server", "ready tcp %s", addr)
	working, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	wait, err := d.startWorkers(ctx, "worker.py", addr, gone)
	if err != nil {
		return err
	}
	start := time.Now()
	for n := 1; n <= demoTasks; n++ {
		d.print("server", "Put task %d...", n)
		if err := tasks.Put(ctx, n); err != nil {
			return err
		}
	}
	for range demoTasks {
		item, err := d.result(working, results)
		if err != nil {
			return fmt.Errorf("waiting for a result: %w", err)
		}
		var text string
		if err := item.Unmarshal(&text); err != nil {
			return err
		}
		d.print("server", "Result: %s", text)
	}
	d.print("demo", "%d tasks there and back in %v, starting Python included",
		demoTasks, time.Since(start).Round(time.Millisecond))
	return wait()
}

// result waits for a result. What workers have left counts when they are gone, too.
func (d *demo) result(working context.Context, results *queue.Queue) (pickle.Raw, error) {
	item, err := results.Get(working)
	if err == nil {
		return item, nil
	}
	if item, tryErr := results.TryGet(); tryErr == nil {
		return item, nil
	}
	return item, cmp.Or(context.Cause(working), err)
}

// errWorkersGone is why a demo ends whose workers did not wait for the end of their work.
var errWorkersGone = errors.New("all workers have ended before their work was done: is --python a Python?")

// startWorkers starts the workers, which run a script, and returns what waits for them. It calls gone when none is
// left.
func (d *demo) startWorkers(
	ctx context.Context, name string, addr connection.Address, gone context.CancelCauseFunc,
) (func() error, error) {
	host, port, _ := strings.Cut(addr.String(), ":")
	var waits []func() error
	var left atomic.Int32
	left.Store(demoWorkers)
	for i := 1; i <= demoWorkers; i++ {
		cmd, out, err := d.script(ctx, name, host, port)
		if err != nil {
			return nil, err
		}
		done := make(chan error, 1)
		go func() {
			d.relay(fmt.Sprintf("worker %d", i), out)
			done <- cmd.Wait()
			if left.Add(-1) == 0 {
				gone(errWorkersGone)
			}
		}()
		waits = append(waits, func() error { return <-done })
	}
	return func() (err error) {
		for _, w := range waits {
			err = errors.Join(err, w())
		}
		return err
	}, nil
}

// pythonManager joins a stock Python manager as its worker.
func (d *demo) pythonManager(ctx context.Context) error {
	d.print("demo", "a manager in %s, a Go worker", filepath.Base(d.python))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd, out, err := d.script(ctx, "manager.py", "127.0.0.1", "0")
	if err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	port, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		cancel()
		return errors.Join(fmt.Errorf("the manager did not start: %w", err), cmd.Wait())
	}
	done := make(chan error, 1)
	go func() {
		d.relay("manager", lines)
		done <- cmd.Wait()
	}()
	start := time.Now()
	if err := d.work(ctx, "127.0.0.1:"+port); err != nil {
		cancel()
		<-done
		return err
	}
	if err := <-done; err != nil {
		return fmt.Errorf("the manager: %w", err)
	}
	d.print("demo", "%d tasks there and back in %v", demoTasks,
		time.Since(start).Round(time.Millisecond))
	return nil
}

// work squares what the manager asks for, ten times.
func (d *demo) work(ctx context.Context, address string) error {
	addr, err := connection.ParseAddress(address)
	if err != nil {
		return err
	}
	c, err := client.Dial(ctx, addr.String(), &client.Options{Authkey: d.key})
	if err != nil {
		return err
	}
	tasks, err := client.OpenQueueOf[int](ctx, c, "get_task_queue")
	if err != nil {
		return err
	}
	results, err := client.OpenQueueOf[string](ctx, c, "get_result_queue")
	if err != nil {
		return err
	}
	for range demoTasks {
		n, err := tasks.Get(ctx)
		if err != nil {
			return err
		}
		d.print("worker", "run task %d * %d...", n, n)
		if err := results.Put(ctx, fmt.Sprintf("%d * %d = %d", n, n, n*n)); err != nil {
			return err
		}
	}
	return c.Close()
}
