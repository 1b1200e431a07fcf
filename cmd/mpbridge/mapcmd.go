package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"syscall"
	"time"

	"mpbridge/internal/printable"
	"mpbridge/pool"

	"github.com/spf13/cobra"
)

// mapFlags are those of mpbridge map.
type mapFlags struct {
	poolFlags
	of        pool.MapOptions
	timeout   time.Duration
	retries   int
	keepGoing bool
}

func mapCommand(ui *ui) *cobra.Command {
	var f mapFlags
	cmd := &cobra.Command{
		Use:   "map MODULE:FUNCTION",
		Short: "Call a Python function with each line of standard input, in several processes",
		Long: `Call a Python function with each JSON value of standard input, one per line, and print the results as
JSON, one per line and in the same order. Workers are stock Python processes; modules are found in the
working directory and in --path. With --preload, or --start-method forkserver, one process imports what
workers need, once, and forks them.

The first item that fails ends it. With --keep-going, a line {"__class__":"error",...} stands in its
place, and the exit code is 1 in the end. What failed is told on standard error.`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return f.run(ctx, ui, args[0])
		},
	}
	flags := cmd.Flags()
	f.poolFlags.flags(flags)
	f.importFlags(flags)
	flags.IntVar(&f.of.Chunk, "chunk", 1, "items that are one task")
	flags.DurationVar(&f.timeout, "timeout", 0, "how long an item may take; then its worker is killed")
	flags.IntVar(&f.retries, "retries", 0,
		"how often an item is tried again when its worker died or took too long")
	flags.BoolVarP(&f.keepGoing, "keep-going", "k", false, "go on after an item that failed")
	return cmd
}

func (f *mapFlags) run(ctx context.Context, ui *ui, fn string) error {
	if f.of.Chunk < 1 {
		return &usageError{fmt.Errorf("--chunk %d: want 1 or more", f.of.Chunk)}
	}
	f.opts.TaskTimeout, f.opts.Retries = f.timeout, f.retries
	p, err := f.open(ctx, ui)
	if err != nil {
		return asUsage(err)
	}
	defer p.Terminate()
	m := mapping{ui: ui, out: bufio.NewWriter(printable.NewWriter(ui.out)), keepGoing: f.keepGoing}
	return errors.Join(asUsage(m.run(ctx, p, fn, &f.of)), m.out.Flush())
}

// mapping is one run of mpbridge map.
type mapping struct {
	ui        *ui
	out       *bufio.Writer
	keepGoing bool
	done      int
	failed    int
	input     error // what ended the input before its end
}

// mostTold bounds the failures that are told one by one.
const mostTold = 20

func (m *mapping) run(ctx context.Context, p *pool.Pool, fn string, o *pool.MapOptions) error {
	for v, err := range pool.IMap[any](ctx, p, fn, m.values(), o) {
		item := (*pool.ItemError)(nil)
		switch {
		case err != nil && !errors.As(err, &item):
			return err
		case err != nil && !m.keepGoing:
			return fmt.Errorf("item %d: %w", item.Index+1, item.Err)
		case err != nil:
			err = m.fail(item.Index+1, item.Err)
		default:
			err = m.print(v)
		}
		if err != nil {
			return err
		}
	}
	if m.input != nil {
		return m.input
	}
	return m.summary()
}

func (m *mapping) print(v any) error {
	text, err := toJSON(v)
	if err != nil {
		return m.fail(m.done+1, err)
	}
	m.done++
	_, err = m.out.Write(append(text, '\n'))
	return err
}

// fail puts an error in the place of a result.
func (m *mapping) fail(item int, why error) error {
	if !m.keepGoing {
		return fmt.Errorf("item %d: %w", item, why)
	}
	if m.failed++; m.failed <= mostTold {
		m.ui.say("item %d: %v", item, why)
	}
	m.done++
	text, err := json.Marshal(struct {
		Class string `json:"__class__"`
		Item  int    `json:"item"`
		Error string `json:"error"`
	}{"error", item, why.Error()})
	if err == nil {
		_, err = m.out.Write(append(text, '\n'))
	}
	return err
}

func (m *mapping) summary() error {
	if m.failed == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d items failed", m.failed, m.done)
}

// values reads the JSON values of standard input, up to the first line that is none.
func (m *mapping) values() iter.Seq[any] {
	return func(yield func(any) bool) {
		lines := bufio.NewReader(m.ui.in)
		for n := 1; ; n++ {
			text, err := lines.ReadBytes('\n')
			if text = bytes.TrimSpace(text); len(text) > 0 {
				v, err := fromJSON(text)
				if err != nil {
					m.input = fmt.Errorf("line %d: %w", n, err)
					return
				}
				if !yield(v) {
					return
				}
			}
			if err != nil {
				if !errors.Is(err, io.EOF) {
					m.input = err
				}
				return
			}
		}
	}
}
