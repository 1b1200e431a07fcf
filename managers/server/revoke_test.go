package server

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// spender is an object whose methods give something away and then end as they are told.
type spender struct {
	result          error
	panics          bool
	undone, settled int
}

func (s *spender) Call(c *Call) (any, error) {
	c.effect = s
	if s.panics {
		panic("as it was told")
	}
	return nil, s.result
}

func (s *spender) Methods() []string { return []string{"spend"} }

func (s *spender) Resolve(o queue.Outcome) {
	if o == queue.Delivered {
		s.settled++
	} else {
		s.undone++
	}
}

func TestWhatACallGaveIsTakenBackWhereItsClientGetsAnException(t *testing.T) {
	for name, o := range map[string]*spender{
		"exception": {result: managers.ErrValueError.New("no")},
		"error":     {result: errors.New("something else")},
		"panic":     {panics: true},
	} {
		t.Run(name, func(t *testing.T) {
			askTwice(t, o)
			assert.Equal(t, 2, o.undone)
			assert.Zero(t, o.settled)
		})
	}
}

func TestWhatACallGaveIsTheClientsWhereItGetsTheResult(t *testing.T) {
	o := &spender{}
	askTwice(t, o)
	assert.Zero(t, o.undone)
	assert.Equal(t, 2, o.settled)
}

// askTwice calls a method of o over a connection, twice, and ends the connection.
func askTwice(t *testing.T, o Object) {
	t.Helper()
	s, err := New(&Options{Authkey: []byte("key")})
	require.NoError(t, err)
	defer s.Close()
	e, err := s.objects.add("spender", o, Type{}, lone)
	require.NoError(t, err)
	theirs, ours, err := connection.Pipe(&connection.Options{ReadBuffer: wire.SmallMessage})
	require.NoError(t, err)
	over := make(chan struct{})
	go func() {
		defer close(over)
		ServeConn(s, theirs)
	}()
	none := pickle.NewDict()
	for _, request := range []pickle.Tuple{
		{nil, "accept_connection", pickle.Tuple{"test"}, none},
		{e.ident, "spend", pickle.Tuple{}, none},
		{e.ident, "spend", pickle.Tuple{}, none},
	} {
		data, err := pickle.Marshal(request)
		require.NoError(t, err)
		require.NoError(t, ours.SendBytes(context.Background(), data))
		_, err = ours.RecvBytes(context.Background())
		require.NoError(t, err)
	}
	require.NoError(t, ours.Close())
	<-over
}
