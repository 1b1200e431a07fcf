package connection_test

import (
	"testing"
	"time"

	"mpbridge/connection"

	"github.com/stretchr/testify/assert"
)

func TestAFloodOfRefusedPeersIsNoFloodOfLogLines(t *testing.T) {
	var r connection.Refusals
	start := time.Unix(1000, 0)
	lines := 0
	for range 500 {
		if log, _ := r.Next(start); log {
			lines++
		}
	}
	assert.Equal(t, 20, lines)
	log, skipped := r.Next(start.Add(time.Second))
	assert.True(t, log)
	assert.Equal(t, 480, skipped)
}
