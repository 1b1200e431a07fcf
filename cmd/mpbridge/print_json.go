package main

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"mpbridge/internal/jsonvalue"
	"mpbridge/managers/client"

	"github.com/spf13/cobra"
)

// printer is how a command prints values; its flags say so.
type printer struct{ jsonvalue.Writer }

// flags adds --plain and --max-output.
func (p *printer) flags(cmd *cobra.Command) {
	p.Foreign = shownProxy
	cmd.Flags().BoolVar(&p.Plain, "plain", false,
		"print for people and jq, without what JSON has no type for; see mpbridge help values")
	p.MaxBytes = jsonvalue.DefaultMaxBytes
	cmd.Flags().Var((*byteSize)(&p.MaxBytes), "max-output", "how much the JSON of one value may take")
}

// print writes a value and a line end, in one piece where it is small.
func (p *printer) print(ctx context.Context, out io.Writer, v any) error {
	var line bytes.Buffer
	w := &lineWriter{out: out, buf: &line}
	if err := p.Write(ctx, w, v); err != nil {
		return err
	}
	line.WriteByte('\n')
	return w.flush()
}

// lineWriter keeps the last that was written, so that the line end goes with it.
type lineWriter struct {
	out io.Writer
	buf *bytes.Buffer
}

func (w *lineWriter) Write(p []byte) (int, error) {
	if err := w.flush(); err != nil {
		return 0, err
	}
	return w.buf.Write(p)
}

func (w *lineWriter) flush() error {
	if w.buf.Len() == 0 {
		return nil
	}
	_, err := w.out.Write(w.buf.Bytes())
	w.buf.Reset()
	return err
}

// shownProxy shows an object of the manager.
func shownProxy(v any) (class string, members []jsonvalue.Member, ok bool) {
	p, ok := v.(*client.Proxy)
	if !ok {
		return "", nil, false
	}
	t := p.Token()
	return "proxy", []jsonvalue.Member{{Name: "typeid", Value: t.Typeid}, {Name: "ident", Value: t.Ident}}, true
}

// standardPrinter prints what no flag says anything about.
var standardPrinter = &printer{jsonvalue.Writer{Foreign: shownProxy}}

func printJSON(out io.Writer, v any) error {
	return standardPrinter.print(context.Background(), out, v)
}

// reader is how a command reads values; its flag says so.
type reader struct{ jsonvalue.Reader }

// flags adds --class.
func (r *reader) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&r.Classes, "class", nil,
		"let values name a class or function, or those of a pattern as 'app.*'; repeatable")
}

// read reads one JSON value.
func (r *reader) read(text []byte) (any, error) {
	v, err := r.Read(text)
	if err != nil {
		return nil, &usageError{fmt.Errorf("not a value in JSON: %w", err)}
	}
	return v, nil
}

// fromJSON reads one JSON value as the Python value that it stands for.
func fromJSON(text []byte) (any, error) { return (&reader{}).read(text) }

func valuesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "values",
		Short: "How Python values are written as JSON",
		Long:  jsonvalue.Help,
	}
}

// maxLine bounds one JSON value on standard input.
const maxLine = 1 << 30
