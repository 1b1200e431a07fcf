package sysv

// setStat is struct semid64_ds.
type setStat struct {
	permissions
	used    int64 // when an operation was done
	changed int64
	n       uint64
	_       [2]uint64
}
