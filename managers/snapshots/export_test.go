package snapshots

import "mpbridge/managers/server"

// Steps lets f fail before each step that a save takes.
func Steps(st *Store, f func(name string) error) { st.step = f }

// Crash ends a store as the end of its process does.
func Crash(st *Store) { _ = st.lock.file.Close() }

// SaveIfChanged is what Every does.
func SaveIfChanged(st *Store, s *server.Server) { st.saveChanged(s) }
