package files

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzLines: what comes of a file does not depend on how it grew, and is what bytes.Split makes of it.
func FuzzLines(f *testing.F) {
	f.Add([]byte("one\ntwo\n\nrest"), uint8(3), uint8(3))
	f.Add([]byte("\n\n"), uint8(1), uint8(1))
	f.Add(bytes.Repeat([]byte("long"), 100), uint8(7), uint8(90))
	f.Fuzz(func(t *testing.T, text []byte, most, part uint8) {
		path := filepath.Join(t.TempDir(), "log")
		require.NoError(t, os.WriteFile(path, nil, 0o600))
		r, err := os.Open(path)
		require.NoError(t, err)
		defer r.Close()
		w, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		require.NoError(t, err)
		defer w.Close()

		l := &lines{f: r, most: int(most)}
		var got [][]byte // nil for one that was too long
		for rest := text; len(rest) > 0; {
			n := min(int(part)+1, len(rest))
			_, err := w.Write(rest[:n])
			require.NoError(t, err)
			rest = rest[n:]
			for {
				line, err := l.next()
				if errors.Is(err, io.EOF) {
					break
				}
				var limit *LimitError
				require.True(t, err == nil || errors.As(err, &limit), "%v", err)
				got = append(got, line)
			}
			require.LessOrEqual(t, len(l.buf), int(most)+readSize)
		}
		all := bytes.Split(text, []byte("\n"))
		last := all[len(all)-1]
		var want [][]byte
		for _, line := range all[:len(all)-1] {
			if len(line) > int(most) {
				line = nil
			}
			want = append(want, line)
		}
		if len(last) > int(most) { // it is known to be too long before it ends
			want, last = append(want, nil), nil
		}
		require.Equal(t, len(want), len(got))
		for i := range want {
			require.Equal(t, want[i] == nil, got[i] == nil)
			require.True(t, bytes.Equal(want[i], got[i]))
		}
		require.True(t, bytes.Equal(last, l.rest()))
	})
}
