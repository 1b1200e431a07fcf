package pool

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"math"
	"runtime"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/option"
)

// Options of a Pool. They are copied by New; nil, as the zero value, is a pool of python3 with a worker
// for each processor.
type Options struct {
	// Python is the interpreter of the workers: a path, or a name that is looked up in PATH once,
	// by New. Empty means that of Venv, or else python3.
	Python string
	// Venv is a virtual environment's folder, whose interpreter is used where Python is empty.
	Venv string
	// Flags are put before -c on the interpreter's command line, such as "-X", "dev".
	Flags []string

	// Workers is how many processes there are; 0 means runtime.NumCPU().
	Workers int
	// Dir is the workers' working directory, and imports find what is in it; empty means ours.
	Dir string
	// Path is put before sys.path. Relative names are relative to our working directory.
	Path []string
	// Main is a script whose functions are called as "__main__:name". It is loaded as
	// multiprocessing loads a main module into a spawned process: its __name__ is "__mp_main__".
	Main string
	// Env is the workers' environment in the form of os.Environ; nil means ours.
	Env []string

	// StartMethod is how a worker comes into being; empty means Spawn.
	StartMethod StartMethod
	// Preload are modules that the fork server imports, in this order, so that workers need not.
	// One that cannot be imported keeps the pool from starting. Only with Forkserver.
	Preload []string

	// Initializer, if not nil, is called by each worker before its first task, with InitArgs. It is
	// a function as Pool.Call takes it.
	Initializer any
	InitArgs    []any
	// MaxTasksPerChild, if not 0, is after how many tasks a worker is replaced by a new one. A
	// chunk of a map is one task.
	MaxTasksPerChild int
	// StartTimeout is how long a worker may take to start, its initializer included, and a fork
	// server to start or to answer; 0 means DefaultStartTimeout.
	StartTimeout time.Duration
	// StartAttempts is how many times in a row a worker may fail to start, with no other worker
	// alive, before the pool gives up; 0 means DefaultStartAttempts.
	StartAttempts int

	// TaskTimeout, if not 0, is how long a task may run; then its worker is killed and the task
	// fails with a *TimeoutError. A chunk of n items may take n times as long.
	TaskTimeout time.Duration
	// Retries is how many times a task is run again after its worker died or its time was up. An
	// exception is an answer, and not tried again.
	Retries int
	// InterruptGrace is how long a worker that is to be killed may take to end after SIGINT, and
	// TerminateGrace after the SIGTERM that follows; then comes SIGKILL. 0 means
	// DefaultInterruptGrace and DefaultTerminateGrace, a negative time leaves that signal out.
	InterruptGrace, TerminateGrace time.Duration

	// MaxResult is the largest message accepted from a worker, in bytes; 0 means
	// connection.DefaultMaxMessage. A task with a longer result fails with a
	// *WorkerError that wraps a *connection.LimitError.
	MaxResult int64
	// Naive is the time zone of datetimes in results that have none, where they are put into a time.Time: see
	// pickle.DecodeOptions. nil means that they are an error then.
	Naive *time.Location
	// SendAhead is how many chunks of one map may wait in a worker's socket behind the one that it
	// works on; 0 means DefaultSendAhead, negative none. Chunks are sent ahead only while they take
	// less than a millisecond; see the package comment.
	SendAhead int

	// Stdout and Stderr get the lines that workers write, each behind "[n] ", n being the worker's
	// number, or 0 for a fork server; a line of more than 64 KiB comes in parts. Where one is nil its lines
	// go to Logger, and without Logger to os.Stderr: io.Discard is what hides them. Calls of Write do not
	// overlap.
	Stdout, Stderr io.Writer
	// Logger gets what the pool does, and lines of workers; nil means nothing does. Of each worker it gets
	// 100 lines about it at once and 2 a second on average, 2,000 lines of output and 200, and how many were
	// left out.
	Logger *slog.Logger

	quiet bool // there was no Logger
}

// StartMethod is how workers are started, by the names of multiprocessing.set_start_method.
type StartMethod string

const (
	// Spawn starts an interpreter for each worker.
	Spawn StartMethod = "spawn"
	// Forkserver starts one interpreter, which loads Main and Preload, and forks the workers. It
	// needs Python 3 and a unix system; see the package comment for when it pays.
	Forkserver StartMethod = "forkserver"
)

// Defaults of Options.
const (
	DefaultStartTimeout   = time.Minute
	DefaultStartAttempts  = 3
	DefaultInterruptGrace = time.Second
	DefaultTerminateGrace = time.Second
	DefaultSendAhead      = 31
)

const (
	aheadTime  = time.Millisecond // tasks that wait behind another take about so long together
	aheadBytes = 64 << 10         // and have no more bytes than this; a socket's buffer takes more

	startBackoff = 100 * time.Millisecond // after a start that failed, doubled by each further one
	maxBackoff   = 5 * time.Second
	crashBackoff = 10 * time.Millisecond // after a second crash without a result, likewise
	maxCrash     = time.Second

	drainTime   = 2 * time.Second        // for results of a process that ended, if others hold its socket
	outputTime  = 500 * time.Millisecond // for its last lines, likewise
	leaveTime   = 5 * time.Second        // for a worker that closed its socket or was told to leave, to end
	maxUnbegun  = 3                      // deaths before its first byte was read that a task survives
	stderrLines = 20                     // kept for a *WorkerError
	maxLine     = 64 << 10               // bytes of output that are one line at most

	maxAhead   = 1 << 10
	maxWorkers = 1 << 16
)

// Check returns the *OptionError or *StartMethodError with which New would refuse the options, or
// nil.
func (o *Options) Check() error {
	_, err := o.check()
	return err
}

// check returns o with defaults in place of zeros, or what is wrong with it.
func (o *Options) check() (Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	c.Workers = cmp.Or(c.Workers, runtime.NumCPU())
	c.StartTimeout = cmp.Or(c.StartTimeout, DefaultStartTimeout)
	c.StartAttempts = cmp.Or(c.StartAttempts, DefaultStartAttempts)
	c.InterruptGrace = cmp.Or(c.InterruptGrace, DefaultInterruptGrace)
	c.TerminateGrace = cmp.Or(c.TerminateGrace, DefaultTerminateGrace)
	c.MaxResult = cmp.Or(c.MaxResult, connection.DefaultMaxMessage)
	c.SendAhead = max(cmp.Or(c.SendAhead, DefaultSendAhead), 0)
	if c.quiet = c.Logger == nil; c.quiet {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	c.StartMethod = cmp.Or(c.StartMethod, Spawn)
	if err := c.checkStartMethod(); err != nil {
		return c, err
	}
	return c, option.Check("pool",
		option.Int("Workers", c.Workers, 1, maxWorkers),
		option.Time("StartTimeout", c.StartTimeout, 1),
		option.Int("StartAttempts", c.StartAttempts, 1, math.MaxInt32),
		option.Int("MaxTasksPerChild", c.MaxTasksPerChild, 0, math.MaxInt32),
		option.Time("TaskTimeout", c.TaskTimeout, 0),
		option.Int("Retries", c.Retries, 0, math.MaxInt32),
		option.Int("MaxResult", c.MaxResult, connection.FloorMaxMessage, min(connection.CeilMaxMessage, math.MaxInt)),
		option.Int("SendAhead", c.SendAhead, 0, maxAhead))
}

// checkStartMethod returns nil or a *StartMethodError.
func (o *Options) checkStartMethod() error {
	fail := func(err error, reason string, args ...any) error {
		return &StartMethodError{Method: o.StartMethod, Reason: fmt.Sprintf(reason, args...), Err: err}
	}
	switch {
	case o.StartMethod == Spawn && len(o.Preload) > 0:
		return fail(nil, "cannot preload modules: want %q", string(Forkserver))
	case o.StartMethod == Spawn:
		return nil
	case o.StartMethod != Forkserver:
		return fail(nil, "is unknown: want %q or %q", string(Spawn), string(Forkserver))
	case !haveForkServers:
		return fail(ErrNotSupported, "needs a unix system")
	}
	for _, name := range o.Preload {
		if !dotted(name) {
			return fail(nil, "cannot preload %.100q: it is not the name of a module", name)
		}
	}
	return nil
}
