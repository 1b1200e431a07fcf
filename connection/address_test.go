package connection_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// TestAnAddressIsReadBackAsItWas, also where a peer chose its name, so that none can pass for another.
func TestAnAddressIsReadBackAsItWas(t *testing.T) {
	for _, a := range []connection.Address{
		{Network: connection.TCP, Name: "127.0.0.1", Port: 50000},
		{Network: connection.TCP, Name: "", Port: 1},
		{Network: connection.TCP, Name: "::1", Port: 65535},
		{Network: connection.TCP, Name: "fe80::1%eth0", Port: 1},
		{Network: connection.TCP, Name: "tmp/socket", Port: 5},
		{Network: connection.TCP, Name: "/tmp/socket", Port: 5},
		{Network: connection.TCP, Name: "@socket", Port: 5},
		{Network: connection.TCP, Name: "unix", Port: 5},
		{Network: connection.TCP, Name: "tcp", Port: 5},
		{Network: connection.Unix, Name: "/tmp/socket"},
		{Network: connection.Unix, Name: "./socket"},
		{Network: connection.Unix, Name: "run/socket"},
		{Network: connection.Unix, Name: "run/socket:5"},
		{Network: connection.Unix, Name: "tcp:/socket"},
		{Network: connection.Unix, Name: "tcp:host:5"},
		{Network: connection.Unix, Name: "unix:/socket"},
		{Network: connection.Unix, Name: "http://socket"},
		{Network: connection.Unix, Name: "socket"},
		{Network: connection.Unix, Name: "@abstract"},
		{Network: connection.Unix, Name: "@abstract/name"},
	} {
		t.Run(a.Network+" "+a.Name, func(t *testing.T) {
			back, err := connection.ParseAddress(a.String())
			require.NoError(t, err)
			assert.Equal(t, a, back)
		})
	}
}
