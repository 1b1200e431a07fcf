package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mpbridge/internal/printable"
	"mpbridge/pool"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// mapFlags are those of mpbridge map.
type mapFlags struct {
	poolFlags
	of           pool.MapOptions
	values       reader
	printer      printer
	star, kwargs bool
	timeout      time.Duration
	retries      int
	keepGoing    bool
	progress     string
	initializer  string
	initargs     []string
	maxTasks     int
}

func mapCommand(ui *ui) *cobra.Command {
	var f mapFlags
	cmd := &cobra.Command{
		Use:   "map MODULE:FUNCTION",
		Short: "Call a Python function with each line of standard input, in several processes",
		Long: `Call a Python function with each JSON value of standard input, one per line, and print the results as
JSON, one per line and in the same order, each as soon as it and all before it are there. No more lines are
read than keep the workers busy: input without end and a slow reader take no more memory. Workers are
stock Python processes; modules are found in the working directory and in --path. With --preload, or
--start-method forkserver, one process imports what workers need, once, and forks them.

A line is one argument. With --star it is an array of arguments, with --kwargs an object of keyword
arguments, and with both whichever it is.

The first line that fails ends it: an exception, a worker that died, a time that was over, a line that is no
JSON. With --keep-going a line {"__class__":"error","item":...,"line":...,"error":...} stands in the place of
the result. What failed is told on standard error, with the number of its line, and so is what --retries
tries again. Where standard error is a terminal and standard output is not, it shows the progress.

An interrupt (Ctrl-C), SIGTERM and SIGHUP end it, whatever it waits for: workers are killed, and what was
done in order is printed. A second one does not wait for that.

Exit codes: 0 all done, 1 an item or the pool failed, 2 wrong usage or, without --keep-going, a line that is no
JSON, 130 interrupted, 143 SIGTERM, 129 SIGHUP, 141 whoever read the results is gone.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(args[0]); err != nil {
				return err
			}
			return f.run(cmd.Context(), ui, args[0])
		},
	}
	flags := cmd.Flags()
	f.poolFlags.flags(flags)
	f.importFlags(cmd)
	f.callFlags(flags)
	f.values.flags(cmd)
	f.printer.flags(cmd)
	choiceFlag(cmd, &f.progress, "progress", progressAuto, "when to show on standard error how many items are done",
		progressAuto, progressAlways, progressNever)
	return cmd
}

// callFlags say how the function is called.
func (f *mapFlags) callFlags(flags *pflag.FlagSet) {
	flags.IntVar(&f.of.Chunk, "chunk", 1, "items that are one task")
	flags.BoolVar(&f.star, "star", false, "a line is an array of arguments")
	flags.BoolVar(&f.kwargs, "kwargs", false, "a line is an object of keyword arguments")
	flags.DurationVar(&f.timeout, "timeout", 0,
		"how long an item may take before its worker is killed (0: as long as it likes)")
	flags.IntVar(&f.retries, "retries", 0,
		"how often an item is tried again when its worker died or took too long")
	flags.BoolVarP(&f.keepGoing, "keep-going", "k", false, "go on after a line that failed")
	flags.StringVar(&f.initializer, "initializer", "", "call `MODULE:FUNCTION` in each worker before its first item")
	flags.StringArrayVar(&f.initargs, "initarg", nil, "an argument of it, as `JSON`; repeatable")
	flags.IntVar(&f.maxTasks, "max-tasks", 0, "replace a worker after so many tasks (0: never)")
}

// check refuses, by the names of the flags, what no pool would take.
func (f *mapFlags) check(function string) error {
	if f.of.Chunk < 1 {
		return usagef("--chunk %d: want 1 or more", f.of.Chunk)
	}
	if err := pool.CheckFunction(function); err != nil {
		return &usageError{err}
	}
	if f.initializer == "" && len(f.initargs) > 0 {
		return usagef("--initarg needs --initializer")
	}
	if f.initializer != "" {
		if err := pool.CheckFunction(f.initializer); err != nil {
			return usagef("--initializer %q: want MODULE:FUNCTION", f.initializer)
		}
		f.opts.Initializer = f.initializer
	}
	for _, text := range f.initargs {
		v, err := f.values.read([]byte(text))
		if err != nil {
			return usagef("--initarg %q: %w", text, err)
		}
		f.opts.InitArgs = append(f.opts.InitArgs, v)
	}
	f.opts.TaskTimeout, f.opts.Retries, f.opts.MaxTasksPerChild = f.timeout, f.retries, f.maxTasks
	return f.checkOptions()
}

// stopTimeout is how long a run that a signal ended may take to kill its workers and print what is there.
const stopTimeout = 10 * time.Second

// run maps in a goroutine of its own, so that a signal is heard whatever that is at.
func (f *mapFlags) run(ctx context.Context, ui *ui, fn string) error {
	signals, stop := stopSignals()
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	go func() { ended <- f.work(ctx, cancel, ui, fn) }()
	select {
	case err := <-ended:
		return err
	case s := <-signals:
		why := interrupted(s)
		cancel(why)
		select {
		case err := <-ended:
			if err == nil {
				return nil // it was over
			}
		case <-signals:
		case <-time.After(stopTimeout):
		}
		return why
	}
}

// work opens the pool, maps, and returns when the last worker is gone.
func (f *mapFlags) work(ctx context.Context, cancel context.CancelCauseFunc, ui *ui, fn string) error {
	shown := newProgress(f.progress, ui)
	if shown != nil {
		defer shown.end()
		through := *ui
		through.err = shown
		ui = &through
	}
	p, err := f.open(ctx, ui)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return asUsage(err)
	}
	defer p.Terminate()
	// The mapping may be busy with a large result when ctx ends.
	defer context.AfterFunc(ctx, p.Terminate)()
	m := &mapRun{ui: ui, printer: &f.printer, keepGoing: f.keepGoing, progress: shown,
		out: newResultWriter(printable.NewWriter(ui.out), func(err error) { cancel(err) })}
	defer context.AfterFunc(ctx, func() { m.out.abort(context.Cause(ctx)) })()
	in := &mapInput{star: f.star, kwargs: f.kwargs, keepGoing: f.keepGoing, values: &f.values}
	err = asUsage(m.run(ctx, p, fn, in, f.of))
	return errors.Join(err, m.finish(ctx, err))
}

// usagef is a usageError of a text.
func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }
