package connection

import "sync"

// ctxMutex is a lock whose waiters can give up. It costs two words and a mutex while nobody waits,
// which matters with thousands of connections; a channel would cost a hundred bytes each.
type ctxMutex struct {
	mu    sync.Mutex // held, freed; never kept while waiting
	held  bool
	freed chan struct{} // closed by unlock if somebody waits
}

// lock takes the ctxMutex, or returns false when done is closed first. A nil done waits for ever.
func (g *ctxMutex) lock(done <-chan struct{}) bool {
	for {
		g.mu.Lock()
		if !g.held {
			g.held = true
			g.mu.Unlock()
			return true
		}
		if g.freed == nil {
			g.freed = make(chan struct{})
		}
		freed := g.freed
		g.mu.Unlock()
		select {
		case <-freed:
		case <-done:
			return false
		}
	}
}

func (g *ctxMutex) unlock() {
	g.mu.Lock()
	g.held = false
	if g.freed != nil {
		close(g.freed)
		g.freed = nil
	}
	g.mu.Unlock()
}
