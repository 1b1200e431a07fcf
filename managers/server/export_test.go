package server

import (
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/pickle"
)

// CountConnectionsFrom makes a number that of the next connection.
func (s *Server) CountConnectionsFrom(n uint64) { s.sessionIDs.Store(n - 1) }

// FunctionsWithoutAccess returns the functions of the server that no table gives to a role.
func FunctionsWithoutAccess() (missing []string) {
	for name := range public {
		if functionAccess[name] == 0 {
			missing = append(missing, name)
		}
	}
	return missing
}

// PickledToken is the token of a list.
func PickledToken(at connection.Address, ident string) any {
	return managers.Token{Typeid: "list", Address: at, Ident: ident}.Pickled(pickle.Dialect{Protocol: 4})
}

// ServeConn serves one connection that has authenticated, until it ends.
func ServeConn(s *Server, conn *connection.Conn) {
	s.registry.freeze()
	s.accept(conn)
}

// LookOut sets how often a server looks whether a client that sent ahead has left.
func LookOut(s *Server, every time.Duration) { s.livenessInterval = every }

// ShortFrames sets what a server takes for the longest message that old peers read.
func ShortFrames(s *Server, n int64) { s.shortFrames = n }

// IteratorKeys sets from how many keys on a dict is iterated over by asking for each.
func IteratorKeys(s *Server, n int) { s.iteratorKeys = n }

// Shares returns how connections are divided in a process that may have so many descriptors.
func Shares(l Limits, descriptors int) (all, ordinary, perKey, declining int) {
	s := l.shares(descriptors)
	return s.all, s.ordinary, s.perKey, s.declining
}

// WorkBytes is how many bytes the calls of a server have at once.
func WorkBytes(s *Server) int64 { return s.allowance.pool.Used() }

// Sweep removes what nobody refers to and nobody needs, as if its time were over.
func Sweep(s *Server) { s.objects.sweep(never, s.objects.everyShare()...) }

// Exhaust is Sweep, and removes what goes where room is needed, too.
func Exhaust(s *Server) {
	Sweep(s)
	t := s.objects
	for {
		t.mu.Lock()
		e := t.evict(t.allShares())
		t.mu.Unlock()
		if e == nil {
			return
		}
		e.forget()
	}
}

func (t *objects) everyShare() []*share {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.allShares()
}

// Forget takes one reference of an object back.
func Forget(s *Server, ident string) {
	if err := s.objects.decref(ident, "", true); err != nil {
		panic(err)
	}
}

// BeginCall begins a call on an object and returns what ends it.
func BeginCall(s *Server, ident string) (end func()) { return s.objects.begin([]byte(ident)).end }

// Redo does again what a journal says of an object that is shared.
func Redo(s *Server, name string, change []byte) error {
	e := s.objects.find([]byte(newShared(name, nil).ident))
	return (&kept{server: s, object: e.object.(persistent)}).redo(change)
}
