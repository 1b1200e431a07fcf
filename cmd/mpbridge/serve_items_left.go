package main

import (
	"cmp"
	"log/slog"
	"slices"

	"mpbridge/managers/queue"
)

// maxQueuesLogged bounds the queues that are logged one by one when a server stops: clients make as many by
// name as they like.
const maxQueuesLogged = 50

// logItemsLeft logs which queues were not empty, those with the most items first.
func logItemsLeft(log *slog.Logger, queues []queue.Stats) {
	queues = slices.Clone(queues)
	slices.SortStableFunc(queues, func(a, b queue.Stats) int { return cmp.Compare(b.Len, a.Len) })
	told := min(len(queues), maxQueuesLogged)
	for _, q := range queues[:told] {
		log.Warn("items left", "queue", q.Name, "items", q.Len, "unfinished", q.Unfinished)
	}
	if rest := queues[told:]; len(rest) > 0 {
		items := 0
		for _, q := range rest {
			items += q.Len
		}
		log.Warn("items left in others", "queues", len(rest), "items", items)
	}
}
