package connection_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

func TestAMessageThatLeftInPartIsSentPartially(t *testing.T) {
	c, there := pair(t, &connection.Options{})
	sent := make(chan error, 1)
	go func() { sent <- c.SendBytes(context.Background(), make([]byte, 64<<20)) }()
	_, err := there.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, there.Close())
	require.Error(t, <-sent)
	assert.True(t, c.Transport().SentPartially())
}

func TestAMessageOfWhichNothingLeftIsNotSentPartially(t *testing.T) {
	c, _ := pair(t, &connection.Options{})
	require.NoError(t, c.SendBytes(context.Background(), []byte("whole")))
	assert.False(t, c.Transport().SentPartially())
	require.NoError(t, c.Close())
	require.Error(t, c.SendBytes(context.Background(), []byte("late")))
	assert.False(t, c.Transport().SentPartially())
}
