package client_test

import (
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAValueIsReplaced(t *testing.T) {
	v := opened[*client.Value](t)(dialOwn(t).OpenValue(soon(t), "Value", "i", 1))
	returns[any](t, int64(1))(v.Get(soon(t)))
	require.NoError(t, v.Set(soon(t), "any type"))
	var text string
	require.NoError(t, v.GetInto(soon(t), &text))
	assert.Equal(t, "any type", text)
}

func TestAnArrayHoldsNumbersOfOneType(t *testing.T) {
	a := opened[*client.Array](t)(dialOwn(t).OpenArray(soon(t), "Array", "h", []int{1, 2, 3}))
	require.NoError(t, a.Set(soon(t), -1, 7))
	returns[any](t, int64(7))(a.Get(soon(t), 2))
	var n int16
	require.NoError(t, a.GetInto(soon(t), 1, &n))
	assert.Equal(t, int16(2), n)
	returns(t, 3)(a.Len(soon(t)))
	assert.Equal(t, ints(1, 2, 7), collected(t, a.All(soon(t))))
	require.ErrorIs(t, a.Set(soon(t), 3, 0), managers.ErrIndexError)
	require.ErrorIs(t, a.Set(soon(t), 0, "x"), managers.ErrTypeError)
	require.ErrorContains(t, a.Set(soon(t), 0, 1<<15), "OverflowError")
}

func TestANamespaceHasAttributes(t *testing.T) {
	n := opened[*client.Namespace](t)(dialOwn(t).OpenNamespace(soon(t), "Namespace", managers.Kwargs{"x": 1}))
	require.NoError(t, n.Set(soon(t), "y", []int{2}))
	returns[any](t, int64(1))(n.Get(soon(t), "x"))
	var list []int
	require.NoError(t, n.GetInto(soon(t), "y", &list))
	assert.Equal(t, []int{2}, list)
	require.NoError(t, n.Delete(soon(t), "x"))
	_, err := n.Get(soon(t), "x")
	require.ErrorIs(t, err, managers.ErrAttributeError)
	require.ErrorIs(t, n.Delete(soon(t), "x"), managers.ErrAttributeError)
}

func TestNamesThatBeginWithAnUnderscoreAreNoNamespaces(t *testing.T) {
	n := opened[*client.Namespace](t)(dialOwn(t).OpenNamespace(soon(t), "Namespace"))
	require.ErrorIs(t, n.Set(soon(t), "_x", 1), managers.ErrAttributeError)
	_, err := n.Get(soon(t), "_x")
	require.ErrorIs(t, err, managers.ErrAttributeError)
	require.ErrorIs(t, n.GetInto(soon(t), "_x", new(any)), managers.ErrAttributeError)
	require.ErrorIs(t, n.Delete(soon(t), "_x"), managers.ErrAttributeError)
}
