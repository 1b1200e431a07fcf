package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/spf13/cobra"
)

// putFlags are those of mpbridge put.
type putFlags struct {
	clientFlags
	values reader
	raw    bool
}

func putCommand(ui *ui) *cobra.Command {
	var f putFlags
	cmd := &cobra.Command{
		Use:   "put ADDRESS QUEUE [JSON...]",
		Short: "Put values into a queue",
		Long: `Put JSON values into a queue; without values, or with -, one per line of standard input, each as soon as
it is read. A queue may have arguments: 'get_queue("orders")'. What JSON has no type for is spelled as
mpbridge help values says.

With --raw the arguments are files, - or none standard input, of pickles, one after the other as
get --raw writes them. They are put as they are and never opened, so that they may be of any class.

The first value that is none, or for which there is no room in time, ends it; the error says which it was
and how many were put.`,
		Args: usageArgs(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := queueName(args[1])
			if err != nil {
				return err
			}
			values, err := f.source(ui.in, args[2:])
			if err != nil {
				return err
			}
			return f.withQueue(cmd.Context(), args[0], name, func(ctx context.Context, q *queueCalls) error {
				return putAll(ctx, ui, q, values)
			})
		},
	}
	f.clientFlags.flags(cmd, "how long to wait for room for each value; 0: not at all")
	f.values.flags(cmd)
	cmd.Flags().BoolVar(&f.raw, "raw", false, "put pickles, unopened, of files or standard input")
	return cmd
}

// withQueue connects to a manager, finds a queue and calls use, until a signal.
func (f *clientFlags) withQueue(ctx context.Context, address string, name objectName,
	use func(ctx context.Context, q *queueCalls) error) error {
	return f.session(ctx, address, func(ctx context.Context, c *client.Client) error {
		q, err := f.queue(ctx, c, name)
		if err != nil {
			return err
		}
		return use(ctx, q)
	})
}

// queue finds a queue.
func (f *clientFlags) queue(ctx context.Context, c *client.Client, name objectName) (*queueCalls, error) {
	own, cancel := context.WithTimeout(ctx, f.connect)
	defer cancel()
	q, err := name.queue(own, c)
	if err != nil {
		if own.Err() != nil && ctx.Err() == nil {
			err = &connectError{fmt.Errorf("the server does not answer: %w", err), "--connect-timeout is how long it may take"}
		}
		return nil, err
	}
	if !isQueue(q) {
		return nil, joinErrors(fmt.Errorf("%q is no queue", name.typeid), q.Close(ctx))
	}
	return &queueCalls{q, f.timeout, f.connect}, nil
}

// putValue is a value to put, and where it stands.
type putValue struct {
	place string // "line 3"
	value any
}

// source returns the values to put. What arguments say is checked before the first is put.
func (f *putFlags) source(stdin io.Reader, args []string) (iter.Seq2[putValue, error], error) {
	if f.raw {
		return rawFiles(stdin, args), nil
	}
	if len(args) == 0 || len(args) == 1 && args[0] == "-" {
		return f.lines(stdin), nil
	}
	values := make([]putValue, len(args))
	for i, text := range args {
		v, err := f.values.read([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("value %d: %w; none was put", i+1, err)
		}
		values[i] = putValue{fmt.Sprintf("value %d", i+1), v}
	}
	return func(yield func(putValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}, nil
}

// lines reads one value per line.
func (f *putFlags) lines(in io.Reader) iter.Seq2[putValue, error] {
	return func(yield func(putValue, error) bool) {
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, maxLine)
		n := 1
		for ; lines.Scan(); n++ {
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			v := putValue{place: fmt.Sprintf("line %d", n)}
			var err error
			v.value, err = f.values.read(lines.Bytes())
			if !yield(v, err) || err != nil {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(putValue{place: fmt.Sprintf("line %d", n)}, &inputError{err})
		}
	}
}

// rawFiles reads pickles that follow one another in files.
func rawFiles(stdin io.Reader, names []string) iter.Seq2[putValue, error] {
	if len(names) == 0 {
		names = []string{"-"}
	}
	return func(yield func(putValue, error) bool) {
		for _, name := range names {
			in, place := stdin, "standard input"
			if name != "-" {
				file, err := os.Open(name)
				if err != nil {
					yield(putValue{place: name}, &inputError{err})
					return
				}
				defer file.Close()
				in, place = file, name
			}
			n := 0
			for r, err := range pickles(in) {
				n++
				if unread := new(inputError); err != nil && !errors.As(err, &unread) {
					err = &usageError{fmt.Errorf("not a pickle: %w", err)} // like what is no JSON
				}
				if !yield(putValue{fmt.Sprintf("%s: pickle %d", place, n), r}, err) || err != nil {
					return
				}
			}
		}
	}
}

// putAll puts the values in turn. The wait for room is each value's own, and reading is no part of it.
func putAll(ctx context.Context, ui *ui, q *queueCalls, values iter.Seq2[putValue, error]) error {
	next, stop := iter.Pull2(values)
	type read struct {
		value putValue
		more  bool
	}
	for n := 0; ; n++ {
		r, err := await(ctx, func() (read, error) {
			v, err, more := next()
			return read{v, more}, err
		})
		if err == nil && !r.more {
			stop()
			return nil
		}
		if err == nil {
			err = q.put(ctx, r.value.value)
		}
		if errors.Is(err, managers.ErrFull) {
			err = fmt.Errorf("the queue is full: %w", err)
		}
		switch {
		case ctx.Err() != nil:
			ui.say("stopped; %d were put", n)
			return context.Cause(ctx)
		case err != nil && r.value.place != "":
			return fmt.Errorf("%s: %w; %d were put", r.value.place, err, n)
		case err != nil:
			return fmt.Errorf("%w; %d were put", err, n)
		}
	}
}
