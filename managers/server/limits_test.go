package server_test

import (
	"context"
	"math"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLimitsHaveAFloorAndACeiling(t *testing.T) {
	beyond := math.MaxInt32 // plus one, a negative number where an int has 32 bits
	for name, l := range map[string]server.Limits{
		"a message below a kilobyte": {MaxMessage: 100},
		"a message without end":      {MaxMessage: 1 << 60},
		"less than no connection":    {MaxConnections: -1},
		"less than none from a host": {MaxPerAddress: -1},
		"less than no handshake":     {MaxHandshakes: -1},
		"less than no waiter":        {MaxWaiters: -1},
		"less than no object":        {MaxObjects: -1},
		"less than none of a key":    {MaxObjectsPerKey: -1},
		"less than no queue":         {MaxQueues: -1},
		"less than no queue of it":   {MaxQueuesPerKey: -1},
		"less than no reference":     {MaxReferences: -1},
		"less than no item":          {MaxItems: -1},
		"few bytes":                  {MaxItemBytes: 1},
		"shallow pickles":            {MaxPickleDepth: 15},
		"pickles of any depth":       {MaxPickleDepth: 100_001},
		"a short memo":               {MaxPickleMemo: 15},
		"a memo without end":         {MaxPickleMemo: beyond + 1},
		"pickles of few values":      {MaxPickleValues: 15},
		"pickles of all values":      {MaxPickleValues: beyond + 1},
		"short integers":             {MaxIntDigits: 639},
		"integers without end":       {MaxIntDigits: 10_000_001},
		"calls of few values":        {MaxCallValues: 1 << 9},
		"calls of few bytes":         {MaxCallBytes: 1 << 10},
		"calls of few steps":         {MaxCallSteps: 1},
		"calls without end":          {MaxCallSteps: 1 << 62},
		"work of few bytes":          {MaxWorkBytes: 1 << 10},
		"a stall of a microsecond":   {WriteStall: time.Microsecond},
		"a handshake of ages":        {HandshakeTimeout: 1 << 62},
		"a grace of a microsecond":   {ObjectGrace: time.Microsecond},
		"idleness of a microsecond":  {IdleTimeout: time.Microsecond},
		"idleness of less than none": {IdleTimeout: -1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := server.New(&server.Options{Authkey: key, Limits: l})
			require.ErrorAs(t, err, new(*pickle.OptionError))
		})
	}
}

func TestConnectionsOfOneAddressAreLimited(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxPerAddress: 1})
	accept := pickled(t, pickle.Tuple{nil, "accept_connection", pickle.Tuple{"raw"}, pickle.NewDict()})
	conn, err := connection.Dial(soon(t), addrs[0].String(), &connection.DialOptions{
		Authkey: key, FirstMessage: [][]byte{accept}})
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.RecvBytes(context.Background())
	require.NoError(t, err)
	_, err = client.Dial(soon(t), addrs[0].String(), &client.Options{Authkey: key})
	var remote *managers.RemoteError
	require.ErrorAs(t, err, &remote)
	assert.Contains(t, err.Error(), "ConnectionRefusedError: more than 1 connections from one address")
	_, err = client.Dial(soon(t), addrs[1].String(), &client.Options{Authkey: key})
	require.NoError(t, err, "a unix socket is another address")
}

func TestCallsThatWaitAreLimited(t *testing.T) {
	s, addrs := serve(t, server.Limits{MaxWaiters: 1})
	waiting(t, s, addrs[0], 1)
	q, err := dial(t, addrs[0]).OpenQueue(soon(t), "get_queue")
	require.NoError(t, err)
	_, err = q.Get(soon(t))
	var remote *managers.RemoteError
	require.ErrorAs(t, err, &remote)
	assert.Contains(t, err.Error(), "more than 1 calls that wait")
}

func TestReferencesToOneObjectAreLimited(t *testing.T) {
	_, addrs := serve(t, server.Limits{MaxReferences: 1})
	c := dial(t, addrs[0])
	_, err := c.OpenQueue(soon(t), "small")
	require.NoError(t, err)
	_, err = c.OpenQueue(soon(t), "small")
	require.ErrorContains(t, err, "more than 1 references")
}

func TestAnIdleConnectionEnds(t *testing.T) {
	s, addrs := serve(t, server.Limits{IdleTimeout: 20 * time.Millisecond})
	c := dial(t, addrs[0])
	q, err := c.OpenQueue(soon(t), "get_queue")
	require.NoError(t, err)
	require.NoError(t, q.Put(soon(t), 1))
	waitFor(t, func() bool { return s.Stats().Connections == 0 })
	v, err := q.Get(soon(t))
	require.NoError(t, err, "the client connects again")
	assert.Equal(t, int64(1), v)
}

func TestAConnectionThatWaitsIsNotIdle(t *testing.T) {
	s, addrs := serve(t, server.Limits{IdleTimeout: 200 * time.Millisecond})
	conn := waiting(t, s, addrs[0], 1)
	arrived, err := conn.Poll(500 * time.Millisecond)
	require.NoError(t, err)
	assert.False(t, arrived, "neither an answer nor the end")
}
