package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/printable"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/reduction"

	"github.com/spf13/cobra"
)

func demoSocketsCommand(ui *ui, python *string) *cobra.Command {
	return &cobra.Command{
		Use:   "sockets",
		Short: "A Go front whose clients Python workers answer, then the reverse",
		Long: `A Go program accepts TCP clients and hands them to stock Python workers, which answer; then Python
accepts and Go answers. It needs Python 3.6 or later.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), demoLimit)
			defer cancel()
			d, err := newDemo(ui, *python)
			if err != nil {
				return err
			}
			defer os.RemoveAll(d.dir)
			if err := d.withSockets(ctx, d.goFront); err != nil {
				return err
			}
			return d.withSockets(ctx, d.pythonFront)
		},
	}
}

// withSockets runs one half of the demo with a server that has a queue for sockets.
func (d *demo) withSockets(ctx context.Context,
	run func(context.Context, connection.Address, *queue.Queue) error) error {
	srv, err := server.New(&server.Options{Authkey: d.key})
	if err != nil {
		return err
	}
	defer srv.Close()
	sockets, err := srv.RegisterQueue("get_socket_queue", nil)
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
	return run(ctx, addr, sockets)
}

// goFront accepts clients here and has Python workers answer them.
func (d *demo) goFront(ctx context.Context, at connection.Address, sockets *queue.Queue) error {
	d.print("demo", "a Go front, %d workers in %s that answer", demoWorkers, filepath.Base(d.python))
	sharer, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: d.key})
	if err != nil {
		return err
	}
	defer sharer.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	log := slog.New(slog.NewTextHandler(printable.NewWriter(d.ui.err), nil))
	f := newFront(newUpstreams(leastConn, sockets), sharer, log, "", demoTasks)
	go f.serve(ctx, l) // until l is closed
	working, gone := context.WithCancelCause(ctx)
	defer gone(nil)
	wait, err := d.startWorkers(ctx, "socket_worker.py", at, gone)
	if err != nil {
		return err
	}
	if err := d.clients(working, l.Addr().String()); err != nil {
		return err
	}
	_ = l.Close()
	f.drain(context.Background(), time.Second)
	return wait()
}

// clients ask one after the other and print what they are answered.
func (d *demo) clients(ctx context.Context, address string) error {
	start := time.Now()
	for n := 1; n <= demoTasks; n++ {
		var dialer net.Dialer
		c, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return cmp.Or(context.Cause(ctx), err)
		}
		answer, err := d.ask(ctx, c, fmt.Sprintf("hello %d", n))
		if err != nil {
			return fmt.Errorf("client %d: %w", n, err)
		}
		d.print("client", "%s", answer)
	}
	d.print("demo", "%d clients answered in %v", demoTasks, time.Since(start).Round(time.Millisecond))
	return nil
}

func (d *demo) ask(ctx context.Context, c net.Conn, line string) (string, error) {
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })()
	if _, err := fmt.Fprintln(c, line); err != nil {
		return "", cmp.Or(context.Cause(ctx), err)
	}
	answer, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		err = cmp.Or(context.Cause(ctx), err)
	}
	return strings.TrimSpace(answer), err
}

// pythonFront has a Python accept clients and answers them here.
func (d *demo) pythonFront(
	ctx context.Context, at connection.Address, sockets *queue.Queue,
) error {
	d.print("demo", "a front in %s, a Go worker that answers", filepath.Base(d.python))
	host, port, _ := strings.Cut(at.String(), ":")
	cmd, out, err := d.script(ctx, "socket_front.py", host, port)
	if err != nil {
		return err
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	port, ok := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !ok {
		_ = cmd.Process.Kill()
		return errors.Join(fmt.Errorf("the front did not start: %w", err), cmd.Wait())
	}
	worked := make(chan error, 1)
	go func() { worked <- d.answerAll(ctx, sockets) }()
	err = d.clients(ctx, "127.0.0.1:"+port)
	if err != nil {
		_ = cmd.Process.Kill()
	} else {
		err = <-worked
	}
	d.relay("front", lines)
	return errors.Join(err, cmd.Wait())
}

// answerAll answers the clients whose sockets are in the queue.
func (d *demo) answerAll(ctx context.Context, sockets *queue.Queue) error {
	for range demoTasks {
		item, err := sockets.Get(ctx)
		if err != nil {
			return err
		}
		c, err := reduction.RebuildAs[net.Conn](ctx, item, &reduction.RebuildOptions{Authkey: d.key})
		if err != nil {
			return err
		}
		if err := d.answer(c); err != nil {
			return err
		}
		if err := sockets.TaskDone(); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) answer(c net.Conn) error {
	defer c.Close()
	line, err := bufio.NewReader(io.LimitReader(c, 1000)).ReadString('\n')
	if err != nil {
		return err
	}
	line = strings.TrimSpace(line)
	d.print("worker", "answer %s", line)
	_, err = fmt.Fprintf(c, "%s to you\n", line)
	return err
}
