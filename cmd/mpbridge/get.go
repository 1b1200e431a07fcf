package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"mpbridge/managers"

	"github.com/spf13/cobra"
)

// getFlags are those of mpbridge get.
type getFlags struct {
	clientFlags
	show    itemPrinter
	number  int
	follow  bool
	noAck   bool
	receipt bool
}

func getCommand(ui *ui) *cobra.Command {
	var f getFlags
	cmd := &cobra.Command{
		Use:   "get ADDRESS QUEUE",
		Short: "Take values from a queue and print them as JSON, one per line",
		Long: `Take values from a queue and print them as JSON, one per line; mpbridge help values is the spelling. A
queue may have arguments: 'get_queue("orders")'. Exits with 3 if none came in time.

An item is done once its line is written: it is acknowledged on a queue with leases, and counted off by
task_done on any other. What cannot be written, because the output is closed or full, the value is larger
than --max-output or a signal comes, goes back: to its place on a queue with leases, else it is put again.
With --no-ack nothing is acknowledged or counted off, so that on a queue with leases what was printed comes
back; it has been handed out once more, then. To look without taking there is peek.

With --receipt each line is a receipt, a tab and the value. The item stays lent to whoever has the receipt,
until ack, nack or the end of the queue's lease; extend prolongs it.

With --raw the pickles themselves are written, one after the other, for put --raw or pickle.load.`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := queueName(args[1])
			if err == nil {
				err = f.check(cmd)
			}
			if err != nil {
				return err
			}
			return f.withQueue(cmd.Context(), args[0], name, func(ctx context.Context, q *queueCalls) error {
				g := getRun{queueCalls: q, getFlags: &f, ui: ui, out: output{ctx, ui.out}}
				return g.all(ctx)
			})
		},
	}
	f.clientFlags.flags(cmd, "how long to wait for each value; 0: not at all")
	f.show.flags(cmd)
	flags := cmd.Flags()
	flags.IntVarP(&f.number, "number", "n", 1, "how many values")
	flags.BoolVarP(&f.follow, "follow", "f", false, "go on until a signal, or until the queue is shut down")
	flags.BoolVar(&f.noAck, "no-ack", false, "acknowledge nothing")
	flags.BoolVar(&f.receipt, "receipt", false, "print a receipt before each value, for ack and nack")
	return cmd
}

func (f *getFlags) check(cmd *cobra.Command) error {
	switch {
	case f.number < 1:
		return &usageError{fmt.Errorf("--number %d: want 1 or more", f.number)}
	case f.receipt && f.noAck:
		return &usageError{errors.New("--receipt and --no-ack exclude each other: nothing is acknowledged with either")}
	case f.receipt && f.show.raw:
		return &usageError{errors.New("--receipt and --raw exclude each other")}
	}
	if f.follow {
		if !cmd.Flags().Changed("number") {
			f.number = 0
		}
		if !cmd.Flags().Changed("timeout") {
			f.timeout = forever
		}
	}
	return nil
}

// getRun is one run of mpbridge get.
type getRun struct {
	*queueCalls
	*getFlags

	ui   *ui
	out  io.Writer
	held []takenItem // that are printed and go back in the end
}

func (g *getRun) all(ctx context.Context) error {
	if g.receipt && !g.leases() {
		return errors.New("there are no receipts: the queue gives its items and lends none")
	}
	n, err := 0, error(nil)
	for ; err == nil && (n < g.number || g.number == 0); n++ {
		err = g.one(ctx)
	}
	for _, t := range g.held {
		err = joinErrors(err, g.putBack(t))
	}
	switch {
	case err != nil && g.follow && errors.Is(err, managers.ErrShutDown):
		return nil
	case errors.Is(err, managers.ErrEmpty) && n > 1:
		return fmt.Errorf("the queue stayed empty after %d of %d: %w", n-1, g.number, err)
	case errors.Is(err, managers.ErrEmpty):
		return fmt.Errorf("the queue stayed empty: %w", err)
	}
	return err
}

func (g *getRun) leases() bool { return g.Has("lease") }

// one takes an item, prints it, and has it acknowledged or given back.
func (g *getRun) one(ctx context.Context) error {
	t, err := g.take(ctx)
	if err != nil {
		return err
	}
	prefix := ""
	if g.receipt {
		prefix = t.receipt + "\t"
	}
	err = ctx.Err()
	if err == nil {
		err = g.show.print(ctx, g.out, prefix, t.raw)
	}
	switch {
	case err != nil:
		return joinErrors(notPrinted(ctx, err, t), g.putBack(t))
	case g.receipt:
		return nil
	case g.noAck && t.leased():
		g.held = append(g.held, t)
		return nil
	case g.noAck:
		return nil
	}
	return g.done(ctx, t)
}

// notPrinted explains why an item was not printed.
func notPrinted(ctx context.Context, err error, t takenItem) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if out := (*outputError)(nil); errors.As(err, &out) {
		return err
	}
	return &hintError{fmt.Errorf("the item, a %v: %w", t.raw, err), "it went back; get --raw takes it unopened"}
}
