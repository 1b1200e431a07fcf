package server

import (
	"slices"
	"time"

	"mpbridge/managers/queue"
)

// Stats is a snapshot of a server's counters.
type Stats struct {
	Connections int
	Objects     int    // that clients refer to
	Requests    uint64 // since the start
	Redelivered uint64 // replies that reached nobody and were taken back
	Items       int64  // in all queues, and leased
	ItemBytes   int64  // of them, with ItemOverhead for each
	Queues      []queue.Stats
	Time        time.Time
}

// Stats returns a snapshot.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	st := Stats{Connections: len(s.sessions), Time: time.Now()}
	s.mu.Unlock()
	st.Objects = s.objects.count()
	st.Items, st.ItemBytes = s.room.Held()
	st.Requests, st.Redelivered = s.requests.Load(), s.redelivered.Load()
	for _, q := range s.allQueues() {
		st.Queues = append(st.Queues, q.stats())
	}
	return st
}

// allQueues returns the queues that are shared by name.
func (s *Server) allQueues() []offered {
	s.mu.Lock()
	queues := slices.Clone(s.queues)
	s.mu.Unlock()
	return append(queues, s.objects.memberQueues()...)
}
