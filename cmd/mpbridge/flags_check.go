package main

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"mpbridge/pickle"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// eachCommand calls f with a command and all below it.
func eachCommand(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range c.Commands() {
		eachCommand(sub, f)
	}
}

// showDefaults completes the help of flags that pflag shows no default for: the zeros. A switch is off, and a
// list that can be added to is empty, unless they are given.
func showDefaults(c *cobra.Command) {
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		said := strings.Contains(f.Usage, "default") || strings.Contains(f.Usage, "repeatable") ||
			strings.Contains(f.Usage, "("+f.DefValue+":")
		switch kind := f.Value.Type(); {
		case kind == "bool" || said:
		case f.DefValue == "":
			f.Usage += " (default none)"
		case f.DefValue == "0" || f.DefValue == "0s":
			f.Usage += " (default " + f.DefValue + ")"
		}
	})
}

// checkNumbers refuses numbers that no flag takes: negative ones, and zeros where the help gives them no meaning
// and they are not the default.
func checkNumbers(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		switch sign, ok := signOf(f.Value); {
		case !ok || err != nil:
		case sign < 0:
			err = usagef("--%s %s: want 0 or more", f.Name, f.Value)
		case sign == 0 && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != unset &&
			!strings.Contains(f.Usage, "(0:"):
			err = usagef("--%s %s: want more than 0", f.Name, f.Value)
		}
	})
	return err
}

// checkTexts refuses flags that are given and empty, as by --keys "$KEYS" where the variable is missing: who writes
// --tls-client-ca does not mean a server that asks nobody for a certificate.
func checkTexts(c *cobra.Command) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		empty := f.Value.Type() == "string" && f.Value.String() == ""
		if list, ok := f.Value.(pflag.SliceValue); ok {
			empty = slices.Contains(list.GetSlice(), "")
		}
		if empty && err == nil {
			err = usagef("--%s: what is given for it is empty", f.Name)
		}
	})
	return err
}

// unset is the default of a number that has none.
const unset = "none"

// signOf is the sign of a flag that is a number.
func signOf(v pflag.Value) (sign int, ok bool) {
	switch v.Type() {
	case "int", "int64":
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return compareZero(n), err == nil
	case "duration":
		d, err := time.ParseDuration(v.String())
		return compareZero(int64(d)), err == nil
	case byteSizeType:
		return compareZero(int64(*v.(*byteSize))), true
	}
	return 0, false
}

func compareZero(n int64) int { return cmp.Compare(n, 0) }

// limitError has an error of the library's options say which flag it is about.
func limitError(err error) error {
	option := (*pickle.OptionError)(nil)
	if !errors.As(err, &option) {
		return err
	}
	limit := strings.TrimPrefix(option.Option, "Limits.")
	show := func(n int64) string { return strconv.FormatInt(n, 10) }
	switch {
	case option.IsTime:
		show = func(n int64) string { return time.Duration(n).String() }
	case slices.Contains([]string{"MaxMessage", "MaxItemBytes"}, limit):
		show = func(n int64) string { return (*byteSize)(&n).String() }
	}
	return usagef("--%s %s: want %s to %s", kebab(limit), show(option.Value), show(option.Low), show(option.High))
}

// kebab is the name of a flag that sets a field: MaxIntDigits is max-int-digits.
func kebab(field string) string {
	var b strings.Builder
	for i, r := range field {
		if r >= 'A' && r <= 'Z' && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
