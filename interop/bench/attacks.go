package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"regexp"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// An attack disturbs a server until ctx ends. Attackers run in this process, which does nothing else
// meanwhile: at a fixed rate, in one goroutine, with buffers that are used again. Their processor time is
// measured and printed, for on a small machine it is what disturbs first.
type attack struct {
	name string
	run  func(a *attacker, ctx context.Context) error
}

var attacks = []attack{
	{"5,000 silent strangers", (*attacker).silent},
	{"500 half handshakes a second", (*attacker).handshakes},
	{"random bytes and mutated requests", (*attacker).mutants},
}

// wantedRatio is the part of the undisturbed throughput that is to be left.
const wantedRatio = "0.80x"

// attacker is what attacks share.
type attacker struct {
	address string
	ready   func()       // called once the attack is at its height
	done    atomic.Int64 // connections and requests so far
	buf     [512]byte
}

// attacks prints for each attack how many items a second go from a stock producer to a stock consumer,
// undisturbed and disturbed, in rounds that alternate.
func (b *bench) attacks(ctx context.Context, want *regexp.Regexp, quick bool) error {
	count := "40000"
	if quick {
		count = "15000"
	}
	for _, a := range attacks {
		if !want.MatchString(a.name) {
			continue
		}
		s, err := b.startOurs(ctx, "tcp", "--max-handshakes", "10000", "--handshake-timeout", "1h")
		if err != nil {
			return err
		}
		if err := b.attack(ctx, a, s, count); err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

func (b *bench) attack(ctx context.Context, a attack, s *server, count string) error {
	var calm, disturbed []float64
	var attempts int64
	var busy, lasted time.Duration
	for range rounds {
		v, err := b.client(ctx, s.address, "pair", count, "100")
		if err != nil {
			return err
		}
		calm = append(calm, v)
		stop, at, err := begin(ctx, a, s.address)
		if err != nil {
			return err
		}
		start, cpu, before := time.Now(), processorTime(), at.done.Load()
		v, err = b.client(ctx, s.address, "pair", count, "100")
		busy, lasted = busy+processorTime()-cpu, lasted+time.Since(start)
		attempts += at.done.Load() - before
		if e := stop(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		disturbed = append(disturbed, v)
	}
	fmt.Printf("%-38s %8.0f/s, undisturbed %8.0f/s %8.2fx (target %s); attackers: %.0f/s, %.0f%% of a core\n",
		a.name, median(disturbed), median(calm), median(disturbed)/median(calm), wantedRatio,
		float64(attempts)/lasted.Seconds(), 100*busy.Seconds()/lasted.Seconds())
	return nil
}

// begin starts an attack and waits until it is at its height.
func begin(ctx context.Context, a attack, address string) (stop func() error, at *attacker, err error) {
	ctx, cancel := context.WithCancel(ctx)
	height, over := make(chan struct{}), make(chan error, 1)
	at = &attacker{address: address, ready: sync.OnceFunc(func() { close(height) })}
	go func() { over <- a.run(at, ctx) }()
	stop = func() error {
		cancel()
		return <-over
	}
	select {
	case <-height:
		return stop, at, nil
	case err := <-over:
		cancel()
		return nil, nil, err
	}
}

// silent holds connections on which it says nothing.
func (a *attacker) silent(ctx context.Context) error {
	var held []net.Conn
	defer func() {
		for _, c := range held {
			_ = c.Close()
		}
	}()
	for range 5000 {
		c, err := net.Dial("tcp", a.address)
		if err != nil {
			return err
		}
		held = append(held, c)
	}
	debug.FreeOSMemory() // now, not while others are measured
	a.ready()
	<-ctx.Done()
	return nil
}

// each calls f so often a second until ctx ends.
func each(ctx context.Context, rate int, f func(n int) error) error {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := f(n); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// handshakes begins them: every other one reads the challenge and leaves, the others answer it wrongly.
func (a *attacker) handshakes(ctx context.Context) error {
	a.ready()
	return each(ctx, 500, func(n int) error {
		c, err := net.Dial("tcp", a.address)
		if err != nil {
			return err
		}
		defer c.Close()
		a.done.Add(1)
		_ = c.SetDeadline(time.Now().Add(time.Second))
		if _, err := c.Read(a.buf[:]); err != nil || n%2 == 0 {
			return nil // it is the server's right to hang up
		}
		_, _ = c.Write([]byte("\x00\x00\x00\x10sixteen wrong by"))
		return nil
	})
}

// mutants sends random bytes as a stranger, and requests with changed bytes as a client that has the key.
func (a *attacker) mutants(ctx context.Context) error {
	requests, err := requests()
	if err != nil {
		return err
	}
	addr, err := tcpAddress(a.address)
	if err != nil {
		return err
	}
	var conn *connection.Conn
	defer func() { hangUp(conn) }()
	a.ready()
	return each(ctx, 500, func(n int) error {
		a.done.Add(1)
		if n%10 == 0 {
			return a.noise()
		}
		if conn == nil {
			if conn, err = connection.Dial(ctx, addr.String(), &connection.DialOptions{Authkey: benchKey}); err != nil {
				return err
			}
			_ = conn.SendBytes(context.Background(), requests[0])
		}
		if !a.mutant(conn, requests[1+n%(len(requests)-1)]) {
			hangUp(conn)
			conn = nil
		}
		return nil
	})
}

func hangUp(conn *connection.Conn) {
	if conn != nil {
		_ = conn.Close()
	}
}

// noise sends random bytes.
func (a *attacker) noise() error {
	c, err := net.Dial("tcp", a.address)
	if err != nil {
		return err
	}
	defer c.Close()
	_, _ = rand.Read(a.buf[:])
	_, _ = c.Write(a.buf[:])
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, _ = io.ReadFull(c, a.buf[:])
	return nil
}

// mutant sends a request of which a byte differs, and tells whether the connection can be used again.
func (a *attacker) mutant(conn *connection.Conn, request []byte) bool {
	_, _ = rand.Read(a.buf[:4])
	at, value := int(a.buf[0])|int(a.buf[1])<<8, a.buf[2]
	out := append(a.buf[:4], request...)[4:]
	out[at%len(out)] = value
	if conn.SendBytes(context.Background(), out) != nil {
		return false
	}
	ready, err := conn.Poll(5 * time.Millisecond)
	if err != nil || !ready {
		return false // it waits for something, or is over
	}
	_, err = conn.RecvBytes(context.Background())
	return err == nil
}

var benchKey = []byte("bench")

// requests are what a stock client sends; the first makes a connection one for methods.
func requests() (out [][]byte, err error) {
	none := pickle.NewDict()
	for _, r := range []pickle.Tuple{
		{nil, "accept_connection", pickle.Tuple{"MainProcess"}, none},
		{"0123456789abcdef", "put", pickle.Tuple{pickle.NewDict("a", 1)}, none},
		{nil, "dummy", pickle.Tuple{}, none},
		{"0123456789abcdef", "get", pickle.Tuple{false}, none},
		{"0123456789abcdef", "extend", pickle.Tuple{[]any{1, "two", 3.5, nil}}, none},
	} {
		data, err := pickle.Marshal(r)
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func tcpAddress(text string) (connection.Address, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return connection.Address{}, err
	}
	n, err := strconv.Atoi(port)
	return connection.Address{Network: connection.TCP, Name: host, Port: n}, err
}
