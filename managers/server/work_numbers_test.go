package server_test

import (
	"context"
	"math/big"
	"runtime"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// decimal is a Decimal of n digits.
func decimal(n int, last string) any {
	return call("decimal", "Decimal", strings.Repeat("1", n-1)+last)
}

func TestLongDecimalsAreSorted(t *testing.T) {
	_, at := serveWork(t, server.Limits{})
	p := proxyOf(t, at, "a list")
	const digits = 12_000_000
	for _, last := range []string{"2", "1"} {
		_, err := p.Call(patient(t), "append", decimal(digits, last))
		require.NoError(t, err)
	}
	_, err := p.Call(patient(t), "sort")
	require.NoError(t, err)
	i, err := p.Call(patient(t), "index", decimal(digits, "2"))
	require.NoError(t, err)
	assert.Equal(t, int64(1), i)
	info, err := dial(t, at).DebugInfo(patient(t))
	require.NoError(t, err)
	assert.Contains(t, info, "[<12000034 bytes>, <12000034 bytes>]")
}

func TestADecimalIsComparedWithANumberThatIsNotTooLong(t *testing.T) {
	_, at := serveWork(t, server.Limits{})
	p := proxyOf(t, at, "a list")
	million := call("decimal", "Decimal", "1"+strings.Repeat("0", 1_000_000))
	_, err := p.Call(patient(t), "append", million)
	require.NoError(t, err)
	for _, c := range []struct {
		n     *big.Int
		count int64
	}{
		{new(big.Int).Lsh(big.NewInt(1), 1<<25), 0}, // of another size: a look is enough
		{new(big.Int).Exp(big.NewInt(10), big.NewInt(1_000_000), nil), 1},
	} {
		n, err := p.Call(patient(t), "count", c.n)
		require.NoError(t, err)
		assert.Equal(t, c.count, n)
	}
	_, err = p.Call(patient(t), "append", call("decimal", "Decimal", "1E+10000000"))
	require.NoError(t, err)
	_, err = p.Call(patient(t), "count", new(big.Int).Lsh(big.NewInt(1), 33_219_281))
	require.ErrorIs(t, err, managers.ErrRuntimeError)
}

func TestAClientsNameIsTheBeginningOfWhatItSends(t *testing.T) {
	s, at := serveWork(t, server.Limits{})
	for name, v := range map[string]any{
		"":                       new(big.Int).Lsh(big.NewInt(1), 32<<20), // too long to be written out
		strings.Repeat("n", 100): strings.Repeat("n", 1<<20),
		"((((((((((((((((((((((": doubled(60),
		"Process-1":              "Process-1",
	} {
		t.Run(name, func(t *testing.T) {
			accept := pickled(t, pickle.Tuple{nil, "accept_connection", pickle.Tuple{v}, pickle.NewDict()})
			conn, err := connection.Dial(patient(t), at.String(), &connection.DialOptions{
				Authkey: key, FirstMessage: [][]byte{accept}})
			require.NoError(t, err)
			defer conn.Close()
			_, err = conn.RecvBytes(context.Background())
			require.NoError(t, err)
			clients := s.Clients()
			got := clients[len(clients)-1].Name
			assert.True(t, strings.HasPrefix(got, name), got)
			assert.LessOrEqual(t, len(got), 100)
		})
	}
}

func TestTheTextOfManyObjectsCostsLittle(t *testing.T) {
	_, at := serveWork(t, server.Limits{})
	c := dial(t, at)
	var held []*client.Proxy
	for range 20 {
		p, err := c.Open(patient(t), "list")
		require.NoError(t, err)
		held = append(held, p)
		_, err = p.Call(patient(t), "append", times(1<<18, nil))
		require.NoError(t, err)
	}
	var info string
	grown := made(func() {
		var err error
		info, err = c.DebugInfo(patient(t))
		require.NoError(t, err)
	})
	runtime.KeepAlive(held)
	assert.Equal(t, 20, strings.Count(info, " bytes>]"), info)
	assert.Less(t, grown, uint64(20*(16<<20)), "bytes allocated")
}
