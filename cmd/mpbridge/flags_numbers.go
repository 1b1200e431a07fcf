package main

import (
	"regexp"
	"slices"
	"strings"
)

// negative is a value that looks like a flag.
var negative = regexp.MustCompile(`^-([0-9][0-9.eE+-]*|Infinity)$`)

// protectNegativeNumbers keeps negative numbers among the values of put and call from being taken for flags: JSON may
// begin with a space, a flag cannot.
func protectNegativeNumbers(args []string) []string {
	out := slices.Clone(args)
	if len(args) == 0 || args[0] != "put" && args[0] != "call" {
		return out
	}
	for i, a := range out {
		if a == "--" {
			break
		}
		before := out[max(i-1, 0)]
		ofFlag := strings.HasPrefix(before, "-") && before != "-" && before != "--plain" && before != "--raw" &&
			!strings.Contains(before, "=") &&
			!negative.MatchString(before)
		if negative.MatchString(a) && !ofFlag {
			out[i] = " " + a
		}
	}
	return out
}
