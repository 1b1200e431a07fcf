package interop_test

import (
	"strings"
	"testing"
)

// givingCalls are calls of queues whose items are given for good: one that was not read comes back
// to the head, one that was read does not.
var givingCalls = []*faultCall{
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
func makeRoom(t *testing.T, l *ledger, _ bool) {
	t.Helper()
	on[int](t, l, "take")
}

// putFour puts what a call waits for.
func putFour(t *testing.T, l *ledger, large bool) {
	t.Helper()
	size := 0
	if large {
		size = 1
	}
	on[any](t, l, "fill", 0, 4, size)
}

// lendingCalls are calls of queues that lend: what was not acknowledged comes back, and its number
// of deliveries tells whether somebody may have seen it.
var lendingCalls = []*faultCall{
	{name: "get on lease", family: "lent", method: "get", fill: 4, takes: 1, left: lentOne},
	{name: "get on lease that waits", family: "lent", method: "get", takes: 1, feed: putFour,
		left: lentOne},
	{name: "get_many on lease", family: "lent", method: "get_many", args: []any{3}, fill: 4,
		takes: 3, left: func(p progress) []string {
			return either(p.seen(), "0:2 1:2 2:2 3:1", untouched)
		}},
	{name: "lease", family: "lent", method: "lease", fill: 4, takes: 1, left: lentOne},
	{name: "lease that waits", family: "lent", method: "lease", takes: 1, feed: putFour,
		left: lentOne},
	{name: "put on lease", family: "lent", method: "put", args: []any{2}, fill: 2,
		left: func(p progress) []string { return either(p.done(), "0:1 1:1 2:1", "0:1 1:1") }},
	{name: "ack", family: "lent", method: "ack", args: []any{"receipt"}, fill: 4, lease: true,
		left: acknowledged},
	{name: "nack", family: "lent", method: "nack", args: []any{"receipt"}, fill: 4, lease: true,
		left: func(progress) []string { return strings.Fields(seen) }},
	{name: "task_done on lease", family: "lent", method: "task_done", fill: 4, lease: true,
		left: acknowledged},
}

const (
	untouched = "0:1 1:1 2:1 3:1"
	seen      = "0:2 1:1 2:1 3:1"
)

func lentOne(p progress) []string { return either(p.seen(), seen, untouched) }

func acknowledged(p progress) []string { return either(p.done(), "1:1 2:1 3:1", seen) }
