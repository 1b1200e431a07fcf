package spawn

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// become makes this process an interpreter, that of the parent for "", with the same arguments and descriptors. It returns only after an error.
func become(path string, in inherited) error {
	if path == "" {
		var err error
		if path, err = parentsInterpreter(os.Getppid()); err != nil {
			return err
		}
	} else if found, err := exec.LookPath(path); err == nil {
		path = found
	}
	in.restore()
	args := append([]string{path}, os.Args[1:]...)
	err := syscall.Exec(path, args, os.Environ())
	return fmt.Errorf("spawn: running the interpreter in place of this program: %w", err)
}

// parentsInterpreter is the executable of the process that started this one. The name by which it was called tells
// of its virtual environment, which the file behind the link does not; so that is taken, if it leads to the same file.
func parentsInterpreter(pid int) (string, error) {
	proc := filepath.Join("/proc", strconv.Itoa(pid))
	exe, err := os.Readlink(filepath.Join(proc, "exe"))
	if err != nil {
		return "", fmt.Errorf("%w (%w)", ErrNoPython, err)
	}
	cmdline, err := os.ReadFile(filepath.Join(proc, "cmdline"))
	if err != nil {
		return exe, nil
	}
	name, _, _ := strings.Cut(string(cmdline), "\x00")
	if called, err := findExecutable(name, proc); err == nil && sameFile(called, exe) {
		return called, nil
	}
	return exe, nil
}

// findExecutable finds what the process called name when it was started.
func findExecutable(name, proc string) (string, error) {
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		cwd, err := os.Readlink(filepath.Join(proc, "cwd"))
		return filepath.Join(cwd, name), err
	}
	return exec.LookPath(name)
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
