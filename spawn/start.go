package spawn

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"mpbridge/pickle"
	"mpbridge/sharedmem"
)

// Start starts a stock Python, 2.7 or 3.6 to 3.15, that calls a function: Process(target=module.function, args=args).start()
// in Python. python is an executable, function is "package.module:name", and keyword arguments are the last of args if
// that is a pickle.Kwargs.
//
// Arguments are pickled as pickle.Marshal does. Objects of the packages synchronize, queues and sharedmem and ends of pipes
// become objects of the standard library's own classes, wherever in tuples, lists, maps and slices of such they
// stand, and one that stands in two places is one there. They stay this process's, too: it closes them, and removes their
// names, when nobody needs them any more, and not before the child has opened them.
//
// When ctx ends the process gets SIGTERM, and SIGKILL if it is there five seconds later.
func Start(ctx context.Context, python, function string, args ...any) (*Process, error) {
	return (*StartOptions)(nil).Start(ctx, python, function, args...)
}

// killDelay is how long a process may take to end after SIGTERM.
const killDelay = 5 * time.Second

// ErrFunctionName says that a text does not name a function.
var ErrFunctionName = errors.New(`spawn: want the name of a function, "package.module:name"`)

var started atomic.Int64

// Start is the function Start with options; o may be nil.
func (o *StartOptions) Start(ctx context.Context, python, function string, args ...any) (*Process, error) {
	if runtime.GOOS != "linux" {
		return nil, ErrNotSupported
	}
	module, name, _ := strings.Cut(function, ":")
	if !dotted(module) || !dotted(name) {
		return nil, fmt.Errorf("%w: %.100q", ErrFunctionName, function)
	}
	path, err := exec.LookPath(python)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, fmt.Errorf("spawn: %w", err)
	}
	major, err := majorVersion(ctx, path)
	if err != nil {
		return nil, err
	}
	l := &launch{python2: major == 2, path: path, function: pickle.Global{Module: module, Name: name}}
	if o != nil {
		l.opts = *o
	}
	if l.opts.Name == "" {
		l.opts.Name = fmt.Sprintf("GoProcess-%d", started.Add(1))
	}
	if l.opts.Authkey == nil {
		l.opts.Authkey = make([]byte, 32)
		_, _ = rand.Read(l.opts.Authkey) // never fails
	}
	return l.start(ctx, args)
}

func (l *launch) start(ctx context.Context, args []any) (*Process, error) {
	defer l.closeFiles()
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	l.inherit(r)
	p := &Process{name: l.opts.Name, exited: make(chan struct{})}
	if !l.python2 {
		if p.tracker, err = sharedmem.NewTracker(); err != nil {
			return nil, errors.Join(err, w.Close())
		}
		tracker, err := duplicate(p.tracker.File())
		if err != nil {
			return nil, errors.Join(err, w.Close(), p.tracker.Close())
		}
		l.inherit(tracker)
	}
	message, err := l.message(args)
	if err == nil {
		p.cmd = l.command(ctx)
		err = p.cmd.Start()
	}
	if err != nil {
		if p.tracker != nil {
			err = errors.Join(err, p.tracker.Close())
		}
		return nil, errors.Join(err, w.Close())
	}
	go p.run(w, message)
	return p, nil
}

// The descriptors of the child's pipe and of its tracker.
const pipeFd, trackerFd = 3, 4

// bootstrap3 is what the start method spawn runs: get_command_line in Lib/multiprocessing/spawn.py.
var bootstrap3 = fmt.Sprintf(
	"from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=%d, pipe_handle=%d)", trackerFd, pipeFd)

// bootstrap2 does what has no counterpart in Python 2.
var bootstrap2 = fmt.Sprintf("import os, pickle, multiprocessing\n"+
	"m = multiprocessing.current_process()\n"+
	"m.name, m.authkey, f, a, k = pickle.load(os.fdopen(%d, 'rb'))\n"+
	"f(*a, **k)", pipeFd)

func (l *launch) command(ctx context.Context) *exec.Cmd {
	args := []string{"-c", bootstrap3, forkFlag}
	if l.python2 {
		args = []string{"-c", bootstrap2}
	}
	cmd := exec.CommandContext(ctx, l.path, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killDelay
	cmd.Dir, cmd.Env = l.opts.Dir, l.opts.environment()
	cmd.ExtraFiles = l.files
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if l.opts.Stdout != nil {
		cmd.Stdout = l.opts.Stdout
	}
	if l.opts.Stderr != nil {
		cmd.Stderr = l.opts.Stderr
	}
	return cmd
}

// environment is that of the child.
func (o *StartOptions) environment() []string {
	env := o.Env
	if env == nil {
		env = os.Environ()
	}
	if len(o.Path) == 0 {
		return env
	}
	path := make([]string, 0, len(o.Path)+1)
	for _, dir := range o.Path {
		if abs, err := filepath.Abs(dir); err == nil {
			dir = abs
		}
		path = append(path, dir)
	}
	for _, entry := range env {
		if rest, ok := strings.CutPrefix(entry, "PYTHONPATH="); ok && rest != "" {
			path = append(path, rest)
		}
	}
	return append(env[:len(env):len(env)], "PYTHONPATH="+strings.Join(path, string(os.PathListSeparator)))
}
