package interop_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mpbridge/internal/leak"
	"mpbridge/spawn"
)

// TestMain fails when tests leave a goroutine, a descriptor, a process or a socket file behind.
// They have a folder for temporary files of their own, by which their processes are known, too.
func TestMain(m *testing.M) {
	spawn.Main(goTargets) // this program is the worker of the tests of package spawn
	if python := os.Getenv(envHoldPool); python != "" {
		holdPool(python, os.Getenv(envHoldPool+"_DIR"))
	}
	if os.Getenv(envQueueChild) != "" {
		queueChild()
	}
	if len(os.Args) == 2 && children[os.Args[1]] != nil {
		children[os.Args[1]]()
		os.Exit(0)
	}
	if what := os.Getenv(envDoomed); what != "" {
		doomed(what)
	}
	dir, err := os.MkdirTemp("", "mp")
	if err == nil {
		err = os.Setenv("TMPDIR", dir)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	before := leak.Descriptors()
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
		report = leak.Goroutines() + processes(dir) + sockets(dir)
		if n := leak.Descriptors(); n > before {
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
