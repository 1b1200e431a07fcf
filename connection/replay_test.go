package connection_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
)

var update = flag.String("update", "", "a Python whose handshakes are recorded to testdata/transcripts")

const transcripts = "testdata/transcripts"

var transcriptKey = []byte("secret key")

// notRandom makes challenges that a replay can repeat.
func notRandom(b []byte) (int, error) { return copy(b, counting(len(b))), nil }

// TestHandshakesReplay plays this side of handshakes that were recorded with living Pythons: what
// was received is said again, and what is sent must be what was sent then.
func TestHandshakesReplay(t *testing.T) {
	if *update != "" {
		record(t, *update)
	}
	files, err := filepath.Glob(filepath.Join(transcripts, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			here, there := net.Pipe()
			played := make(chan error, 1)
			go func() {
				played <- play(there, string(text))
				_ = there.Close()
			}()
			err = handshake(here, filepath.Base(file))
			_ = here.Close()
			require.NoError(t, <-played)
			if strings.HasSuffix(file, "-wrong-key") {
				require.ErrorIs(t, err, connection.ErrAuth)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// handshake plays the role that the name of a transcript, <python>-<our role>-<case>, says.
func handshake(nc net.Conn, name string) error {
	c, err := connection.NewConn(nc, nil)
	if err != nil {
		return err
	}
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	return connection.Handshake(c, transcriptKey, strings.Contains(name, "-listener-"), notRandom)
}

// play is the recorded peer.
func play(nc net.Conn, transcript string) error {
	for line := range strings.Lines(transcript) {
		want, err := hex.DecodeString(strings.TrimSpace(line[1:]))
		if err != nil {
			return err
		}
		if line[0] == '<' {
			_, err = nc.Write(want)
		} else {
			got := make([]byte, len(want))
			_, err = io.ReadFull(nc, got)
			if !bytes.Equal(want, got) {
				return fmt.Errorf("sent %x, which was %x when recorded", got, want)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// recorder notes what goes through a socket, one line for each read and write.
type recorder struct {
	net.Conn
	lines strings.Builder
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	if n > 0 {
		fmt.Fprintf(&r.lines, "< %x\n", p[:n])
	}
	return n, err
}

func (r *recorder) Write(p []byte) (int, error) {
	fmt.Fprintf(&r.lines, "> %x\n", p)
	return r.Conn.Write(p)
}

const (
	pythonListener = `
import sys; from multiprocessing.connection import Listener
l = Listener(('127.0.0.1', 0), authkey=%s); print(l.address[1]); sys.stdout.flush(); l.accept()`
	pythonClient = `
import sys; from multiprocessing.connection import Client
Client(('127.0.0.1', %d), authkey=%s)`
)

// record writes the transcripts of one Python.
func record(t *testing.T, python string) {
	version, err := exec.Command(python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").Output()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(transcripts, 0o755))
	for kind, key := range map[string]string{"good": `b"secret key"`, "wrong-key": `b"another"`} {
		for role, connect := range map[string]func(*testing.T, string, string) net.Conn{
			"dialer": dialPython, "listener": acceptPython,
		} {
			name := strings.TrimSpace(string(version)) + "-" + role + "-" + kind
			r := &recorder{Conn: connect(t, python, key)}
			err := handshake(r, name)
			assert.Equal(t, kind == "good", err == nil, "%s: %v", name, err)
			_ = r.Close()
			require.NoError(t, os.WriteFile(filepath.Join(transcripts, name), []byte(r.lines.String()), 0o644))
		}
	}
}

func dialPython(t *testing.T, python, key string) net.Conn {
	cmd := exec.Command(python, "-c", fmt.Sprintf(pythonListener, key))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	nc, err := net.Dial("tcp", "127.0.0.1:"+strings.TrimSpace(port))
	require.NoError(t, err)
	return nc
}

func acceptPython(t *testing.T, python, key string) net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	cmd := exec.Command(python, "-c", fmt.Sprintf(pythonClient, l.Addr().(*net.TCPAddr).Port, key))
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	nc, err := l.Accept()
	require.NoError(t, err)
	return nc
}
