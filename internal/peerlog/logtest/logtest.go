// Package logtest counts what package peerlog let into a log of slog.TextHandler's and what it left out. Only
// tests import it.
package logtest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var leftOut = regexp.MustCompile(`"log lines left out" lines=(\d+)`)

// LeftOut adds up how many lines, of all messages, a log says were left out.
func LeftOut(t testing.TB, log string) (lines int) {
	t.Helper()
	for _, m := range leftOut.FindAllStringSubmatch(log, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		lines += n
	}
	return lines
}

// Lines counts the lines with a message, and adds up how many of all messages were left out.
func Lines(t testing.TB, log, message string) (logged, out int) {
	t.Helper()
	return strings.Count(log, message), LeftOut(t, log)
}
