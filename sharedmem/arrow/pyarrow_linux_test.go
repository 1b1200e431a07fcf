package arrow_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"mpbridge/interop"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patience only ends a test that has failed already.
const patience = 2 * time.Minute

// pyarrow starts the peer with pyarrow, pandas and numpy, or skips the test.
func pyarrow(t *testing.T) *interop.Peer {
	t.Helper()
	v := interop.Version{Major: 3, Minor: 13}
	py, found := interop.Find()[v]
	arrow, _, err := interop.ArrowPackagesFor(v)
	require.NoError(t, err)
	others, _, err := interop.PackagesFor(v)
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(others.Dir, "pandas")); !found || !arrow.Complete() || err != nil {
		require.False(t, interop.Required(v) && runtime.GOARCH == "amd64", "CPython %s with pyarrow is required: make packages", v)
		t.Skipf("NOT TESTED: no CPython %s with pyarrow: make packages", v)
	}
	path, err := filepath.Abs(filepath.Join("testdata", "tables.py"))
	require.NoError(t, err)
	peer, err := interop.StartPeer(py.With(arrow.Dir+string(os.PathListSeparator)+others.Dir), patience, path)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := peer.Stop(); t.Failed() {
			t.Logf("tables.py: %v, its stderr:\n%s", err, peer.Stderr())
		}
	})
	return peer
}

// run runs statements in Python and returns what is in the variable answer then.
func run[T any](t *testing.T, peer *interop.Peer, statements ...string) T {
	t.Helper()
	var reply struct {
		Answer json.RawMessage
		Error  string
	}
	require.NoError(t, peer.Ask(patience, strings.Join(statements, "\n"), &reply))
	require.Empty(t, reply.Error)
	var answer T
	require.NoError(t, json.Unmarshal(reply.Answer, &answer))
	return answer
}

func TestTablesAreSharedWithPyarrow(t *testing.T) {
	peer := pyarrow(t)
	for name, test := range map[string]func(*testing.T, *interop.Peer){
		"Python reads a table of Go without a copy": pythonReadsATable,
		"Go reads a table of Python without a copy": goReadsATable,
		"Go reads categories of pandas":             goReadsCategories,
	} {
		t.Run(name, func(t *testing.T) { test(t, peer) })
	}
}

// pythonReadsATable: all of its buffers, numpy's arrays and those of pandas lie in the segment.
func pythonReadsATable(t *testing.T, peer *interop.Peer) {
	s := created(t, schema, rows(t, 0, 100_000), rows(t, 100_000, 10))
	got := run[map[string]any](t, peer, "shm = untracked(SharedMemory('"+s.Name()+"'))", `
before = pa.total_allocated_bytes()
buf = pa.py_buffer(shm.buf)
batches = pa.ipc.open_file(buf)
first = batches.get_batch(0)
inside = [lies_in(b, buf) for column in first.columns for b in column.buffers() if b is not None]
n = first.column(0).to_numpy(zero_copy_only=True)
series = pandas.Series(n, copy=False)
answer = dict(batches=batches.num_record_batches, rows=first.num_rows, sum=int(n.sum()), inside=inside,
              allocated=pa.total_allocated_bytes() - before, numpy=array_in(n, buf), pandas=array_in(series.to_numpy(), buf),
              nulls=first.column(1).null_count, x=first.column(1)[4].as_py(), s=first.column(2)[99999].as_py())
del batches, first, n, series, buf
shm.close()
`)
	assert.Equal(t, map[string]any{
		"batches": 2., "rows": 100_000., "sum": 4999950000., "inside": []any{true, true, true, true, true}, "allocated": 0.,
		"numpy": true, "pandas": true, "nulls": 10_000., "x": 1., "s": "row 99999",
	}, got)
}

func goReadsATable(t *testing.T, peer *interop.Peer) {
	name := run[string](t, peer, `
table = pa.table({'n': pa.array(range(50000), pa.int64()), 's': [str(i) for i in range(50000)]})
shm = SharedMemory(create=True, size=pa.ipc.get_record_batch_size(table.to_batches()[0]) + 10000)
with pa.ipc.new_file(pa.FixedSizeBufferWriter(pa.py_buffer(shm.buf)), table.schema) as writer:
    writer.write_table(table)
del writer
answer = shm.name
`)
	table := opened(t, name)
	batch := batchOf(t, table, 0)
	require.EqualValues(t, 50_000, batch.NumRows())
	n, s := batch.Column(0).(*array.Int64), batch.Column(1).(*array.String)
	assert.EqualValues(t, 49_999, n.Value(49_999))
	assert.Equal(t, "12345", s.Value(12345))
	assertInside(t, table, n, s)
	run[any](t, peer, "shm.close(); shm.unlink(); answer = None")
}

func goReadsCategories(t *testing.T, peer *interop.Peer) {
	name := run[string](t, peer, `
frame = pandas.DataFrame({'c': pandas.Categorical(['a', 'b', 'a'])})
table = pa.Table.from_pandas(frame)
shm = SharedMemory(create=True, size=10000)
with pa.ipc.new_file(pa.FixedSizeBufferWriter(pa.py_buffer(shm.buf)), table.schema) as writer:
    writer.write_table(table)
del writer
answer = shm.name
`)
	column := batchOf(t, opened(t, name), 0).Column(0).(*array.Dictionary)
	assert.Equal(t, "b", column.Dictionary().ValueStr(column.GetValueIndex(1)))
	run[any](t, peer, "shm.close(); shm.unlink(); answer = None")
}
