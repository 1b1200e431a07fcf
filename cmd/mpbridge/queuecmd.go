package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

// clientFlags are what every command that uses a manager has.
type clientFlags struct {
	key     keySource
	timeout time.Duration
}

func (f *clientFlags) flags(cmd *cobra.Command) {
	f.key.flags(cmd)
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
	c, err := managers.Dial(ctx, addr, &managers.ClientOptions{Authkey: key})
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
	_, err = out.Write(append(b, '\n'))
	return err
}

func callCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var kwargs []string
	cmd := &cobra.Command{
		Use:   "call ADDRESS TYPEID[.METHOD] [JSON...]",
		Short: "Call a method of a registered object and print its result as JSON",
		Long: `Make or find an object by its registered name, call one of its methods with JSON arguments, and print
the result. Without a method, the object's methods are printed.`,
		Args: arguments(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := callArguments(args[2:], kwargs)
			if err != nil {
				return err
			}
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *managers.Client) error {
				return call(ctx, c, ui.out, args[1], values)
			})
		},
	}
	f.flags(cmd)
	cmd.Flags().StringArrayVar(&kwargs, "kw", nil, "keyword argument NAME=JSON; repeatable")
	return cmd
}

func callArguments(args, kwargs []string) ([]any, error) {
	var values []any
	for _, a := range args {
		v, err := fromJSON([]byte(a))
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	named := managers.Kwargs{}
	for _, kw := range kwargs {
		name, text, ok := strings.Cut(kw, "=")
		if !ok {
			return nil, &usageError{fmt.Errorf("--kw %q: want NAME=JSON", kw)}
		}
		v, err := fromJSON([]byte(text))
		if err != nil {
			return nil, err
		}
		named[name] = v
	}
	return append(values, named), nil
}

func call(ctx context.Context, c *managers.Client, out io.Writer, name string, values []any) error {
	typeid, method, found := strings.Cut(name, ".")
	if !found {
		p, err := c.Create(ctx, typeid, values...)
		if err != nil {
			return err
		}
		for _, m := range p.Methods() {
			fmt.Fprintln(out, m)
		}
		return p.Close(ctx)
	}
	v, err := c.Call(ctx, typeid, method, values...)
	if err != nil {
		return err
	}
	if p, ok := v.(*managers.Proxy); ok {
		fmt.Fprintf(out, "%s\n", strings.Join(p.Methods(), "\n"))
		return p.Close(ctx)
	}
	return printJSON(out, v)
}

func lsCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ls ADDRESS",
		Short: "List the objects of a manager that clients refer to",
		Args:  arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *managers.Client) error {
				info, err := c.DebugInfo(ctx)
				if err != nil {
					return err
				}
				return printObjects(ui.out, parseDebugInfo(info), asJSON)
			})
		},
	}
	f.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// object is one entry of debug_info.
type object struct {
	Ident string
	Refs  string
	Text  string
}

// parseDebugInfo reads what Server.debug_info prints: "  <ident>:       refcount=<n>" and a line of
// str(object) behind it, which may itself have line ends.
func parseDebugInfo(info string) (out []object) {
	for line := range strings.Lines(info) {
		ident, refs, ok := strings.Cut(strings.TrimSpace(line), ":       refcount=")
		switch {
		case ok:
			out = append(out, object{Ident: ident, Refs: refs})
		case len(out) > 0:
			out[len(out)-1].Text += strings.TrimSpace(line)
		}
	}
	return out
}

func printObjects(w io.Writer, objects []object, asJSON bool) error {
	if !asJSON {
		fmt.Fprintf(w, "%-18s %5s  %s\n", "IDENT", "REFS", "OBJECT")
		for _, o := range objects {
			fmt.Fprintf(w, "%-18s %5s  %s\n", o.Ident, o.Refs, o.Text)
		}
		return nil
	}
	var errs error
	for _, o := range objects {
		refs, err := number(o.Refs)
		errs = errors.Join(errs, err, printJSON(w, pickle.NewDict("ident", o.Ident, "references", refs,
			"object", o.Text)))
	}
	return errs
}
