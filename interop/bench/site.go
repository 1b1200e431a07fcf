package main

import (
	"context"
	"net"
	"path/filepath"
	"strings"

	"mpbridge/interop/bench/placement"
)

// site is a network, the processors that are used there, and the servers that are compared on it.
type site struct {
	serverOn      int // processor; -1: any
	clientOn      int
	cpython, ours *server // nil until they are needed
	echo          string  // address; empty where processors are given
}

// The sites. With one client that calls again and again, client and server take turns; whether the system
// has put them on one processor makes a factor of two, for any server, and is a matter of luck. So calls
// that are compared by microseconds are compared for each placement of its own.
const (
	onTCP      = "tcp"
	onUnix     = "unix"
	onOneCore  = "tcp, 1 core"
	onTwoCores = "tcp, 2 cores"
)

// openSites names the sites of this machine.
func (b *bench) openSites() error {
	b.sites = map[string]*site{
		onTCP:  {serverOn: -1, clientOn: -1},
		onUnix: {serverOn: -1, clientOn: -1},
	}
	cpus, err := placement.Processors()
	if err != nil || len(cpus) == 0 {
		return err
	}
	b.sites[onOneCore] = &site{serverOn: cpus[0], clientOn: cpus[0]}
	if len(cpus) > 1 {
		b.sites[onTwoCores] = &site{serverOn: cpus[0], clientOn: cpus[1]}
	}
	return nil
}

// site returns a site with its servers running, or nil where this machine has none of that name.
func (b *bench) site(ctx context.Context, name string) (*site, error) {
	s := b.sites[name]
	if s == nil || s.ours != nil {
		return s, nil
	}
	network, _, _ := strings.Cut(name, ",")
	var err error
	if s.cpython, err = b.startCPythonOn(ctx, network, s.serverOn); err != nil {
		return nil, err
	}
	if s.ours, err = b.startOursOn(ctx, network, s.serverOn); err != nil {
		return nil, err
	}
	if s.serverOn >= 0 {
		return s, nil
	}
	address := "127.0.0.1:0"
	if network == onUnix {
		address = filepath.Join(b.dir, "echo")
	}
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	s.echo = l.Addr().String()
	b.closers = append(b.closers, func() { _ = l.Close() })
	go echo(l)
	return s, nil
}
