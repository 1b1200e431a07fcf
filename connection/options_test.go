package connection_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// badOptions have one value each that is out of its range.
var badOptions = map[string]connection.Options{
	"MaxMessage": {MaxMessage: connection.FloorMaxMessage - 1},
	"MaxSend":    {MaxSend: -1},
	"ReadBuffer": {ReadBuffer: connection.CeilReadBuffer + 1},
	"WriteStall": {WriteStall: -1},
}

func TestAConnIsNotMadeWithAnOptionOutOfItsRange(t *testing.T) {
	for name, o := range badOptions {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			defer there.Close()
			_, err := connection.NewConn(here, &o)
			requireOptionError(t, name, err)
		})
	}
}

func TestNewConnThatFailsClosesTheSocket(t *testing.T) {
	here, there := net.Pipe()
	defer there.Close()
	_, err := connection.NewConn(here, &connection.Options{MaxSend: -1})
	require.Error(t, err)
	_, err = there.Write([]byte("x"))
	require.Error(t, err)
}

func TestAListenerIsNotMadeWithAnOptionOutOfItsRange(t *testing.T) {
	bad := map[string]connection.ListenOptions{
		"HandshakeTimeout": {HandshakeTimeout: -1},
		"MaxPending":       {MaxPending: -1},
		"Backlog":          {Backlog: -1},
	}
	for name, o := range badOptions {
		bad[name] = connection.ListenOptions{Options: o}
	}
	for name, o := range bad {
		t.Run(name, func(t *testing.T) {
			_, err := connection.Listen(loopback.String(), &o)
			requireOptionError(t, name, err)
		})
	}
}

func TestNothingIsDialledWithAnOptionOutOfItsRange(t *testing.T) {
	bad := map[string]connection.DialOptions{
		"HandshakeTimeout": {HandshakeTimeout: -1},
		"RetryFor":         {RetryFor: -1},
	}
	for name, o := range badOptions {
		bad[name] = connection.DialOptions{Options: o}
	}
	for name, o := range bad {
		t.Run(name, func(t *testing.T) {
			_, err := connection.Dial(context.Background(), loopback.String(), &o)
			requireOptionError(t, name, err)
		})
	}
}

func requireOptionError(t *testing.T, name string, err error) {
	t.Helper()
	var wrong *connection.OptionError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, name, wrong.Option)
}
