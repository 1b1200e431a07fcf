package client_test

import (
	"context"
	"testing"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAServerThatSaysFullAtOnceIsAskedLessAndLess(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	asked := 0
	err := client.InSlices(ctx, managers.ErrFull, func(context.Context, float64) error {
		asked++
		return managers.ErrFull
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Less(t, asked, 30)
}
