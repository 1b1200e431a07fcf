//go:build linux || darwin

package connection_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

// ahead are options with a read buffer, without which BusyPoll does not look.
var ahead = &connection.Options{ReadBuffer: 1 << 10}

func TestBusyPollFindsAMessageAndLeavesItToBeReceived(t *testing.T) {
	a, b := pipePair(t, ahead)
	require.NoError(t, b.SendBytes(context.Background(), []byte("first")))
	assert.True(t, a.Transport().BusyPoll(time.Minute))
	assert.True(t, a.Transport().BusyPoll(time.Minute), "what was found is there until it is received")
	got, err := a.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "first", string(got))
}

func TestBusyPollFindsAMessageThatComesWhileItLooks(t *testing.T) {
	a, b := pipePair(t, ahead)
	sent := make(chan error, 1)
	go func() { sent <- b.SendBytes(context.Background(), []byte("late")) }()
	assert.True(t, a.Transport().BusyPoll(time.Minute))
	require.NoError(t, <-sent)
	got, err := a.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "late", string(got))
}

func TestBusyPollGivesUpAndTheConnectionGoesOn(t *testing.T) {
	a, b := pipePair(t, ahead)
	assert.False(t, a.Transport().BusyPoll(time.Millisecond))
	require.NoError(t, b.SendBytes(context.Background(), []byte("later")))
	got, err := a.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "later", string(got))
}

func TestBusyPollSeesThatThePeerIsGone(t *testing.T) {
	a, b := pipePair(t, ahead)
	require.NoError(t, b.Close())
	assert.True(t, a.Transport().BusyPoll(time.Minute))
	_, err := a.RecvBytes(context.Background())
	assert.ErrorIs(t, err, io.EOF)
}

func TestBusyPollDoesNotLookWithoutAReadBuffer(t *testing.T) {
	a, b := pipePair(t, nil)
	require.NoError(t, b.SendBytes(context.Background(), []byte("there")))
	assert.False(t, a.Transport().BusyPoll(time.Minute))
	got, err := a.RecvBytes(context.Background())
	require.NoError(t, err)
	assert.Equal(t, "there", string(got))
}

func TestBusyPollOfAClosedConnIsOver(t *testing.T) {
	a, _ := pipePair(t, ahead)
	require.NoError(t, a.Close())
	assert.True(t, a.Transport().BusyPoll(time.Minute))
	_, err := a.RecvBytes(context.Background())
	assert.ErrorIs(t, err, connection.ErrClosed)
}
