package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"mpbridge/internal/jsonvalue"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

func callCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var kwargs []string
	var show printer
	var values reader
	cmd := &cobra.Command{
		Use:   "call ADDRESS NAME[(ARGUMENTS)][.METHOD] [JSON...]",
		Short: "Call a method of a registered object and print its result as JSON",
		Long: `Make or find an object by its registered name, call one of its methods with JSON arguments, and print
the result; of an iterator, what it yields, one value per line. Without a method, the object's methods
are printed. mpbridge help values says how values are spelled. What the object is made of may stand in
parentheses: 'get_queue("orders").qsize'.`,
		Args: usageArgs(cobra.MinimumNArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, method, err := methodName(args[1])
			if err != nil {
				return err
			}
			values, err := callArguments(&values, args[2:], kwargs)
			if err != nil {
				return err
			}
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *client.Client) error {
				one := callRun{c, &show, output{ctx, ui.out}, ui.err}
				if method == "" {
					return one.methods(ctx, name, values)
				}
				return one.call(ctx, name, method, values)
			})
		},
	}
	f.flags(cmd, "how long the answer may take")
	show.flags(cmd)
	values.flags(cmd)
	cmd.Flags().StringArrayVar(&kwargs, "kw", nil, "keyword argument NAME=JSON; repeatable")
	return cmd
}

func callArguments(r *reader, args, kwargs []string) ([]any, error) {
	var values []any
	for _, a := range args {
		v, err := r.read([]byte(a))
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
		v, err := r.read([]byte(text))
		if err != nil {
			return nil, err
		}
		named[name] = v
	}
	return append(values, named), nil
}

// callRun is one run of mpbridge call.
type callRun struct {
	*client.Client

	show   *printer
	out    output
	stderr io.Writer
}

// methods prints what methods an object has.
func (c *callRun) methods(ctx context.Context, name objectName, values []any) error {
	if name.args != nil {
		values = append(slices.Clone(name.args), values...)
	}
	p, err := c.Open(ctx, name.typeid, values...)
	if err != nil {
		return name.unknown(err)
	}
	return joinErrors(c.list(p), p.Close(ctx))
}

func (c *callRun) list(p *client.Proxy) error {
	var names strings.Builder
	for _, m := range p.Methods() {
		names.WriteString(cell(m) + "\n")
	}
	_, err := c.out.Write([]byte(names.String()))
	return err
}

// call prints what a method returns.
func (c *callRun) call(ctx context.Context, name objectName, method string, args []any) error {
	object, err := c.Open(ctx, name.typeid, name.args...)
	if err != nil {
		return name.unknown(err)
	}
	v, err := object.Call(ctx, method, args...)
	if cerr := object.Close(context.WithoutCancel(ctx)); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if it, ok := client.IteratorOf(object, v); ok {
		return c.all(ctx, it)
	}
	if p, ok := v.(*client.Proxy); ok {
		return joinErrors(c.list(p), p.Close(ctx))
	}
	return c.print(ctx, v)
}

// print prints a result, or keeps it in a file where it cannot be shown: it may be the only copy.
func (c *callRun) print(ctx context.Context, v any) error {
	err := c.show.print(ctx, c.out, v)
	if !errors.Is(err, jsonvalue.ErrTooDeep) && !errors.As(err, new(*jsonvalue.TooLargeError)) {
		return err
	}
	r, perr := pickle.NewRaw(v, nil)
	if perr != nil {
		return joinErrors(err, perr)
	}
	return fmt.Errorf("the result: %w; %s", err, saveItem(c.stderr, r))
}

// all prints what an iterator yields, one value per line.
func (c *callRun) all(ctx context.Context, it *client.Iterator) error {
	for v, err := range it.All(ctx) {
		if err == nil {
			err = c.print(ctx, v)
		}
		if err != nil {
			return err
		}
	}
	return it.Close(ctx)
}
