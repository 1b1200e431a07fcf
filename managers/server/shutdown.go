package server

import (
	"context"
	"time"

	"mpbridge/managers/queue"
)

// Report says what a server left behind when it stopped.
type Report struct {
	// Queues are those that were not empty.
	Queues []queue.Stats
	// Cut is the number of connections whose call did not finish in time.
	Cut int
}

// Items returns the number of items left in all queues.
func (r Report) Items() (n int) {
	for _, q := range r.Queues {
		n += q.Len
	}
	return n
}

// lastGrace is how long Shutdown waits for calls whose connections it has cut.
const lastGrace = time.Second

// Shutdown stops the server: no new connections, calls that wait for an item, a lock or the like see the end of
// their connection, and calls that work finish and have their replies written: those of registered methods, of
// pools' workers, and steps of iterations. When ctx ends their contexts do, and what is left is cut off.
func (s *Server) Shutdown(ctx context.Context) (Report, error) {
	s.askStop()
	s.closeListeners()
	for _, sess := range s.open() {
		sess.shutdown()
	}
	s.endDeclining()
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	var r Report
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = context.Cause(ctx)
		s.end()
		for _, sess := range s.open() {
			r.Cut++
			_ = sess.conn.Close()
		}
		select {
		case <-done:
		case <-time.After(lastGrace): // a method that does not watch its context is left behind
		}
	}
	s.end()
	r.Queues = s.left()
	for _, q := range s.allQueues() {
		q.stop()
	}
	s.objects.close()
	s.segments.close()
	s.peers.Close()
	return r, err
}

// Close stops the server without waiting for calls in flight.
func (s *Server) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _ = s.Shutdown(ctx)
	return nil
}

func (s *Server) left() (out []queue.Stats) {
	for _, q := range s.Stats().Queues {
		if q.Len > 0 {
			out = append(out, q)
		}
	}
	return out
}
