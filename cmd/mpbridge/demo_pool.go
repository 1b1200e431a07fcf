package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"mpbridge/examples"
	"mpbridge/pool"

	"github.com/spf13/cobra"
)

// The pool's demo: Leibniz's series in parts.
const (
	piParts   = 16
	piTerms   = 250_000 // in each part
	piWorkers = 4
)

func demoPoolCommand(ui *ui) *cobra.Command {
	f := poolFlags{opts: pool.Options{Workers: piWorkers}}
	cmd := &cobra.Command{
		Use:   "pool",
		Short: "Go computes pi with stock Python workers",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), demoLimit)
			defer cancel()
			return f.pi(ctx, ui)
		},
	}
	f.flags(cmd.Flags())
	cmd.Flags().Lookup("workers").DefValue = fmt.Sprint(piWorkers)
	f.opts.Workers = piWorkers
	return cmd
}

func (f *poolFlags) pi(ctx context.Context, ui *ui) error {
	dir, err := os.MkdirTemp("", "mpbridge-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "pi.py"), []byte(examples.Pi), 0o600); err != nil {
		return err
	}
	f.opts.Path = []string{dir}
	start := time.Now()
	p, err := f.open(ctx, ui)
	if err != nil {
		return err
	}
	defer p.Terminate()
	fmt.Fprintf(ui.out, "a Go program, %d Python workers, ready after %v\n", p.Size(),
		time.Since(start).Round(time.Millisecond))
	start = time.Now()
	parts := make([][]any, piParts)
	for i := range parts {
		parts[i] = []any{i * piTerms, piTerms}
	}
	sum, done := 0.0, 0
	for v, err := range pool.IMap[float64](ctx, p, "pi:part", slices.Values(parts),
		&pool.MapOptions{Star: true}) {
		if err != nil {
			return err
		}
		sum += v
		done++
		fmt.Fprintf(ui.out, "%8d terms  %.9f\n", done*piTerms, sum)
	}
	fmt.Fprintf(ui.out, "%d tasks in %v; math.Pi is off by %.1e\n", piParts,
		time.Since(start).Round(time.Millisecond), math.Abs(sum-math.Pi))
	return nil
}
