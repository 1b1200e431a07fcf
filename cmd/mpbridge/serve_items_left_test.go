package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"mpbridge/managers/queue"

	"github.com/stretchr/testify/assert"
)

func TestOfManyQueuesWithItemsLeftTheFullestAreLoggedAndTheOthersCounted(t *testing.T) {
	var book bytes.Buffer
	queues := make([]queue.Stats, 120)
	for i := range queues {
		queues[i] = queue.Stats{Name: fmt.Sprintf("q%d", i), Len: i + 1}
	}
	logItemsLeft(slog.New(slog.NewTextHandler(&book, nil)), queues)
	lines := strings.Split(strings.TrimSpace(book.String()), "\n")
	assert.Len(t, lines, maxQueuesLogged+1)
	assert.Contains(t, lines[0], "queue=q119 items=120")
	assert.Contains(t, lines[maxQueuesLogged], "queues=70 items=2485", "1 + ... + 70")
	assert.Equal(t, "q0", queues[0].Name, "the report stays as it was")
}
