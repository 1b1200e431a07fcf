//go:build darwin

package connection

// quickAck exists on Linux only; elsewhere the peer's small writes may wait for a delayed
// acknowledgement.
func quickAck(uintptr) {}
