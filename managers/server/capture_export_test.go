package server

// Hold locks the shared list of a name, as a call that never ends does, until release.
func Hold(s *Server, name string) (release func()) {
	l := s.objects.find([]byte(newShared(name, nil).ident)).object.(*list)
	l.mu.Lock()
	return l.mu.Unlock
}

// StillRead tells how many objects a Snapshot waits for, to whoever it calls meanwhile.
func StillRead(s *Server) int { return len(s.captures) }

// AllTold reports whether every connection that is left knows that the server stops, and there is one.
func AllTold(s *Server) bool {
	all := s.open()
	for _, sess := range all {
		if !sess.stopping() {
			return false
		}
	}
	return len(all) > 0
}
