package printable_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"mpbridge/internal/printable"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhatIsPrintableStaysAsItIs(t *testing.T) {
	for _, s := range []string{"", "plain", "Grüße, 世界 🎉", `C:\folder`, `"quoted"`} {
		assert.Equal(t, s, printable.Line(s, 100))
		assert.Equal(t, s, printable.Text(s, 100))
	}
}

func TestWhatIsNotPrintableIsShownByItsNumber(t *testing.T) {
	for s, want := range map[string]string{
		"\x1b[2Jboo":     `\u001b[2Jboo`,
		"a\nb\tc\rd":     `a\u000ab\u0009c\u000dd`,
		"\u009b31m":      `\u009b31m`,
		"a\u202eb\u2066": `a\u202eb\u2066`,
		"\xff\xfe":       `\xff\xfe`,
		"\xc3":           `\xc3`,
		"\x7f\x00":       `\u007f\u0000`,
		"\u00a0\u200b":   `\u00a0\u200b`,
		"\u2028\ufeff":   `\u2028\ufeff`,
		"\U000e0041":     `\udb40\udc41`,
		"\ufffd":         "\ufffd",
	} {
		assert.Equal(t, want, printable.Line(s, 100), "%q", s)
	}
}

func TestLongLinesAreCutBetweenCharacters(t *testing.T) {
	assert.Equal(t, "aaa…", printable.Line(strings.Repeat("a", 1000), 3))
	assert.Equal(t, "aé…", printable.Line("aéé", 4))
	assert.Equal(t, `\u001b…`, printable.Line("\x1b\x1b", 11))
	assert.Equal(t, "aaa", printable.Line("aaa", 3))
}

func TestLinesThatFollowAreIndented(t *testing.T) {
	assert.Equal(t, "Traceback:\n  hint: rm -rf /\n  \\u001b[1mboo", printable.Text("Traceback:\nhint: rm -rf /\n\x1b[1mboo\n", 100))
	assert.Equal(t, "a\n…", printable.Text("a\nb", 2))
}

func TestAWriterLeavesLinesAndJSONAsTheyAre(t *testing.T) {
	var out bytes.Buffer
	w := printable.NewWriter(&out)
	value := "\u009b31m \u202e \U000e0041 \x1b \x7f ünd"
	text, err := json.Marshal(value)
	require.NoError(t, err)
	for _, b := range append(text, "\n\t"...) { // byte by byte
		n, err := w.Write([]byte{b})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
	assert.True(t, strings.HasSuffix(out.String(), "ünd\"\n\t"))
	var back string
	require.NoError(t, json.Unmarshal(out.Bytes(), &back))
	assert.Equal(t, value, back)
	assertShown(t, strings.Trim(out.String(), "\n\t"))
}

// assertShown checks that a terminal is told nothing.
func assertShown(t *testing.T, s string) {
	t.Helper()
	assert.True(t, utf8.ValidString(s))
	for _, r := range s {
		assert.True(t, unicode.IsPrint(r), "%q", r)
	}
}

// FuzzPrintable checks that nothing gets through, and that a divided text comes out as a whole one does.
func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b\u202e\xff\n", 3)
	f.Add("\xf0\x9f\x8e", 1)
	f.Fuzz(func(t *testing.T, s string, at int) {
		assertShown(t, printable.Line(s, 50))
		require.LessOrEqual(t, len(printable.Line(s, 50)), 50+len("…"))
		assertShown(t, strings.NewReplacer("\n", "", "\t", "").Replace(printable.Text(s, 50)))
		var whole, parts bytes.Buffer
		_, _ = printable.NewWriter(&whole).Write([]byte(s + "\n"))
		w := printable.NewWriter(&parts)
		at = max(0, min(at, len(s)))
		_, _ = w.Write([]byte(s[:at]))
		_, _ = w.Write([]byte(s[at:] + "\n"))
		require.Equal(t, whole.String(), parts.String())
		assertShown(t, strings.NewReplacer("\n", "", "\t", "").Replace(whole.String()))
	})
}
