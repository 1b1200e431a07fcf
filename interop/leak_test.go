package interop_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when tests leave a goroutine, a descriptor, a process or a socket file behind.
// They have a folder for temporary files of their own, by which their processes are known, too.
func TestMain(m *testing.M) {
	if python := os.Getenv(envDoomed); python != "" {
		doomed(python, os.Getenv(envDoomed+"_DIR"))
	}
	dir, err := os.MkdirTemp("", "mp")
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	before := descriptors()
	code := m.Run()
	if code == 0 {
		code = leftOver(before, dir)
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func leftOver(before int, dir string) int {
	var report string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		report = goroutines() + processes(dir) + sockets(dir)
		if n := descriptors(); n > before {
			report += fmt.Sprintf("descriptors: %d, were %d\n", n, before)
		}
		if report == "" {
			return 0
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("left over:\n%s\n", report)
	return 1
}

// goroutines returns the stacks of those that run this project's code, but for the one that asks.
func goroutines() (out string) {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for i, g := range strings.Split(string(buf), "\n\n") {
		if i > 0 && strings.Contains(g, "mpbridge/") {
			out += g + "\n\n"
		}
	}
	return out
}

// descriptors counts open files; 0 where the system does not tell. The runtime's own come first, so
// the poller is woken before counting starts.
func descriptors() int {
	r, w, err := os.Pipe()
	if err == nil {
		_ = r.Close()
		_ = w.Close()
	}
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// processes lists those whose temporary files go to dir; none where the system does not tell.
func processes(dir string) (out string) {
	names, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, name := range names {
		environ, _ := os.ReadFile(name)
		if bytes.Contains(environ, []byte("TMPDIR="+dir+"\x00")) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(name), "cmdline"))
			out += fmt.Sprintf("%s: %q\n", filepath.Dir(name), command)
		}
	}
	return out
}

// sockets lists the unix sockets in dir, but for those of Python's own folders: a manager that a
// test has killed leaves one there.
func sockets(dir string) (out string) {
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
		case e.IsDir() && strings.HasPrefix(e.Name(), "pymp-"):
			return fs.SkipDir
		case e.Type()&fs.ModeSocket != 0:
			out += "socket " + name + "\n"
		}
		return nil
	})
	return out
}
