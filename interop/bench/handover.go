package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"mpbridge/connection"
	"mpbridge/reduction"
)

// handoverWindow is how many hand-overs are under way at once, as in handover.py.
const handoverWindow = 50

// handoverSections are the rows about package reduction: one side is always stock Python; the other
// is stock Python for the column CPython.
var handoverSections = []struct {
	name, what string
	give       bool // this side gives
}{
	{"socket in a pickle, given", "socket", true},
	{"socket in a pickle, taken", "socket", false},
	{"send_handle", "handle", true},
	{"recv_handle", "handle", false},
}

// handovers measures hand-overs of sockets between two processes.
func (b *bench) handovers(ctx context.Context, quick bool) error {
	n := 2000
	if quick {
		n = 400
	}
	for _, s := range handoverSections {
		var cpython, ours []float64
		for range rounds {
			sec, err := b.pythonGives(ctx, s.what, n, b.pythonTakes)
			if err != nil {
				return err
			}
			cpython = append(cpython, sec)
			if s.give {
				sec, err = b.weGive(ctx, s.what, n)
			} else {
				sec, err = b.pythonGives(ctx, s.what, n, b.weTake)
			}
			if err != nil {
				return err
			}
			ours = append(ours, sec)
		}
		fmt.Printf("%-32s %-12s %12s %12s %8.2fx %12s %8s\n", s.name, "unix",
			duration(median(cpython)), duration(median(ours)), median(cpython)/median(ours), "", "")
	}
	return nil
}

// taker starts the side that takes and returns what waits for its end.
type taker func(ctx context.Context, address, what string, n int) (wait func() error, err error)

func (b *bench) script() string { return filepath.Join(b.dir, "handover.py") }

func (b *bench) pythonGives(
	ctx context.Context, what string, n int, take taker,
) (float64, error) {
	address := b.address("unix", "handover")
	wait, err := take(ctx, address, what, n)
	if err != nil {
		return 0, err
	}
	sec, err := b.measure(ctx, b.script(), "give", address, what, strconv.Itoa(n))
	if err != nil {
		return 0, err
	}
	return sec, wait()
}

func (b *bench) pythonTakes(
	ctx context.Context, address, what string, n int,
) (func() error, error) {
	s, err := b.run(b.command(ctx, b.script(), "take", address, what, strconv.Itoa(n)), -1)
	if err != nil {
		return nil, err
	}
	return s.cmd.Wait, nil
}

// weTake is pythonTakes in this process.
func (b *bench) weTake(ctx context.Context, address, what string, n int) (func() error, error) {
	l, err := connection.Listen("unix:"+address, nil)
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() {
		defer l.Close()
		c, err := l.Accept(ctx)
		if err == nil {
			err = takeAll(ctx, c, what, n)
			_ = c.Close()
		}
		done <- err
	}()
	return func() error { return <-done }, nil
}

func takeAll(ctx context.Context, c *connection.Conn, what string, n int) error {
	for i := range n {
		if err := takeOne(ctx, c, what); err != nil {
			return err
		}
		if i%handoverWindow == handoverWindow-1 {
			if err := c.Send(context.Background(), "ok"); err != nil {
				return err
			}
		}
	}
	return nil
}

func takeOne(ctx context.Context, c *connection.Conn, what string) error {
	if what == "handle" {
		f, err := reduction.RecvHandle(ctx, c, handoverPeer)
		if err != nil {
			return err
		}
		return f.Close()
	}
	var item any
	if err := c.Recv(ctx, &item); err != nil {
		return err
	}
	s, err := reduction.RebuildAs[interface{ Close() error }](ctx, item, &reduction.RebuildOptions{
		Authkey: []byte("bench"),
	})
	if err != nil {
		return err
	}
	return s.Close()
}

// handoverPeer is what the Pythons are that the benchmark runs with.
var handoverPeer = &reduction.Options{Peer: reduction.PeerSilent}

// weGive is the giver in this process, to stock Python.
func (b *bench) weGive(ctx context.Context, what string, n int) (float64, error) {
	address := b.address("unix", "handover")
	wait, err := b.pythonTakes(ctx, address, what, n)
	if err != nil {
		return 0, err
	}
	at := connection.Address{Network: connection.Unix, Name: address}
	c, err := connection.Dial(ctx, at.String(), nil)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	sharer, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: []byte("bench")})
	if err != nil {
		return 0, err
	}
	defer sharer.Close()
	start := time.Now()
	if err := giveAll(ctx, c, sharer, what, n); err != nil {
		return 0, err
	}
	return time.Since(start).Seconds() / float64(n), wait()
}

func giveAll(
	ctx context.Context, c *connection.Conn, sharer *reduction.Sharer, what string, n int,
) error {
	here, there, err := connection.Pipe(nil)
	if err != nil {
		return err
	}
	defer here.Close()
	defer there.Close()
	for i := range n {
		if what == "handle" {
			err = reduction.SendHandle(ctx, c, there, handoverPeer)
		} else {
			err = giveOne(ctx, c, sharer, there)
		}
		if err == nil && i%handoverWindow == handoverWindow-1 {
			_, err = c.RecvBytes(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func giveOne(
	ctx context.Context, c *connection.Conn, sharer *reduction.Sharer, socket *connection.Conn,
) error {
	offer, err := sharer.Socket(socket)
	if err != nil {
		return err
	}
	return c.Send(ctx, offer)
}
