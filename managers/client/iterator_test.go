package client_test

import (
	"testing"

	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnIteratorThatCameByValueGivesWhatItHasLeft(t *testing.T) {
	it, ok := client.IteratorOf(nil, load(t, "c__builtin__\niter\n((K\x01K\x02K\x03ttRK\x01b."))
	require.True(t, ok)
	var got []any
	for v, err := range it.All(t.Context()) {
		require.NoError(t, err)
		got = append(got, v)
	}
	assert.Equal(t, []any{int64(2), int64(3)}, got)
}

func TestAListIsNoIterator(t *testing.T) {
	_, ok := client.IteratorOf(nil, load(t, "(lK\x01a."))
	assert.False(t, ok)
}

func TestAnIteratorThatCallsFunctionsIsNoneHere(t *testing.T) {
	_, ok := client.IteratorOf(nil, load(t, "citertools\nstarmap\n(capp\nf\n(ltR."))
	assert.False(t, ok)
}

func load(t *testing.T, doc string) (v any) {
	t.Helper()
	require.NoError(t, pickle.Unmarshal([]byte(doc), &v))
	return v
}
