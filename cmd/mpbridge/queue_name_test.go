package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNamesHaveArgumentsAndMethods(t *testing.T) {
	cases := map[string]struct {
		typeid, method string
		args           []any
	}{
		"jobs.qsize":                  {"jobs", "qsize", nil},
		"jobs":                        {"jobs", "", nil},
		"jobs.dead":                   {"jobs.dead", "", nil},
		"jobs.dead.peek":              {"jobs.dead", "peek", nil},
		`get_queue("orders").qsize`:   {"get_queue", "qsize", []any{"orders"}},
		`get_queue(orders)`:           {"get_queue", "", []any{"orders"}},
		`get_queue.dead("a.b").qsize`: {"get_queue.dead", "qsize", []any{"a.b"}},
		`make(1, "(").x`:              {"make", "x", []any{int64(1), "("}},
	}
	for text, want := range cases {
		n, method, err := methodName(text)
		require.NoError(t, err, text)
		assert.Equal(t, want.typeid, n.typeid, text)
		assert.Equal(t, want.method, method, text)
		assert.Equal(t, want.args, n.args, text)
	}
	for _, text := range []string{`get_queue("a`, `("a")`, `a)b(`, `q({)`, `q("a")x`} {
		_, _, err := methodName(text)
		require.ErrorAs(t, err, new(*usageError), text)
	}
	_, err := queueName(`q("a").qsize`)
	require.ErrorAs(t, err, new(*usageError))
}

func TestANegativeNumberIsAValue(t *testing.T) {
	assert.Equal(t, []string{"put", "a", "q", " -5", " -1e-3", "--timeout", "-5", " -Infinity"},
		protectNegativeNumbers([]string{"put", "a", "q", "-5", "-1e-3", "--timeout", "-5", "-Infinity"}))
	assert.Equal(t, []string{"call", "--plain", " -5", "--", "-6"}, protectNegativeNumbers([]string{"call", "--plain", "-5", "--", "-6"}))
	assert.Equal(t, []string{"put", "a", "q", "--timeout=0", " -5"}, protectNegativeNumbers([]string{"put", "a", "q", "--timeout=0", "-5"}))
	assert.Equal(t, []string{"serve", "-5"}, protectNegativeNumbers([]string{"serve", "-5"}))
}
