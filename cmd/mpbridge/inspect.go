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
that it holds, see mpbridge help values. Nothing is executed: a class or a function is shown by its name. Pickles that
follow one another in the file are shown one after another.

What is hardly a pickle is shown as far as it makes sense; then the exit code is 1, and the error says where it ends
and why. With --json, a pickle that is more or less than a value is an object:

  {"__class__":"pickle",
   "value":…        what it leaves; missing where it ends before
   "stack":[…]      what else lies on the stack, with {"__class__":"mark"} for marks
   "discarded":[…]  what it makes and throws away: in Python, calls all the same
   "steps":[…]      what it does besides, as {"__class__":"step","offset":7,"op":"BUILD","on":…,"with":…,"error":…};
                    the error is why mpbridge would refuse it as a message, and often Python too
   "offset":…,"error":…  where and why it ends before its end
   "deeper":[…]}    what nests too deep to stand where it belongs, where there is a reference

and all in it that stands in several places is written once, with references to it.

Exit codes: 0 all was shown; 1 the input cannot be read, has bytes that are no whole pickle, or takes more JSON than
--max-output; 2 wrong usage.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := interruptible(cmd.Context())
			defer stop()
			data, err := await(ctx, func() ([]byte, error) { return readInput(ui.in, args[0]) })
			if err != nil {
				return err
			}
			one := inspectRun{out: output{ctx, ui.out}}
			if asJSON {
				one.show, show.Whole = &show, true
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

// inspectRun is one run of mpbridge inspect.
type inspectRun struct {
	out  output
	show *printer // nil for a listing
}

// all shows pickles that follow one another. Where one is none, it is shown as far as it makes sense, and nothing
// behind it.
func (i *inspectRun) all(ctx context.Context, data []byte) error {
	if len(data) == 0 {
		return errors.New("no pickle: the input is empty")
	}
	for at := 0; at < len(data); {
		size, err := i.one(ctx, data[at:])
		if err != nil {
			if at > 0 && ctx.Err() == nil {
				err = fmt.Errorf("in the pickle at byte %d: %w", at, err)
			}
			return err
		}
		at += size
		at = len(data) - len(bytes.TrimLeft(data[at:], "\r\n"))
	}
	return nil
}

// one shows the pickle that data begins with, and returns its length.
func (i *inspectRun) one(ctx context.Context, data []byte) (size int, err error) {
	if i.show != nil {
		return i.examine(ctx, data)
	}
	size, err = await(ctx, func() (int, error) { return pickle.Span(data), nil })
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if err == nil && size > 0 {
		data = data[:size]
	}
	return size, joinErrors(err, i.listing(data))
}

// listing writes in large pieces: a listing has a line for each opcode.
func (i *inspectRun) listing(data []byte) error {
	out := bufio.NewWriterSize(i.out, 64<<10)
	err := pickle.Disassemble(out, data)
	return joinErrors(err, out.Flush())
}
