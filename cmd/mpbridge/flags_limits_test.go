package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// limitsTable is the table of docs/limits.md, in pieces: what stands between bars and semicolons.
func limitsTable(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../../docs/limits.md")
	require.NoError(t, err)
	var pieces []string
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "| ") {
			pieces = append(pieces, regexp.MustCompile(`[|;]`).Split(line, -1)...)
		}
	}
	return pieces
}

// defaultsOf are the defaults of limits. Of some the flag's own is 0, for they depend on others.
func defaultsOf(t *testing.T, f *pflag.Flag) (n int64, unit string) {
	t.Helper()
	switch f.Name {
	case "max-call-bytes":
		return server.DefaultMaxCallBytes, "B"
	case "max-work-bytes":
		return server.DefaultMaxWorkBytes, "B"
	case "max-int-digits":
		return server.DefaultMaxIntDigits, ""
	}
	switch v := f.Value.(type) {
	case *byteSize:
		return int64(*v), "B"
	default:
		if d, err := time.ParseDuration(f.DefValue); err == nil && f.Value.Type() == "duration" {
			return int64(d / time.Second), "s"
		}
		n, err := strconv.ParseInt(f.DefValue, 10, 64)
		require.NoError(t, err, f.Name)
		return n, ""
	}
}

// spellings are how the table may write a number.
func spellings(n int64, unit string) []string {
	switch unit {
	case "B":
		return []string{fmt.Sprintf("%d GiB", n>>30)}
	case "s":
		return []string{fmt.Sprintf("%d s", n)}
	}
	exact := strconv.FormatInt(n, 10)
	for i := len(exact) - 3; i > 0; i -= 3 {
		exact = exact[:i] + "," + exact[i:]
	}
	all := []string{exact}
	switch {
	case n/1e9 == 1:
		all = append(all, "a billion")
	case n >= 1e6:
		all = append(all, fmt.Sprintf("%d million", n/1e6))
	}
	return all
}

func TestTheTableOfLimitsHasTheDefaults(t *testing.T) {
	table := limitsTable(t)
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	var limits server.Limits
	limitFlags(flags, &limits)
	flags.VisitAll(func(f *pflag.Flag) {
		t.Run(f.Name, func(t *testing.T) {
			var piece string
			for _, p := range table {
				if strings.Contains(p, "`--"+f.Name+"`") {
					piece = p
				}
			}
			require.NotEmpty(t, piece, "a row")
			n, unit := defaultsOf(t, f)
			if n == 0 { // in words: for ever, as many as others
				return
			}
			said := regexp.MustCompile(`\b(a billion|[\d,]*\d( million\b| GiB\b| s\b)?)`).FindString(piece)
			assert.Contains(t, spellings(n, unit), said, piece)
		})
	})
}

func TestTheTableOfLimitsSaysWhatAnItemCounts(t *testing.T) {
	assert.Contains(t, strings.Join(limitsTable(t), "|"), fmt.Sprintf("its pickle and %d bytes", queue.ItemOverhead))
}
