package pool

import (
	_ "embed"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

// script is what the interpreter of a worker runs.
//
//go:embed worker.py
var script string

// interpreter finds the executable of Options once and for all.
func interpreter(o *Options) (string, error) {
	name := o.Python
	switch {
	case name == "" && o.Venv != "":
		name = filepath.Join(o.Venv, "bin", "python")
	case name == "":
		name = "python3"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path) // which the workers' Dir must not change
	}
	if err != nil {
		return "", &StartError{Python: name, Err: err}
	}
	return path, nil
}

// spawned is a child of ours.
type spawned struct {
	cmd *exec.Cmd

	mu     sync.Mutex
	reaped bool
}

// spawn returns what starts an interpreter with a script.
func (p *Pool) spawn(script string) starter {
	return func(_ int, socket, stdout, stderr *os.File) (child, error) {
		args := append(append([]string{}, p.opts.Flags...), "-c", script)
		cmd := exec.Command(p.python, args...)
		cmd.Dir, cmd.Env = p.opts.Dir, p.opts.Env
		cmd.Stdout, cmd.Stderr = stdout, stderr
		cmd.ExtraFiles = []*os.File{socket}
		cmd.SysProcAttr = processAttributes()
		if err := p.spawner.start(cmd); err != nil {
			return nil, err
		}
		return &spawned{cmd: cmd}, nil
	}
}

func (c *spawned) id() int { return c.cmd.Process.Pid }

// wait reaps the process.
func (c *spawned) wait() (Exit, error) {
	awaitExit(c.id())
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.cmd.Wait() // the state says it all
	c.reaped = true
	return exitOf(c.cmd.ProcessState.Sys().(syscall.WaitStatus)), nil
}

// exitOf reads how a process ended.
func exitOf(s syscall.WaitStatus) Exit {
	if s.Signaled() {
		return Exit{Code: -1, Signal: s.Signal()}
	}
	return Exit{Code: s.ExitStatus()}
}
