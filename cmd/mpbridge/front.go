package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/printable"
	"mpbridge/reduction"

	"github.com/spf13/cobra"
)

// frontOptions are the flags of front.
type frontOptions struct {
	listen, at      string
	queues          []string
	choose          string
	key             keySource
	offersKey       string // the name of a file
	backlog         int
	patience, grace time.Duration
	refusal         string
	python2         bool
}

func frontCommand(ui *ui) *cobra.Command {
	var o frontOptions
	cmd := &cobra.Command{
		Use:   "front --listen ADDRESS --at ADDRESS --queue QUEUE",
		Short: "Accept TCP connections and hand each to a Python worker through a queue",
		Long: `Accept TCP connections and put each, as a socket, into a queue of a manager, Python's or ours. Workers
on this machine take a socket out and answer the client themselves:

  conn = manager.get_socket_queue().get()    # a socket.socket

They, and a manager of CPython's, need the key as multiprocessing.current_process().authkey. At a manager of
mpbridge's, --offers-key-file gives sockets a key of their own: workers have that one there, and pass the
manager's as the argument of their BaseManager. Of workers on one
queue, who is free takes the next; workers with queues of their own are served by --choose. A worker that
ends leaves what waits to the others, so workers are restarted one after the other without anybody noticing.

No more than --backlog connections wait for a worker, each for up to --patience; others are refused at
once, by what --refusal says. A worker
that takes a socket which was refused meanwhile gets EOFError (2.7: RuntimeError) and goes on. A manager of
CPython's takes each socket itself and keeps it until a worker asks: there, only the bound of its own
queue counts.

Prints "ready tcp ADDRESS" when it listens. SIGINT and SIGTERM stop it: those who wait get a worker
within --grace, or are refused. A second signal ends the grace; SIGHUP does nothing.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), ui) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "HOST:PORT to accept connections on")
	f.StringVar(&o.at, "at", defaultAddress, "address of the manager")
	f.StringArrayVar(&o.queues, "queue", []string{"get_socket_queue"},
		"the queue to put sockets into; repeatable, for workers with queues of their own")
	choiceFlag(cmd, &o.choose, "choose", leastConn, "which of several queues gets a connection", leastConn, roundRobin)
	f.IntVar(&o.backlog, "backlog", 128, "how many connections may wait for a worker")
	f.DurationVar(&o.patience, "patience", 30*time.Second, "how long each may wait")
	f.DurationVar(&o.grace, "grace", 10*time.Second, "time for those who wait when stopping (0: none)")
	f.StringVar(&o.refusal, "refusal", "http", "http (503), none, or the text to send")
	f.BoolVar(&o.python2, "python2", false, "the workers are Python 2.7")
	f.StringVar(&o.offersKey, "offers-key-file", "",
		"file that holds the key by which workers fetch sockets (default the manager's key)")
	o.key.flags(cmd)
	return cmd
}

func (o *frontOptions) run(ctx context.Context, ui *ui) error {
	if _, err := net.ResolveTCPAddr("tcp", o.listen); err != nil {
		return flagError("listen", err)
	}
	manager, err := managerAddress(o.at)
	if err != nil {
		return flagError("at", err)
	}
	var names []objectName
	for _, text := range o.queues {
		name, err := queueName(text)
		if err != nil {
			return flagError("queue", err)
		}
		names = append(names, name)
	}
	offers, err := o.keyOfOffers()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(printable.NewWriter(ui.err), nil))
	raiseFileLimit(log)
	signals := catchSignals(ctx, log)
	defer signals.stop()
	ctx = signals.running
	c, key, err := dialStarting(ctx, manager, &o.key, log)
	if err != nil {
		return err
	}
	defer c.Close()
	if offers == nil {
		offers = key
	}
	sharer, err := reduction.NewSharer(o.sharer(offers, log))
	if err != nil {
		return err
	}
	defer sharer.Close()
	var queues []putter
	for _, name := range names {
		q := &refreshedQueue{client: c, name: name}
		if err := q.check(ctx); err != nil && ctx.Err() == nil {
			return flagValueError("queue", name.typeid, err)
		}
		queues = append(queues, q)
	}
	upstreams := newUpstreams(o.choose, queues...)
	return o.serve(signals, ui, newFront(upstreams, sharer, log, refusalText(o.refusal), o.backlog))
}

// serve runs until a signal, then drains.
func (o *frontOptions) serve(signals *serverSignals, ui *ui, f *front) error {
	address, err := parseListen(o.listen)
	if err != nil {
		return err
	}
	l, bound, err := connection.ListenSocket(address.String())
	if err != nil {
		return flagValueError("listen", o.listen, err)
	}
	context.AfterFunc(signals.running, func() { _ = l.Close() })
	signals.reloadOnHangup()
	fmt.Fprintf(ui.out, "ready tcp %s\n", bound)
	f.serve(signals.running, l)
	signals.beginStop()
	f.drain(signals.grace, o.grace)
	return nil
}

// parseListen reads the address for clients, whose sockets have to be TCP.
func parseListen(text string) (connection.Address, error) {
	at, err := connection.ParseAddress(text)
	if err == nil && at.Network != connection.TCP {
		err = fmt.Errorf("--listen %q: want HOST:PORT or :PORT", text)
	}
	if err != nil {
		return at, &usageError{err}
	}
	return at, nil
}

// keyOfOffers returns the key that it takes to fetch a socket, or nil for the manager's own.
func (o *frontOptions) keyOfOffers() ([]byte, error) {
	if o.offersKey == "" {
		return nil, nil
	}
	key, err := keyOfFile(o.offersKey)
	return key, flagError("offers-key-file", err)
}

func (o *frontOptions) sharer(key []byte, log *slog.Logger) *reduction.SharerOptions {
	s := &reduction.SharerOptions{
		Authkey: key, MaxShared: o.backlog, Expire: o.patience, Logger: log,
	}
	if o.python2 {
		s.Family = reduction.Python2
	}
	return s
}

// refusalText returns what a client that is refused is sent.
func refusalText(flag string) string {
	switch flag {
	case "none":
		return ""
	case "http":
		return "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: text/plain\r\n" +
			"Content-Length: 5\r\nConnection: close\r\n\r\nbusy\n"
	}
	return flag
}
