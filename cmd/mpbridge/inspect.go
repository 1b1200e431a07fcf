package main

import (
	"bytes"
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
	cmd := &cobra.Command{
		Use:   "inspect FILE|-",
		Short: "Show what is in a pickle, without executing it",
		Long: `Print a pickle as a listing of its opcodes, as Python's pickletools does, or with --json as the value
that it holds. Nothing is executed: a class or a function is shown by its name. Pickles that follow one
another in the file are shown one after another.`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := readInput(ui.in, args[0])
			if err != nil {
				return err
			}
			return inspect(ui.out, data, asJSON)
		},
	}
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

func inspect(out io.Writer, data []byte, asJSON bool) error {
	if len(data) == 0 {
		return errors.New("no pickle: the input is empty")
	}
	for len(data) > 0 {
		size, err := pickle.DocumentSize(data)
		if err != nil {
			// The listing shows how far it makes sense, and where it ends.
			return errors.Join(err, pickle.Disassemble(out, data))
		}
		if err := inspectOne(out, data[:size], asJSON); err != nil {
			return err
		}
		data = bytes.TrimLeft(data[size:], "\r\n")
	}
	return nil
}

func inspectOne(out io.Writer, doc []byte, asJSON bool) error {
	if !asJSON {
		return pickle.Disassemble(out, doc)
	}
	var v any
	if err := pickle.Unmarshal(doc, &v); err != nil {
		return err
	}
	return printJSON(out, v)
}
