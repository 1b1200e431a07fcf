//go:build linux || darwin

package reduction

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/unix"
)

func FuzzRights(f *testing.F) {
	f.Add(unix.UnixRights(3), byte(1))
	f.Add(append(unix.UnixRights(3, 4), unix.UnixRights(5)...), byte(3))
	f.Add(unix.UnixRights(3)[:unix.CmsgLen(2)], byte(1))
	f.Add([]byte("\x16\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00000000"), byte(3))
	f.Add([]byte{}, byte(0))
	f.Add([]byte{1, 2, 3}, byte(ack))
	f.Fuzz(func(t *testing.T, oob []byte, payload byte) {
		fds, err := rightsIn(oob)
		assert.LessOrEqual(t, 4*len(fds), len(oob))
		if err != nil {
			return
		}
		m := rights{came: true, payload: payload, fds: fds}
		if (expectation{1, 1, true}).check(m) == nil {
			assert.Len(t, fds, 1)
		}
		if (expectation{0, 5, false}).check(m) == nil {
			assert.Len(t, fds, int(payload))
		}
	})
}
