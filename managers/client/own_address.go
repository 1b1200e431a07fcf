package client

import (
	"context"
	"net"
	"sync"
	"time"

	"mpbridge/connection"
)

// ownAddress is what a manager believes its address to be. CPython compares it literally with that in a
// proxy which arrives as a value (RebuildProxy in Lib/multiprocessing/managers.py), so the address that
// was dialled will not do where it is spelled differently.
type ownAddress struct {
	asked sync.Once

	mu    sync.Mutex // all below
	known bool
	addr  connection.Address
}

// learn notes the address in a token that the manager sent of itself.
func (o *ownAddress) learn(a connection.Address) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known, o.addr = true, a
}

func (o *ownAddress) get() (connection.Address, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.addr, o.known
}

// askPatience bounds the asking for a manager's own address.
const askPatience = 5 * time.Second

// serverAddress returns the address that the manager has for itself: as the options have it, or from a
// token that it sent. Where it sent none yet it is made to send one, once, by iterating over a new
// dict. A manager without dicts is taken to be where it was dialled.
func (c *Client) serverAddress() connection.Address {
	if c.opts.ServerAddress != (connection.Address{}) {
		return c.opts.ServerAddress
	}
	if _, known := c.own.get(); !known {
		c.own.asked.Do(c.askAddress)
	}
	if a, known := c.own.get(); known {
		return a
	}
	return c.addr
}

// askAddress makes the manager send a token.
func (c *Client) askAddress() {
	ctx, cancel := context.WithTimeout(c.life, askPatience)
	defer cancel()
	dict, err := c.Open(ctx, "dict")
	if err != nil {
		c.learnModule(err)
		return
	}
	defer func() { _ = dict.Close(ctx) }()
	v, err := dict.Call(ctx, "__iter__")
	if err != nil { // billiard's dicts expose no such method
		c.learnModule(err)
		return
	}
	if iterator, ok := v.(*Proxy); ok {
		_ = iterator.Close(ctx)
	}
}

// isOwn reports whether an address in a token means this client's manager: the one that was dialled, the
// manager's own, or all interfaces at the port that was dialled.
func (c *Client) isOwn(a connection.Address) bool {
	if a == c.addr {
		return true
	}
	if a.Network != c.addr.Network {
		return false
	}
	if ip := net.ParseIP(a.Name); a.Network == connection.TCP && (a.Name == "" || ip != nil && ip.IsUnspecified()) {
		return a.Port == c.addr.Port
	}
	return a == c.serverAddress()
}
