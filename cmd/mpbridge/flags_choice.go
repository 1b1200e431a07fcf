package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// choice is a flag of which the values are known.
type choice struct {
	value  *string
	values []string
}

// choiceFlag declares such a flag, whose values the shell completes.
func choiceFlag(cmd *cobra.Command, value *string, name, otherwise, help string, values ...string) {
	*value = otherwise
	cmd.Flags().Var(&choice{value, values}, name, help+": "+orList(values))
	completeFlag(cmd, name, values...)
}

// orList is "a, b or c".
func orList(values []string) string {
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

func (c *choice) String() string { return *c.value }

// Type names the value in the help.
func (c *choice) Type() string { return "string" }

// Set takes one of the values.
func (c *choice) Set(v string) error {
	if !slices.Contains(c.values, v) {
		return fmt.Errorf("want %s", orList(c.values))
	}
	*c.value = v
	return nil
}

// completeFlag has the shell complete the values of a flag.
func completeFlag(cmd *cobra.Command, name string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}
