package interop_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// zooDifference is an entry of zoo/differences.json: see zoo_known.py.
type zooDifference struct {
	Title    string              `json:"title"`
	Reason   string              `json:"reason"`
	Rules    []map[string]string `json:"rules"`
	Examples []zooExample        `json:"examples"`
}

// zooExample is a program that differs with some runners.
type zooExample struct {
	Runners []string   `json:"runners"`
	Program zooProgram `json:"program"`
	Theirs  string     `json:"theirs"`
	Ours    string     `json:"ours"`
}

// zooProgram is a program of zoo_generate.py.
type zooProgram struct {
	Type  string    `json:"type"`
	Make  zooCall   `json:"make"`
	Steps []zooCall `json:"steps"`
}

// zooCall is a template, its arguments and the condition, as zoo_generate.py has them.
type zooCall []any

// String is the call as Python writes it.
func (c zooCall) String() string {
	text := c[0].(string)
	for _, argument := range c[1].([]any) {
		text = strings.Replace(text, "{}", argument.(string), 1)
	}
	return text
}

// TestDifferencesAreDocumented compares docs/differences.md with the list that the runs go by. With
// MPBRIDGE_UPDATE_DOCS set it writes the document.
func TestDifferencesAreDocumented(t *testing.T) {
	var list []zooDifference
	decoder := json.NewDecoder(bytes.NewReader(readFile(t, filepath.Join("zoo", "differences.json"))))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&list))
	document := filepath.Join("..", "docs", "differences.md")
	want := differencesDocument(list)
	if os.Getenv("MPBRIDGE_UPDATE_DOCS") != "" {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o644))
	}
	assert.Equal(t, want, string(readFile(t, document)))
}

// TestEachDifferenceHasAReasonAndAnExample holds for the list that the runs go by.
func TestEachDifferenceHasAReasonAndAnExample(t *testing.T) {
	var list []zooDifference
	require.NoError(t, json.Unmarshal(readFile(t, filepath.Join("zoo", "differences.json")), &list))
	for _, d := range list {
		t.Run(d.Title, func(t *testing.T) {
			assert.NotEmpty(t, d.Reason)
			assert.NotEmpty(t, d.Rules)
			assert.NotEmpty(t, d.Examples)
			for _, example := range d.Examples {
				assert.NotEmpty(t, example.Runners)
			}
		})
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return content
}

const differencesHead = `# Where the server answers otherwise than CPython's

Programs of every shared type's calls, with values of the standard library, numpy, pandas, dill, cloudpickle and
of classes of one's own, are run against this server and against that of CPython 2.7, 3.6, 3.8, 3.11, 3.13 and
3.15, which can import all of these. The answers are the same, or of the same exception class, but for what
follows. The list is the one that the test goes by (interop/zoo/differences.json): what is not on it fails the
test, and so does what is and does not differ any more.
`

// differencesDocument is the list for readers.
func differencesDocument(list []zooDifference) string {
	var b strings.Builder
	b.WriteString(differencesHead)
	for _, d := range list {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", d.Title, wrapped(d.Reason, 110))
		for _, example := range d.Examples {
			fmt.Fprintf(&b, "    o = %s", example.Program.Make)
			for _, step := range example.Program.Steps {
				fmt.Fprintf(&b, "; %s", step)
			}
			fmt.Fprintf(&b, "\n        CPython: %s\n        here:    %s\n", example.Theirs, example.Ours)
		}
	}
	return b.String()
}

// wrapped breaks text into lines of at most so many bytes.
func wrapped(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n")
}
