package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"time"

	"mpbridge/internal/printable"
	"mpbridge/pool"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// poolFlags choose the workers' interpreter.
type poolFlags struct {
	opts pool.Options
	hide bool
}

// show lets what workers write be seen, unless that is to be hidden.
func (f *poolFlags) show(to io.Writer) {
	to = printable.NewWriter(to)
	if f.hide {
		to = io.Discard
	}
	f.opts.Stdout, f.opts.Stderr = to, to
}

func (f *poolFlags) interpreterFlags(flags *pflag.FlagSet) {
	flags.StringVar(&f.opts.Python, "python", "", "the workers' interpreter (default python3, or that of --venv)")
	flags.StringVar(&f.opts.Venv, "venv", "", "a virtual environment whose interpreter is used (default none)")
}

func (f *poolFlags) flags(flags *pflag.FlagSet) {
	f.interpreterFlags(flags)
	flags.IntVarP(&f.opts.Workers, "workers", "w", 0, "number of workers (0: one per processor)")
}

// open starts the pool. Workers' output goes to standard error, by line.
func (f *poolFlags) open(ctx context.Context, ui *ui) (*pool.Pool, error) {
	f.show(ui.err)
	p, err := pool.New(ctx, &f.opts)
	return p, f.interpreterError(err)
}

// interpreterError has an error of a pool that cannot start one name the flag that says which.
func (f *poolFlags) interpreterError(err error) error {
	start, raised := (*pool.StartError)(nil), (*pool.TaskError)(nil)
	if !errors.As(err, &start) || errors.As(err, &raised) ||
		!errors.Is(err, exec.ErrNotFound) && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	flag, value := "python", f.opts.Python
	if value == "" {
		flag, value = "venv", f.opts.Venv
	}
	if value == "" {
		return &hintError{err, "choose the interpreter with --python or --venv"}
	}
	return usagef("--%s %q: there is no such interpreter: %w", flag, value, err)
}

// importFlags say what workers import, and how they come into being.
func (f *poolFlags) importFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.opts.Path, "path", nil, "a folder that workers import from; repeatable")
	flags.StringVar(&f.opts.Main, "main", "", "a script whose functions are __main__:NAME")
	flags.BoolVar(&f.hide, "hide-output", false, "do not show what workers write, which goes to standard error, by line")
	flags.Var((*startMethod)(&f.opts.StartMethod), "start-method",
		"spawn, or forkserver: fork workers from one process that has imported what they need "+
			"(default spawn, with --preload forkserver)")
	completeFlag(cmd, "start-method", string(pool.Spawn), string(pool.Forkserver))
	flags.Var((*preload)(&f.opts), "preload",
		"a module that this process imports; implies --start-method forkserver; repeatable")
}

// startMethod is --start-method.
type startMethod pool.StartMethod

func (m *startMethod) String() string { return string(*m) }

func (m *startMethod) Type() string { return "METHOD" }

func (m *startMethod) Set(v string) error {
	*m = startMethod(v)
	return (&pool.Options{StartMethod: pool.StartMethod(v)}).Check()
}

// preload is --preload.
type preload pool.Options

func (p *preload) String() string { return "" }

func (p *preload) Type() string { return "MODULE" }

func (p *preload) Set(v string) error {
	if err := (&pool.Options{StartMethod: pool.Forkserver, Preload: []string{v}}).Check(); err != nil {
		return err
	}
	p.Preload = append(p.Preload, v)
	if p.StartMethod == "" {
		p.StartMethod = pool.Forkserver
	}
	return nil
}

// poolOptionFlags are the flags that set options of a pool.
var poolOptionFlags = map[string]string{
	"Workers": "--workers", "Retries": "--retries", "MaxTasksPerChild": "--max-tasks",
}

// checkOptions refuses, by the names of the flags, what no pool would take.
func (f *poolFlags) checkOptions() error { return asUsage(f.opts.Check()) }

// asUsage marks the errors that are about the command line, and names the flags.
func asUsage(err error) error {
	option, function := (*pool.OptionError)(nil), (*pool.FunctionError)(nil)
	method := (*pool.StartMethodError)(nil)
	switch {
	case errors.As(err, &option) && option.Option == "TaskTimeout":
		return usagef("--timeout %v: want 0 or more", time.Duration(option.Value))
	case errors.As(err, &option) && poolOptionFlags[option.Option] != "":
		return usagef("%s %d: want %d to %d", poolOptionFlags[option.Option], option.Value, option.Low, option.High)
	case errors.As(err, &method) && method.Method == pool.Spawn:
		return usagef("--preload: %w", err)
	case errors.As(err, &method):
		return usagef("--start-method: %w", err)
	case errors.As(err, &option), errors.As(err, &function):
		return &usageError{err}
	}
	return err
}
