package main

import (
	"context"
	"errors"
	"fmt"

	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/spf13/cobra"
)

func peekCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var show itemPrinter
	var number int
	cmd := &cobra.Command{
		Use:   "peek ADDRESS QUEUE",
		Short: "Print the next values of a queue and leave them there",
		Long: `Print the values that get would take next, and take nothing. Exits with 3 if there are none. Only servers
of ours can do it.`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := queueName(args[1])
			if err != nil {
				return err
			}
			if number < 1 {
				return &usageError{fmt.Errorf("--number %d: want 1 or more", number)}
			}
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *client.Client) error {
				q, err := name.queue(ctx, c)
				if err != nil {
					return err
				}
				return peek(ctx, q, output{ctx, ui.out}, &show, number)
			})
		},
	}
	f.flags(cmd, "how long the answer may take")
	show.flags(cmd)
	cmd.Flags().IntVarP(&number, "number", "n", 1, "how many values")
	return cmd
}

func peek(ctx context.Context, q *client.Queue, out output, show *itemPrinter, number int) error {
	if !q.Has("peek") {
		return errors.New("the queue shows nothing without taking it: it is no queue of a server of ours")
	}
	r, err := q.CallRaw(ctx, "peek", number)
	if err != nil {
		return err
	}
	items, err := r.Elements()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fmt.Errorf("the queue is empty: %w", managers.ErrEmpty)
	}
	for _, it := range items {
		if err := show.print(ctx, out, "", it); err != nil {
			return err
		}
	}
	return nil
}
