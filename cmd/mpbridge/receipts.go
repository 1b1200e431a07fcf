package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"mpbridge/managers"

	"github.com/spf13/cobra"
)

// receiptCommand is a command that says something about items that get --receipt printed. call says it
// about one.
func receiptCommand(ui *ui, use, short, long string, flags func(*cobra.Command),
	call func(ctx context.Context, q *queueCalls, receipt string) (bool, error)) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   use + " ADDRESS QUEUE [RECEIPT...]",
		Short: short,
		Long: long + ` Without receipts, or with -, they are read
from standard input, one per line, up to the first tab: what get --receipt prints will do. Exits with 1 if
the lease of one had ended or the server refused one, after the others.`,
		Args: usageArgs(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := queueName(args[1])
			if err != nil {
				return err
			}
			return f.withQueue(cmd.Context(), args[0], name, func(ctx context.Context, q *queueCalls) error {
				if !q.Has("ack") {
					return errors.New("there are no receipts: the queue gives its items and lends none")
				}
				return eachReceipt(ctx, ui, args[2:], func(receipt string) (bool, error) {
					return call(ctx, q, receipt)
				})
			})
		},
	}
	f.key.flags(cmd)
	f.form.flag(cmd.Flags())
	cmd.Flags().DurationVar(&f.connect, "connect-timeout", 10*time.Second, "how long the server may take to answer")
	if flags != nil {
		flags(cmd)
	}
	return cmd
}

func ackCommand(ui *ui) *cobra.Command {
	return receiptCommand(ui, "ack", "Acknowledge items that get --receipt took",
		`Say that items are dealt with: they do not come back, and join counts them off.`, nil,
		func(ctx context.Context, q *queueCalls, receipt string) (bool, error) {
			return q.callBool(ctx, "ack", receipt)
		})
}

func nackCommand(ui *ui) *cobra.Command {
	var delay time.Duration
	return receiptCommand(ui, "nack", "Give items back that get --receipt took",
		`Give items back to their place in the queue, at once or after --delay.`,
		func(cmd *cobra.Command) {
			cmd.Flags().DurationVar(&delay, "delay", 0, "how long nobody gets them")
		},
		func(ctx context.Context, q *queueCalls, receipt string) (bool, error) {
			return q.callBool(ctx, "nack", receipt, delay.Seconds())
		})
}

func extendCommand(ui *ui) *cobra.Command {
	var by time.Duration
	return receiptCommand(ui, "extend", "Prolong the lease of items that get --receipt took",
		`Let the leases of items end later: after --by from now.`,
		func(cmd *cobra.Command) {
			cmd.Flags().DurationVar(&by, "by", time.Minute, "how long the leases last from now")
		},
		func(ctx context.Context, q *queueCalls, receipt string) (bool, error) {
			return q.callBool(ctx, "extend", receipt, by.Seconds())
		})
}

// eachReceipt calls f with each receipt, and fails in the end if f returned false or the server refused one, as what
// is no receipt: that is no reason to leave out those behind it.
func eachReceipt(ctx context.Context, ui *ui, args []string, f func(receipt string) (bool, error)) error {
	next, stop := iter.Pull2(receipts(ui.in, args))
	total, ended, wrong := 0, 0, 0
	for ; ; total++ {
		type read struct {
			receipt string
			more    bool
		}
		r, err := await(ctx, func() (read, error) {
			receipt, err, more := next()
			return read{receipt, more}, err
		})
		if err != nil {
			return err
		}
		if !r.more {
			stop()
			break
		}
		ok, err := f(r.receipt)
		switch {
		case errors.Is(err, managers.ErrValueError):
			wrong++
			ui.say("receipt %q: %v", r.receipt, err)
		case err != nil:
			return fmt.Errorf("receipt %q: %w", r.receipt, err)
		case !ok:
			ended++
			ui.say("receipt %q: the lease had ended, or somebody dealt with the item before", r.receipt)
		}
	}
	var failed error
	if ended > 0 {
		failed = fmt.Errorf("%d of %d leases had ended", ended, total)
	}
	if wrong > 0 {
		failed = joinErrors(failed, fmt.Errorf("%d of %d receipts were refused", wrong, total))
	}
	return failed
}

func receipts(stdin io.Reader, args []string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if len(args) > 0 && !(len(args) == 1 && args[0] == "-") {
			for _, a := range args {
				if !yield(a, nil) {
					return
				}
			}
			return
		}
		lines := bufio.NewScanner(stdin)
		lines.Buffer(nil, maxLine)
		for lines.Scan() {
			receipt, _, _ := strings.Cut(lines.Text(), "\t")
			if receipt = strings.TrimSpace(receipt); receipt != "" && !yield(receipt, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield("", &inputError{err})
		}
	}
}
