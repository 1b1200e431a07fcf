package server_test

import (
	"mpbridge/internal/testing/testwait"
	"mpbridge/managers/queue"
)

// Waits of tests.
var (
	soon    = testwait.Soon
	waitFor = testwait.For
)

var orders = map[string]queue.Order{"FIFO": queue.FIFO, "LIFO": queue.LIFO, "priority": queue.Priority}
