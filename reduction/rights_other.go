//go:build !linux && !darwin

package reduction

import (
	"os"
	"syscall"
)

// What passing descriptors needs, on a system that has none: duplicate and recvRights fail before
// any of the others is called.

func sendRights(syscall.RawConn, []int) error { return ErrUnsupported }

func recvRights(syscall.RawConn) (rights, error) { return rights{}, ErrUnsupported }

func readByte(syscall.RawConn) (byte, error) { return 0, ErrUnsupported }

func writeByte(syscall.RawConn, byte) error { return ErrUnsupported }

func duplicate(syscall.Conn) (int, error) { return -1, ErrUnsupported }

func block(int) error { return ErrUnsupported }

func closeFd(int) {}

func newFile(int) *os.File { return nil }
