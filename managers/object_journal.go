package managers

// ObjectJournal makes an object durable that is shared by name and is no queue: it has what makes the object what it is,
// change by change. Its methods are called by one goroutine at a time.
type ObjectJournal interface {
	// Replay calls f for what was kept, in order: what Replace had last, and each Append since. It is called once, before
	// all else. kind is that of the object; what another kind has left is an error.
	Replay(kind string, f func(change []byte) error) error
	// Append keeps one more change. It does not wait: wait does, and returns why the change was not kept, if it was not.
	Append(change []byte) (wait func() error, err error)
	// Replace keeps this in place of all before, at once.
	Replace(whole []byte) (wait func() error, err error)
}
