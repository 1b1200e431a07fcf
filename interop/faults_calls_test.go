package interop_test

import (
	"strings"
	"testing"
)

// plainCalls are calls of queues whose items are given for good: one that was not read comes back
// to the head, one that was read does not.
var plainCalls = []*faultCall{
	{name: "put", family: "plain", method: "put", args: []any{2}, fill: 2, left: putOne},
	{name: "put that waits", family: "bounded", method: "put", args: []any{2}, fill: 2,
		feed: makeRoom, left: func(p progress) []string { return either(p.done(), "1 2", "1") }},
	{name: "put_many", family: "plain", method: "put_many", args: []any{[]int{2, 3, 4}}, fill: 2,
		left: func(p progress) []string { return either(p.done(), "0 1 2 3 4", "0 1") }},
	{name: "put_many that waits", family: "bounded", method: "put_many", args: []any{[]int{1, 2}},
		fill: 1, feed: makeRoom, left: func(p progress) []string { return either(p.done(), "1 2", "1") }},
	{name: "get", family: "plain", method: "get", fill: 4, takes: 1, left: getOne},
	{name: "get that waits", family: "plain", method: "get", takes: 1, feed: putFour, left: getOne},
	{name: "get with a timeout", family: "plain", method: "get", args: []any{true, 600}, fill: 4,
		takes: 1, left: getOne},
	{name: "get with a timeout that waits", family: "plain", method: "get", args: []any{true, 600},
		takes: 1, feed: putFour, left: getOne},
	{name: "get_many", family: "plain", method: "get_many", args: []any{3}, fill: 4, takes: 3,
		left: func(p progress) []string { return either(p.kept(), "3", "0 1 2 3") }},
	{name: "get_many that waits", family: "plain", method: "get_many", args: []any{1}, takes: 1,
		feed: putFour, left: getOne},
	{name: "task_done", family: "plain", method: "task_done", fill: 2,
		left: func(progress) []string { return []string{"0", "1"} },
		unfinished: func(p progress) int {
			if p.done() {
				return 1
			}
			return 2
		}},
}

func putOne(p progress) []string { return either(p.done(), "0 1 2", "0 1") }

func getOne(p progress) []string { return either(p.kept(), "1 2 3", "0 1 2 3") }

// makeRoom takes an item from a queue that is full.
func makeRoom(t *testing.T, q *testQueue, _ bool) {
	t.Helper()
	on[int](t, q, "take")
}

// putFour puts what a call waits for.
func putFour(t *testing.T, q *testQueue, large bool) {
	t.Helper()
	size := 0
	if large {
		size = 1
	}
	on[any](t, q, "fill", 0, 4, size)
}

// leasedCalls are calls of queues with leases: what was not acknowledged comes back, and its number
// of deliveries tells whether somebody may have seen it.
var leasedCalls = []*faultCall{
	{name: "get on lease", family: "leased", method: "get", fill: 4, takes: 1, left: leasedOne},
	{name: "get on lease that waits", family: "leased", method: "get", takes: 1, feed: putFour,
		left: leasedOne},
	{name: "get_many on lease", family: "leased", method: "get_many", args: []any{3}, fill: 4,
		takes: 3, left: func(p progress) []string {
			return either(p.seen(), "0:2 1:2 2:2 3:1", untouched)
		}},
	{name: "lease", family: "leased", method: "lease", fill: 4, takes: 1, left: leasedOne},
	{name: "lease that waits", family: "leased", method: "lease", takes: 1, feed: putFour,
		left: leasedOne},
	{name: "put on lease", family: "leased", method: "put", args: []any{2}, fill: 2,
		left: func(p progress) []string { return either(p.done(), "0:1 1:1 2:1", "0:1 1:1") }},
	{name: "ack", family: "leased", method: "ack", args: []any{"receipt"}, fill: 4, lease: true,
		left: acknowledged},
	{name: "nack", family: "leased", method: "nack", args: []any{"receipt"}, fill: 4, lease: true,
		left: func(progress) []string { return strings.Fields(seen) }},
	{name: "task_done on lease", family: "leased", method: "task_done", fill: 4, lease: true,
		left: acknowledged},
}

const (
	untouched = "0:1 1:1 2:1 3:1"
	seen      = "0:2 1:1 2:1 3:1"
)

func leasedOne(p progress) []string { return either(p.seen(), seen, untouched) }

func acknowledged(p progress) []string { return either(p.done(), "1:1 2:1 3:1", seen) }
