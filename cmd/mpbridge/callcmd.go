package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"mpbridge/managers"

	"github.com/spf13/cobra"
)

func callCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var kwargs []string
	cmd := &cobra.Command{
		Use:   "call ADDRESS TYPEID[.METHOD] [JSON...]",
		Short: "Call a method of a registered object and print its result as JSON",
		Long: `Make or find an object by its registered name, call one of its methods with JSON arguments, and print
the result; of an iterator, what it yields, one value per line. Without a method, the object's methods
are printed.`,
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
	typeid, method := splitName(name)
	if method == "" {
		p, err := c.Create(ctx, typeid, values...)
		if err != nil {
			return err
		}
		for _, m := range p.Methods() {
			fmt.Fprintln(out, cell(m))
		}
		return p.Close(ctx)
	}
	v, err := c.Call(ctx, typeid, method, values...)
	if err != nil {
		return err
	}
	p, ok := v.(*managers.Proxy)
	switch {
	case ok && p.Has("__next__"):
		return printAll(ctx, managers.AsIterator(p), out)
	case ok:
		for _, m := range p.Methods() {
			fmt.Fprintln(out, cell(m))
		}
		return p.Close(ctx)
	}
	return printJSON(out, v)
}

// splitName takes the method off a name. Names of objects may have dots themselves: jobs.dead.get.
func splitName(name string) (typeid, method string) {
	if i := strings.LastIndexByte(name, '.'); i >= 0 && name[i:] != ".dead" {
		return name[:i], name[i+1:]
	}
	return name, ""
}

// printAll prints what an iterator yields, one value per line.
func printAll(ctx context.Context, it *managers.IteratorProxy, out io.Writer) error {
	for v, err := range it.All(ctx) {
		if err == nil {
			err = printJSON(out, v)
		}
		if err != nil {
			return err
		}
	}
	return it.Close(ctx)
}
