package gopickle_test

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
	"mpbridge/pickle/gopickle"
)

// gap is a line of testdata/gaps.txt or gaps32.txt: vectors that gopickle does not read as Python does.
type gap struct {
	pattern, reason string
	used            bool
}

func readGaps(t *testing.T, file string) []*gap {
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	var gaps []*gap
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		pattern, reason, ok := strings.Cut(line, " ")
		require.True(t, ok, "a gap without a reason: %s", line)
		gaps = append(gaps, &gap{pattern: pattern, reason: strings.TrimSpace(reason)})
	}
	return gaps
}

func find(gaps []*gap, name string) *gap {
	for _, g := range gaps {
		if ok, _ := path.Match(g.pattern, name); ok {
			g.used = true
			return g
		}
	}
	return nil
}

// agree tells whether gopickle reads data as package pickle does, and if not how it differs.
func agree(data []byte) (ok bool, why string) {
	var ours any
	if err := pickle.Unmarshal(data, &ours); err != nil {
		return false, err.Error()
	}
	loaded, err := gopickle.Load(data)
	if err != nil {
		return false, err.Error()
	}
	theirs, err := gopickle.FromTypes(loaded)
	if err != nil {
		return false, err.Error()
	}
	// gopickle has one string for both of Python 2's: let ours pass through its types too.
	through, err := gopickle.ToTypes(ours)
	if err != nil {
		return false, err.Error()
	}
	if ours, err = gopickle.FromTypes(through); err != nil {
		return false, err.Error()
	}
	return pickle.Equal(ours, theirs), "another value"
}

func TestGopickleReadsTheVectorsButForTheGaps(t *testing.T) {
	files, err := filepath.Glob("../testdata/vectors/*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	gaps := readGaps(t, "testdata/gaps.txt")
	if strconv.IntSize == 32 {
		gaps = append(gaps, readGaps(t, "testdata/gaps32.txt")...)
	}
	for _, f := range files {
		content, err := os.ReadFile(f)
		require.NoError(t, err)
		head, data, _ := bytes.Cut(content, []byte("\n\n"))
		if !bytes.Contains(head, []byte("expect: value")) {
			continue
		}
		name := filepath.Base(f)
		ok, why := agree(data)
		if g := find(gaps, name); g != nil {
			assert.False(t, ok, "%s is read well now: take it off the gaps (%s)", name, g.reason)
		} else {
			assert.True(t, ok, "%s: %s", name, why)
		}
	}
	for _, g := range gaps {
		assert.True(t, g.used, "no vector is named %s", g.pattern)
	}
}

func TestLoadRefusesWhatWouldEndTheProcess(t *testing.T) {
	for name, in := range map[string]string{
		"13 bytes that claim a terabyte": "\x80\x04\x8e\x00\x00\x00\x00\x00\x01\x00\x00.",
		"a frame of a terabyte":          "\x80\x04\x95\x00\x00\x00\x00\x00\x01\x00\x00N.",
		"an integer of a megabyte":       "\x8b\x00\x00\x10\x00" + strings.Repeat("x", 1<<20) + ".",
		"an unknown opcode":              "\xff",
		"a key without a value":          "}(K\x01u.",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gopickle.Load([]byte(in))
			assert.Error(t, err)
		})
	}
}

func TestLoadCatchesPanics(t *testing.T) {
	_, err := gopickle.Load([]byte("\x80\x04\x8f(C\x01a\x90.")) // a set of bytes
	var panicked *gopickle.PanicError
	require.ErrorAs(t, err, &panicked)
	assert.NotEmpty(t, panicked.Error())
}
