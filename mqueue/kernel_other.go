//go:build !linux

package mqueue

// Only Linux has these queues in this form: nothing can be created or opened, so that nothing below is reached after.

func createQueue(string, *CreateOptions) (int, error) { return -1, ErrNotSupported }
func openQueue(string, Access) (int, error)           { return -1, ErrNotSupported }
func unlinkQueue(string) error                        { return ErrNotSupported }
func attributes(int) (Attributes, error)              { return Attributes{}, ErrNotSupported }
func sendMessage(int, []byte, int) error              { return ErrNotSupported }
func receiveMessage(int, []byte) (n, priority int, err error) {
	return 0, 0, ErrNotSupported
}
