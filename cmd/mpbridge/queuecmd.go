package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/printable"
	"mpbridge/managers"

	"github.com/spf13/cobra"
)

// clientFlags are what every command that uses a manager has.
type clientFlags struct {
	key     keySource
	timeout time.Duration
	form    serializer
}

func (f *clientFlags) flags(cmd *cobra.Command) {
	f.key.flags(cmd)
	f.form.flag(cmd.Flags())
	cmd.Flags().DurationVar(&f.timeout, "timeout", 10*time.Second, "how long to wait in all")
}

// with dials the manager and calls f within the timeout.
func (f *clientFlags) with(ctx context.Context, address string,
	use func(ctx context.Context, c *managers.Client) error) error {
	addr, err := connection.ParseAddress(address)
	if err != nil {
		return &usageError{err}
	}
	key, err := f.key.forClient(addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	c, err := managers.Dial(ctx, addr, &managers.ClientOptions{
		Authkey: key, Serializer: managers.Serializer(f.form),
	})
	if err != nil {
		return err
	}
	defer c.Close()
	return use(ctx, c)
}

// maxLine bounds one JSON value on standard input.
const maxLine = 1 << 30

func putCommand(ui *ui) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "put ADDRESS QUEUE [JSON...]",
		Short: "Put values into a queue",
		Long:  "Put JSON values into a queue; without values, or with -, one per line of standard input.",
		Args:  arguments(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *managers.Client) error {
				q, err := c.Queue(ctx, args[1])
				if err != nil {
					return err
				}
				if len(args) == 2 || len(args) == 3 && args[2] == "-" {
					return putLines(ctx, q, ui.in)
				}
				for _, text := range args[2:] {
					if err := putJSON(ctx, q, []byte(text)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	f.flags(cmd)
	return cmd
}

func putLines(ctx context.Context, q *managers.QueueProxy, in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := putJSON(ctx, q, lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

func putJSON(ctx context.Context, q *managers.QueueProxy, text []byte) error {
	v, err := fromJSON(text)
	if err != nil {
		return err
	}
	return q.Put(ctx, v)
}

func getCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var n int
	cmd := &cobra.Command{
		Use:   "get ADDRESS QUEUE",
		Short: "Take values from a queue and print them as JSON, one per line",
		Long:  "Take values from a queue and print them as JSON. Exits with 3 if none came in time.",
		Args:  arguments(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *managers.Client) error {
				q, err := c.Queue(ctx, args[1])
				if err != nil {
					return err
				}
				for range n {
					if err := getOne(ctx, q, ui.out); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	f.flags(cmd)
	cmd.Flags().IntVarP(&n, "number", "n", 1, "how many values")
	return cmd
}

// getOne prints one item. One that cannot be shown was taken all the same, so the error says what it is.
func getOne(ctx context.Context, q *managers.QueueProxy, out io.Writer) error {
	r, err := q.GetRaw(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("the queue stayed empty: %w", err)
	} else if err != nil {
		return err
	}
	v, err := r.Any()
	if err != nil {
		return fmt.Errorf("the item that was taken, a %v: %w", r, err)
	}
	return printJSON(out, v)
}

func printJSON(out io.Writer, v any) error {
	b, err := toJSON(v)
	if err != nil {
		return err
	}
	_, err = printable.NewWriter(out).Write(append(b, '\n'))
	return err
}
