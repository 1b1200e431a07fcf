package connection

import "sync"

// running counts calls under way. Unlike a sync.WaitGroup it is waited for with a channel, so that
// who gives up waiting leaves no goroutine behind.
type running struct {
	mu   sync.Mutex // all below
	n    int
	idle chan struct{} // closed when n is 0; nil while nobody waits
}

func (r *running) add() {
	r.mu.Lock()
	r.n++
	r.mu.Unlock()
}

func (r *running) done() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n--; r.n == 0 && r.idle != nil {
		close(r.idle)
		r.idle = nil
	}
}

// ended returns a channel that is closed when no call is under way. No call may begin any more.
func (r *running) ended() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == 0 {
		none := make(chan struct{})
		close(none)
		return none
	}
	if r.idle == nil {
		r.idle = make(chan struct{})
	}
	return r.idle
}
