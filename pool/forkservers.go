package pool

import (
	"context"
	"sync"
)

// forkServers has one fork server at most that is not about to end.
type forkServers struct {
	pool *Pool
	ctx  context.Context // ends with the pool
	stop context.CancelFunc
	all  sync.WaitGroup // also those that are about to end

	mu      sync.Mutex
	current *forkServer
}

func newForkServers(p *Pool) *forkServers {
	s := &forkServers{pool: p}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// get returns the fork server when it is ready, a new one if there is none. All that wait for one
// get the error of its start.
func (s *forkServers) get(ctx context.Context) (*forkServer, error) {
	s.mu.Lock()
	f := s.current
	if f == nil {
		f = newForkServer(s)
		s.current = f
		s.all.Go(f.run)
	}
	s.mu.Unlock()
	select {
	case <-f.ready:
		return f, f.err
	case <-ctx.Done():
		return nil, errStopped
	}
}

// forget has the next get start another one.
func (s *forkServers) forget(f *forkServer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == f {
		s.current = nil
	}
}

// end ends the fork server, if there is one, and returns when it is gone. There must be no worker
// any more, and no get after it.
func (s *forkServers) end() {
	s.stop()
	s.all.Wait()
}
