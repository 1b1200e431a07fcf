package sharedmem_test

import (
	"encoding/hex"
	"io/fs"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	"mpbridge/pickle"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// layouts are those of lists, by what tests are called.
var layouts = map[string]sharedmem.Layout{"offsets": sharedmem.LayoutOffsets, "sizes": sharedmem.LayoutSizes}

func newList(t *testing.T, layout sharedmem.Layout, values ...any) *sharedmem.ShareableList {
	t.Helper()
	l, err := sharedmem.NewShareableList(values, &sharedmem.ListOptions{Layout: layout})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = l.SharedMemory().Unlink()
		assert.NoError(t, l.SharedMemory().Close())
	})
	return l
}

func attachList(t *testing.T, name string) *sharedmem.ShareableList {
	t.Helper()
	l, err := sharedmem.AttachShareableList(name, nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.SharedMemory().Close()) })
	return l
}

func items(t *testing.T, l *sharedmem.ShareableList) []any {
	t.Helper()
	items, err := l.Items()
	require.NoError(t, err)
	return items
}

func TestListsHaveTheBytesOfPython(t *testing.T) {
	for _, v := range listVectors {
		l := newList(t, v.layout, v.values...)
		assert.Equal(t, v.bytes, hex.EncodeToString([]byte(read(t, l.SharedMemory(), 0, l.SharedMemory().Size()))))
	}
}

func TestTheLayoutOfAListIsRecognised(t *testing.T) {
	for name, layout := range layouts {
		for _, values := range [][]any{{}, {1}, {"a", nil, strings.Repeat("b", 1000)}} {
			l := attachList(t, newList(t, layout, values...).SharedMemory().Name())
			assert.Equal(t, layout, l.Layout(), "%s %v", name, values)
			assert.Equal(t, len(values), l.Len())
		}
	}
}

// storable are values as they are stored and as they come back.
var storable = []struct{ put, got any }{
	{nil, nil}, {true, true}, {false, false},
	{0, int64(0)}, {-5, int64(-5)}, {uint8(255), int64(255)}, {int64(math.MaxInt64), int64(math.MaxInt64)},
	{int64(math.MinInt64), int64(math.MinInt64)}, {uint64(math.MaxInt64), int64(math.MaxInt64)},
	{big.NewInt(7), int64(7)}, {fs.FileMode(0o600), int64(0o600)},
	{1.5, 1.5}, {float32(0.25), 0.25}, {math.Inf(-1), math.Inf(-1)},
	{"", ""}, {"a", "a"}, {"seven..", "seven.."}, {"eight...", "eight..."}, {"ééééé", "ééééé"}, {"\x00a", "\x00a"},
	{[]byte{}, []byte{}}, {[]byte("\xff\xfe"), []byte("\xff\xfe")}, {sharedText("s"), "s"},
}

type sharedText string

func TestItemsComeBackAsTheyWereStored(t *testing.T) {
	for name, layout := range layouts {
		var puts, gots []any
		for _, v := range storable {
			puts, gots = append(puts, v.put), append(gots, v.got)
		}
		l := newList(t, layout, puts...)
		assert.Equal(t, gots, items(t, l), name)
		assert.Equal(t, gots, items(t, attachList(t, l.SharedMemory().Name())), name)
	}
}

func TestAnItemCanBeReplacedByAnyThatFits(t *testing.T) {
	for _, layout := range layouts {
		l := newList(t, layout, "0123456789abcdef", 0) // slots of 24 and 8 bytes
		for _, v := range storable {
			for _, position := range []int{0, -2} {
				require.NoError(t, l.Set(position, v.put))
				got, err := l.Get(0)
				require.NoError(t, err)
				assert.Equal(t, v.got, got)
			}
		}
		require.NoError(t, l.Set(0, strings.Repeat("x", 24)))
		require.NoError(t, l.Set(1, "eight..."))
		assert.Equal(t, []any{strings.Repeat("x", 24), "eight..."}, items(t, l))
	}
}

func TestWhatDoesNotFitIntoAnItemChangesNothing(t *testing.T) {
	l := newList(t, sharedmem.LayoutOffsets, "abc", 1)
	for _, c := range []struct {
		v    any
		want error
	}{
		{"nine.....", sharedmem.ErrTooLong}, {[]byte("nine....."), sharedmem.ErrTooLong},
		{uint64(math.MaxUint64), sharedmem.ErrRange}, {new(big.Int).Lsh(big.NewInt(1), 63), sharedmem.ErrRange},
		{[]any{}, sharedmem.ErrType}, {1i, sharedmem.ErrType}, {struct{}{}, sharedmem.ErrType},
		{"a\x00", sharedmem.ErrTrailingZero}, {[]byte{0}, sharedmem.ErrTrailingZero}, {"\xff", sharedmem.ErrNotText},
	} {
		for position, before := range []any{"abc", int64(1)} {
			err := l.Set(position, c.v)
			require.ErrorIs(t, err, c.want, "%v", c.v)
			var item *sharedmem.ItemError
			require.ErrorAs(t, err, &item)
			assert.Equal(t, position, item.Position)
			got, err := l.Get(position)
			require.NoError(t, err)
			assert.Equal(t, before, got)
		}
	}
}

func TestAListIsNotMadeOfWhatItCannotHold(t *testing.T) {
	for _, v := range []any{[]any{}, "a\x00", "\xff", uint64(math.MaxUint64), strings.Repeat("x", 1e7)} {
		_, err := sharedmem.NewShareableList([]any{nil, v}, nil)
		var item *sharedmem.ItemError
		require.ErrorAs(t, err, &item)
		assert.Equal(t, 1, item.Position)
	}
	l := newList(t, sharedmem.LayoutOffsets, strings.Repeat("x", 9_999_991))
	got, err := sharedmem.ItemAs[string](l, 0)
	require.NoError(t, err)
	assert.Len(t, got, 9_999_991)
}

func TestAPositionOutsideOfTheListIsAnError(t *testing.T) {
	l := newList(t, sharedmem.LayoutOffsets, 1, 2)
	for _, position := range []int{2, -3, math.MaxInt, math.MinInt} {
		_, err := l.Get(position)
		require.ErrorIs(t, err, sharedmem.ErrRange)
		require.ErrorIs(t, l.Set(position, 1), sharedmem.ErrRange)
	}
}

func TestItemsHaveTheTypeThatIsAskedFor(t *testing.T) {
	l := newList(t, sharedmem.LayoutOffsets, 300, "a")
	n, err := sharedmem.ItemAs[uint16](l, 0)
	require.NoError(t, err)
	assert.EqualValues(t, 300, n)
	var wrong *pickle.TypeError
	_, err = sharedmem.ItemAs[uint8](l, 0)
	require.ErrorAs(t, err, &wrong)
	_, err = sharedmem.ItemAs[int](l, 1)
	require.ErrorAs(t, err, &wrong)
}

func TestCountAndIndexCompareAsPythonDoes(t *testing.T) {
	l := newList(t, sharedmem.LayoutOffsets, 1, true, 1.0, "1", []byte("1"), math.NaN(), nil, "1")
	for _, c := range []struct {
		v            any
		count, index int
	}{
		{1, 3, 0}, {true, 3, 0}, {1.0, 3, 0}, {uint8(1), 3, 0}, {"1", 2, 3}, {[]byte("1"), 1, 4}, {nil, 1, 6},
		{math.NaN(), 0, -1}, {2, 0, -1}, {[]any{}, 0, -1},
	} {
		count, err := l.Count(c.v)
		require.NoError(t, err)
		assert.Equal(t, c.count, count, "%v", c.v)
		index, err := l.Index(c.v)
		if c.index < 0 {
			require.ErrorIs(t, err, sharedmem.ErrNotFound)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.index, index, "%v", c.v)
	}
}

func TestTheFormatOfAListIsPythons(t *testing.T) {
	l := newList(t, sharedmem.LayoutSizes, 1, 1.5, true, "abc", []byte("12345678"), nil)
	format, err := l.Format()
	require.NoError(t, err)
	assert.Equal(t, "qdxxxxxxx?8s16sxxxxxx?x", format)
	require.NoError(t, l.Set(4, 2))
	require.NoError(t, l.Set(0, "a"))
	format, err = l.Format()
	require.NoError(t, err)
	assert.Equal(t, "8sdxxxxxxx?8sqxxxxxx?x", format)
}

func TestASegmentThatIsNoListIsRefused(t *testing.T) {
	for _, bytes := range []string{
		"01", "ffffffffffffffff", "0100000000000000", "ffffffffffffff7f" + strings.Repeat("00", 100),
		"0100000000000000" + "1000000000000000" + strings.Repeat("00", 24), // a slot of 16 bytes, room for 15
		"0200000000000000" + "0000000000000000" + "0800000000000000" + "0000000000000000" + strings.Repeat("00", 99),
		"0100000000000000" + "0000000000000000" + "ffffffffffffff7f" + strings.Repeat("00", 99),
		"0100000000000000" + "ffffffffffffffff" + strings.Repeat("00", 99),
	} {
		raw, err := hex.DecodeString(bytes)
		require.NoError(t, err)
		s := create(t, len(raw))
		write(t, s, 0, string(raw))
		_, err = sharedmem.AttachShareableList(s.Name(), nil)
		var wrong *sharedmem.FormatError
		require.ErrorAs(t, err, &wrong, "%s", bytes)
	}
}

func TestAnItemThatIsNoneIsRefused(t *testing.T) {
	l := newList(t, sharedmem.LayoutOffsets, 1, "abcdefgh", "é")
	formats := l.SharedMemory().Size() - 3*9
	for i, c := range []struct {
		at    int
		bytes string
	}{
		{formats, "i"}, {formats, "9s\x00"}, {formats, "-1s"}, {formats, "s"}, {formats + 24, "\x01"}, {formats + 24, "\x04"},
	} {
		l := attachList(t, l.SharedMemory().Name())
		before := read(t, l.SharedMemory(), c.at, len(c.bytes))
		write(t, l.SharedMemory(), c.at, c.bytes)
		_, err := l.Get(0)
		var wrong *sharedmem.FormatError
		require.ErrorAs(t, err, &wrong, "%d", i)
		write(t, l.SharedMemory(), c.at, before)
	}
	write(t, l.SharedMemory(), formats-8, "\xc3\x00")
	_, err := l.Get(2)
	require.ErrorIs(t, err, sharedmem.ErrNotText, "half a character")
}

func TestAListThatIsCutUnderOurFeetIsAnError(t *testing.T) {
	l := newList(t, sharedmem.LayoutOffsets, strings.Repeat("x", 10_000), 1)
	require.NoError(t, os.Truncate(file(l.SharedMemory().Name()), 100))
	_, err := l.Get(1)
	require.ErrorIs(t, err, sharedmem.ErrTruncated)
	require.ErrorIs(t, l.Set(1, 1), sharedmem.ErrTruncated)
	_, err = l.Items()
	require.ErrorIs(t, err, sharedmem.ErrTruncated)
	_, err = l.Format()
	require.ErrorIs(t, err, sharedmem.ErrTruncated)
	_, err = sharedmem.AttachShareableList(l.SharedMemory().Name(), nil)
	var wrong *sharedmem.FormatError
	require.ErrorAs(t, err, &wrong)
}

func TestAListThatIsReadOnlyCannotBeWritten(t *testing.T) {
	l := newList(t, sharedmem.LayoutOffsets, 1)
	reader, err := sharedmem.AttachShareableList(l.SharedMemory().Name(), &sharedmem.AttachOptions{ReadOnly: true})
	require.NoError(t, err)
	defer reader.SharedMemory().Close()
	require.ErrorIs(t, reader.Set(0, 2), sharedmem.ErrReadOnly)
	assert.Equal(t, []any{int64(1)}, items(t, reader))
}
