package sysv

// setStat is struct semid64_ds, which on this architecture has room beside each time.
type setStat struct {
	permissions
	used    int64 // when an operation was done
	_       uint64
	changed int64
	_       uint64
	n       uint64
	_       [2]uint64
}
