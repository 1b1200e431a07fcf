package synchronize

// Unlink removes the name. Those who have opened it go on; nobody else can. Only who made a semaphore should.
// A name that is gone already is fs.ErrNotExist.
func (s *SemLock) Unlink() error {
	if s.name == "" {
		return ErrNoName
	}
	return Unlink(s.name)
}
