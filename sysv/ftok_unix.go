//go:build unix

package sysv

import (
	"os"
	"syscall"
)

// Ftok makes a key of a file that is there and of a number, of which the lowest 8 bits count, as ftok(3) and
// sysv_ipc.ftok do. Two files can have the same key, and a file that was made anew another one.
func Ftok(path string, id int) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, ErrNotSupported
	}
	return Key(uint32(id)<<24 | uint32(st.Dev)&0xff<<16 | uint32(st.Ino)&0xffff), nil
}
