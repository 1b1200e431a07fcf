package arrow_test

import (
	"fmt"
	"testing"
	"unsafe"

	"mpbridge/sharedmem"
	sharedarrow "mpbridge/sharedmem/arrow"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var schema = arrow.NewSchema([]arrow.Field{
	{Name: "n", Type: arrow.PrimitiveTypes.Int64},
	{Name: "x", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "s", Type: arrow.BinaryTypes.String},
}, nil)

// rows makes a batch of rows from first on; every tenth x is missing.
func rows(t testing.TB, first, n int) arrow.RecordBatch {
	t.Helper()
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := first; i < first+n; i++ {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		if i%10 == 9 {
			b.Field(1).AppendNull()
		} else {
			b.Field(1).(*array.Float64Builder).Append(float64(i) / 4)
		}
		b.Field(2).(*array.StringBuilder).Append(fmt.Sprint("row ", i))
	}
	batch := b.NewRecordBatch()
	t.Cleanup(batch.Release)
	return batch
}

func created(t testing.TB, schema *arrow.Schema, batches ...arrow.RecordBatch) *sharedmem.SharedMemory {
	t.Helper()
	s, err := sharedarrow.Create("", schema, batches, nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = s.Unlink()
		assert.NoError(t, s.Close())
	})
	return s
}

func opened(t testing.TB, name string) *sharedarrow.Table {
	t.Helper()
	table, err := sharedarrow.Open(name, 0, nil)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, table.Close()) })
	return table
}

func batchOf(t testing.TB, table *sharedarrow.Table, i int) arrow.RecordBatch {
	t.Helper()
	batch, err := table.RecordBatch(i)
	require.NoError(t, err)
	t.Cleanup(batch.Release)
	return batch
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	want := []arrow.RecordBatch{rows(t, 0, 1000), rows(t, 1000, 1), rows(t, 0, 0)}
	table := opened(t, created(t, schema, want...).Name())
	assert.True(t, schema.Equal(table.Schema()))
	require.Equal(t, len(want), table.Len())
	for i, w := range want {
		assert.True(t, array.RecordEqual(w, batchOf(t, table, i)), "batch %d", i)
	}
}

// assertInside checks that the buffers of arrays are in the segment of a table.
func assertInside(t testing.TB, table *sharedarrow.Table, columns ...arrow.Array) {
	t.Helper()
	view, err := table.Segment().View()
	require.NoError(t, err)
	defer view.Release()
	first := uintptr(unsafe.Pointer(unsafe.SliceData(view.Bytes())))
	for _, column := range columns {
		for i, b := range column.Data().Buffers() {
			if b == nil || b.Len() == 0 {
				continue
			}
			at := uintptr(unsafe.Pointer(unsafe.SliceData(b.Bytes())))
			assert.True(t, at >= first && at+uintptr(b.Len()) <= first+uintptr(len(view.Bytes())), "buffer %d of %v", i, column.DataType())
		}
	}
}

func TestNothingIsCopiedWhereItIsRead(t *testing.T) {
	table := opened(t, created(t, schema, rows(t, 0, 1000)).Name())
	assertInside(t, table, batchOf(t, table, 0).Columns()...)
}

func TestDictionariesAreRead(t *testing.T) {
	dict := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{{Name: "d", Type: dict}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, s := range []string{"a", "b", "a"} {
		require.NoError(t, b.Field(0).(*array.BinaryDictionaryBuilder).AppendString(s))
	}
	want := b.NewRecordBatch()
	defer want.Release()
	table := opened(t, created(t, schema, want).Name())
	assert.True(t, array.RecordEqual(want, batchOf(t, table, 0)))
}

func TestASegmentMayBeLargerThanItsTable(t *testing.T) {
	small := created(t, schema, rows(t, 0, 10))
	text := make([]byte, small.Size())
	_, err := small.ReadAt(text, 0)
	require.NoError(t, err)
	large, err := sharedmem.Create("", small.Size()+10_000, nil)
	require.NoError(t, err)
	defer large.Close()
	defer func() { assert.NoError(t, large.Unlink()) }()
	_, err = large.WriteAt(text, 0)
	require.NoError(t, err)
	assert.EqualValues(t, 10, batchOf(t, opened(t, large.Name()), 0).NumRows())
	_, err = large.WriteAt([]byte("old"), int64(small.Size())+100)
	require.NoError(t, err)
	_, err = sharedarrow.Open(large.Name(), 0, nil)
	require.ErrorIs(t, err, sharedarrow.ErrNoFile)
	table, err := sharedarrow.Open(large.Name(), small.Size(), nil)
	require.NoError(t, err)
	require.NoError(t, table.Close())
	_, err = sharedarrow.Open(large.Name(), large.Size()+1, nil)
	require.ErrorIs(t, err, sharedmem.ErrRange)
}

func TestWhatIsNoTableIsRefused(t *testing.T) {
	for _, text := range []string{"x", "ARROW1", "ARROW1\x00\x00ARROW1", "ARROW1\x00\x00\xff\xff\xff\x7fARROW1"} {
		s, err := sharedmem.Create("", len(text), &sharedmem.CreateOptions{Fill: func(buf []byte) error {
			copy(buf, text)
			return nil
		}})
		require.NoError(t, err)
		_, err = sharedarrow.Open(s.Name(), 0, nil)
		assert.Error(t, err, "%q", text)
		require.NoError(t, s.Unlink())
		require.NoError(t, s.Close())
	}
}

func TestABatchOutsideIsAnError(t *testing.T) {
	table := opened(t, created(t, schema, rows(t, 0, 1)).Name())
	for _, i := range []int{-1, 1} {
		_, err := table.RecordBatch(i)
		require.ErrorIs(t, err, sharedmem.ErrRange)
	}
}

func TestABatchOfAnotherSchemaIsNotWritten(t *testing.T) {
	other := arrow.NewSchema([]arrow.Field{{Name: "other", Type: arrow.PrimitiveTypes.Int8}}, nil)
	_, err := sharedarrow.Create("", other, []arrow.RecordBatch{rows(t, 0, 1)}, nil)
	require.Error(t, err)
}
