package main

import (
	"bytes"
	"context"
	"io"

	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

// itemPrinter is how get and peek print items.
type itemPrinter struct {
	printer printer
	raw     bool
}

func (s *itemPrinter) flags(cmd *cobra.Command) {
	s.printer.flags(cmd)
	cmd.Flags().BoolVar(&s.raw, "raw", false, "write pickles, unopened, one after the other")
}

// print prints an item on a line that begins with prefix, or writes its pickle.
func (s *itemPrinter) print(ctx context.Context, out io.Writer, prefix string, r pickle.Raw) error {
	if s.raw {
		_, err := out.Write(r.Bytes())
		return err
	}
	v, err := await(ctx, r.Any)
	if err != nil {
		return err
	}
	return s.printer.print(ctx, &prefixed{out, prefix}, v)
}

// prefixed writes a prefix before the first bytes.
type prefixed struct {
	io.Writer
	prefix string
}

func (p *prefixed) Write(b []byte) (int, error) {
	if p.prefix != "" {
		whole := bytes.Join([][]byte{[]byte(p.prefix), b}, nil)
		p.prefix = ""
		if _, err := p.Writer.Write(whole); err != nil {
			return 0, err
		}
		return len(b), nil
	}
	return p.Writer.Write(b)
}
