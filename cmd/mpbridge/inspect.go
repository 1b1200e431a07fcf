package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"mpbridge/pickle"

	"github.com/spf13/cobra"
)

// maxInspect bounds what is read of a file.
const maxInspect = 1 << 30

func inspectCommand(ui *ui) *cobra.Command {
	var asJSON bool
	var show printer
	cmd := &cobra.Command{
		Use:   "inspect FILE|-",
		Short: "Show what is in a pickle, without executing it",
		Long: `Print a pickle as a listing of its opcodes, as Python's pickletools does, or with --json as the value
that it holds, see mpbridge help values. Nothing is executed: a class or a function is shown by its name. Pickles that follow one
another in the file are shown one after another.`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			data, err := await(ctx, func() ([]byte, error) { return readInput(ui.in, args[0]) })
			if err != nil {
				return err
			}
			one := inspecting{out: output{ctx, ui.out}}
			if asJSON {
				one.show = &show
			}
			return one.all(ctx, data)
		},
	}
	show.flags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the value as JSON")
	return cmd
}

func readInput(stdin io.Reader, name string) ([]byte, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxInspect+1))
	if err == nil && len(data) > maxInspect {
		err = fmt.Errorf("longer than %d bytes", maxInspect)
	}
	return data, err
}

// inspecting is one run of mpbridge inspect.
type inspecting struct {
	out  output
	show *printer // nil for a listing
}

func (i *inspecting) all(ctx context.Context, data []byte) error {
	if len(data) == 0 {
		return errors.New("no pickle: the input is empty")
	}
	for len(data) > 0 {
		size, err := await(ctx, func() (int, error) { return pickle.DocumentSize(data) })
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			// The listing shows how far it makes sense, and where it ends.
			return both(err, i.listing(data))
		}
		if err := i.one(ctx, data[:size]); err != nil {
			return err
		}
		data = bytes.TrimLeft(data[size:], "\r\n")
	}
	return nil
}

func (i *inspecting) one(ctx context.Context, doc []byte) error {
	if i.show == nil {
		return i.listing(doc)
	}
	v, err := await(ctx, func() (v any, err error) {
		err = pickle.Unmarshal(doc, &v)
		return v, err
	})
	if err != nil {
		return err
	}
	return i.show.print(ctx, i.out, v)
}

// listing writes in large pieces: a listing has a line for each opcode.
func (i *inspecting) listing(data []byte) error {
	out := bufio.NewWriterSize(i.out, 64<<10)
	err := pickle.Disassemble(out, data)
	return both(err, out.Flush())
}
