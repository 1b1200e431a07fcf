package reduction

// ack is the answer to descriptors.
const ack = 'A'

// rights is a message with descriptors, as it was received.
type rights struct {
	came    bool // something was read
	payload byte
	fds     []int
}

// expectation is what a message should hold.
type expectation struct {
	least, most int
	anyPayload  bool // the byte means nothing: a Python 2 sent it
}

// check compares a message with what was expected.
func (e expectation) check(m rights) error {
	n := len(m.fds)
	switch {
	case n == 0 && (m.payload != 0 || e.least > 0):
		return malformed("a byte without descriptors, where descriptors were expected")
	case e.anyPayload && n != 1:
		return malformed("not exactly one descriptor")
	case !e.anyPayload && byte(n) != m.payload:
		return malformed("another number of descriptors than announced")
	case n < e.least || n > e.most:
		return malformed("another number of descriptors than expected")
	}
	return nil
}
