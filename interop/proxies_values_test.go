package interop_test

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"testing"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// plain prints values so that a str of either Python is the same.
func plain(v any) string { return fmt.Sprint(v) }

func TestGoUsesADictOfAManager(t *testing.T) {
	withSyncManager(t, []string{"dict"}, func(t *testing.T, m syncManager, c *client.Client) {
		d := must(c.OpenDict(soon(t), "dict", map[int]string{1: "a"}))(t)
		require.NoError(t, d.Set(soon(t), 2, "b"))
		assert.Equal(t, 2, must(d.Len(soon(t)))(t))
		assert.True(t, must(d.Contains(soon(t), 2))(t))
		assert.False(t, must(d.Contains(soon(t), 3))(t))
		var s string
		require.NoError(t, d.GetInto(soon(t), 1, &s))
		assert.Equal(t, "a", s)
		_, err := d.Get(soon(t), 3)
		require.ErrorIs(t, err, managers.ErrKeyError)
		assert.Equal(t, true, must(d.GetDefault(soon(t), 3, true))(t))
		assert.ElementsMatch(t, []any{int64(1), int64(2)}, must(d.Keys(soon(t)))(t))
		assert.Len(t, must(d.Values(soon(t)))(t), 2)
		assert.Len(t, must(d.Items(soon(t)))(t), 2)
		assert.Equal(t, int64(5), must(d.SetDefault(soon(t), 5, 5))(t))
		assert.Equal(t, int64(5), must(d.Pop(soon(t), 5))(t))
		assert.Nil(t, must(d.PopDefault(soon(t), 5, nil))(t))
		require.ErrorIs(t, d.Delete(soon(t), 5), managers.ErrKeyError)
		require.NoError(t, d.Update(soon(t), map[int]int{1: 10}, managers.Kwargs{"k": 1}))
		assert.Equal(t, 3, must(d.Copy(soon(t)))(t).Len())
		require.NoError(t, d.Clear(soon(t)))
		_, _, err = d.PopItem(soon(t))
		require.ErrorIs(t, err, managers.ErrKeyError)
	})
}

func TestADictIsIteratedOver(t *testing.T) {
	withSyncManager(t, []string{"dict"}, func(t *testing.T, m syncManager, c *client.Client) {
		d := must(c.OpenDict(soon(t), "dict", map[int]int{1: 1, 2: 2, 3: 3}))(t)
		before := must(c.NumberOfObjects(soon(t)))(t)
		keys := collect(t, d.EachKey(soon(t)))
		assert.ElementsMatch(t, []any{int64(1), int64(2), int64(3)}, keys)
		for range d.EachKey(soon(t)) {
			break
		}
		assert.Equal(t, before, must(c.NumberOfObjects(soon(t)))(t), "iterators are given back")
		runtime.KeepAlive(d)
	})
}

func TestTheItemsOfADictAreWhatItHolds(t *testing.T) {
	withSyncManager(t, []string{"dict"}, func(t *testing.T, m syncManager, c *client.Client) {
		d := must(c.OpenDict(soon(t), "dict", map[int]int{1: 10, 2: 20}))(t)
		items, failed := d.All(soon(t))
		assert.Equal(t, map[any]any{int64(1): int64(10), int64(2): int64(20)}, maps.Collect(items))
		require.NoError(t, failed())
		over, cancel := context.WithCancel(soon(t))
		cancel()
		items, failed = d.All(over)
		assert.Empty(t, maps.Collect(items))
		require.ErrorIs(t, failed(), context.Canceled, "what ended it early is told")
	})
}

func TestADictThatChangesWhileIteratedOverIsAnError(t *testing.T) {
	withSyncManager(t, []string{"dict"}, func(t *testing.T, m syncManager, c *client.Client) {
		d := must(c.OpenDict(soon(t), "dict", map[int]int{1: 1, 2: 2}))(t)
		if !d.Has("__iter__") {
			return // billiard's: the keys come all at once
		}
		var last error
		for k, err := range d.EachKey(soon(t)) {
			if last = err; err == nil {
				require.NoError(t, d.Delete(soon(t), k))
			}
		}
		require.ErrorIs(t, last, managers.ErrRuntimeError)
	})
}

func TestGoUsesAListOfAManager(t *testing.T) {
	withSyncManager(t, []string{"list"}, func(t *testing.T, m syncManager, c *client.Client) {
		l := must(c.OpenList(soon(t), "list", []int{3, 1}))(t)
		require.NoError(t, l.Append(soon(t), 2))
		require.NoError(t, l.Extend(soon(t), 5, 4))
		require.NoError(t, l.Insert(soon(t), 0, 0))
		assert.Equal(t, "[0 3 1 2 5 4]", plain(must(l.Copy(soon(t)))(t)))
		require.NoError(t, l.Sort(soon(t), true))
		require.NoError(t, l.Reverse(soon(t)))
		require.NoError(t, l.Set(soon(t), -1, 50))
		assert.Equal(t, 6, must(l.Len(soon(t)))(t))
		var n int
		require.NoError(t, l.GetInto(soon(t), 5, &n))
		assert.Equal(t, 50, n)
		_, err := l.Get(soon(t), 6)
		require.ErrorIs(t, err, managers.ErrIndexError)
		assert.Equal(t, 2, must(l.Index(soon(t), 2))(t))
		assert.Equal(t, 1, must(l.Count(soon(t), 2))(t))
		assert.True(t, must(l.Contains(soon(t), 3))(t))
		require.ErrorIs(t, l.Remove(soon(t), 99), managers.ErrValueError)
		require.NoError(t, l.Remove(soon(t), 3))
		assert.Equal(t, int64(50), must(l.Pop(soon(t)))(t))
		assert.Equal(t, int64(0), must(l.PopAt(soon(t), 0))(t))
		assert.Equal(t, "[1 2 4]", plain(collect(t, l.All(soon(t)))))
		require.NoError(t, l.Repeat(soon(t), 2))
		require.NoError(t, l.Delete(soon(t), 0))
		assert.Equal(t, "[2, 4, 1, 2, 4]", must(l.Repr(soon(t)))(t))
		require.NoError(t, l.Clear(soon(t)))
		assert.Empty(t, must(l.Copy(soon(t)))(t))
	})
}

func TestAListIsCut(t *testing.T) {
	withSyncManager(t, []string{"list"}, func(t *testing.T, m syncManager, c *client.Client) {
		l := must(c.OpenList(soon(t), "list", []int{0, 1, 2, 3, 4, 5}))(t)
		assert.Equal(t, "[1 2]", plain(must(l.Slice(soon(t), 1, 3, nil))(t)))
		assert.Equal(t, "[5 3 1]", plain(must(l.Slice(soon(t), nil, nil, -2))(t)))
		require.NoError(t, l.SetSlice(soon(t), 1, 5, nil, "x"))
		require.NoError(t, l.DeleteSlice(soon(t), -1, nil, nil))
		assert.Equal(t, "[0 x]", plain(must(l.Copy(soon(t)))(t)))
		require.ErrorIs(t, l.SetSlice(soon(t), nil, nil, 2, 1, 2, 3), managers.ErrValueError)
		_, err := l.Slice(soon(t), "a", nil, nil)
		require.Error(t, err)
	})
}

func TestGoUsesASetOfAManager(t *testing.T) {
	withSyncManager(t, []string{"set"}, func(t *testing.T, m syncManager, c *client.Client) {
		s := must(c.OpenSet(soon(t), "set", []int{1, 2}))(t)
		require.NoError(t, s.Add(soon(t), 3))
		require.NoError(t, s.Discard(soon(t), 9))
		require.ErrorIs(t, s.Remove(soon(t), 9), managers.ErrKeyError)
		require.NoError(t, s.Remove(soon(t), 1))
		assert.Equal(t, 2, must(s.Len(soon(t)))(t))
		assert.True(t, must(s.Contains(soon(t), 3))(t))
		other := pickle.NewSet(3, 4)
		assert.Equal(t, 3, must(s.Union(soon(t), other))(t).Len())
		assert.Equal(t, 1, must(s.Intersection(soon(t), other))(t).Len())
		assert.True(t, must(s.Difference(soon(t), other))(t).Contains(2))
		assert.Equal(t, 2, must(s.SymmetricDifference(soon(t), other))(t).Len())
		assert.False(t, must(s.IsSubset(soon(t), other))(t))
		assert.True(t, must(s.IsSuperset(soon(t), []int{2}))(t))
		assert.False(t, must(s.IsDisjoint(soon(t), other))(t))
		require.NoError(t, s.Update(soon(t), other, []int{5}))
		require.NoError(t, s.DifferenceUpdate(soon(t), []int{5}))
		require.NoError(t, s.SymmetricDifferenceUpdate(soon(t), []int{2}))
		require.NoError(t, s.IntersectionUpdate(soon(t), other))
		assert.ElementsMatch(t, []any{int64(3), int64(4)}, collect(t, s.All(soon(t))))
		require.NoError(t, s.Clear(soon(t)))
		_, err := s.Pop(soon(t))
		require.ErrorIs(t, err, managers.ErrKeyError)
	})
}

func TestGoUsesAValueOfAManager(t *testing.T) {
	withSyncManager(t, []string{"Value"}, func(t *testing.T, m syncManager, c *client.Client) {
		v := must(c.OpenValue(soon(t), "Value", "i", 7))(t)
		assert.Equal(t, int64(7), must(v.Get(soon(t)))(t))
		require.NoError(t, v.Set(soon(t), "any"))
		var s string
		require.NoError(t, v.GetInto(soon(t), &s))
		assert.Equal(t, "any", s)
	})
}

func TestGoUsesAnArrayOfAManager(t *testing.T) {
	withSyncManager(t, []string{"Array"}, func(t *testing.T, m syncManager, c *client.Client) {
		var code any = "d"
		if m.python2 {
			code = pickle.ByteString("d")
		}
		a := must(c.OpenArray(soon(t), "Array", code, []float64{1, 2}))(t)
		require.NoError(t, a.Set(soon(t), -1, 2.5))
		assert.Equal(t, 2, must(a.Len(soon(t)))(t))
		assert.Equal(t, []any{1.0, 2.5}, collect(t, a.All(soon(t))))
		require.ErrorIs(t, a.Set(soon(t), 2, 0.0), managers.ErrIndexError)
		require.ErrorIs(t, a.Set(soon(t), 0, "x"), managers.ErrTypeError)
		var f float64
		require.NoError(t, a.GetInto(soon(t), 1, &f))
		assert.InDelta(t, 2.5, f, 0)
	})
}

func TestGoUsesANamespaceOfAManager(t *testing.T) {
	withSyncManager(t, []string{"Namespace"}, func(t *testing.T, m syncManager, c *client.Client) {
		n := must(c.OpenNamespace(soon(t), "Namespace", managers.Kwargs{"x": 1}))(t)
		require.NoError(t, n.Set(soon(t), "y", 2))
		assert.Equal(t, int64(1), must(n.Get(soon(t), "x"))(t))
		var y int
		require.NoError(t, n.GetInto(soon(t), "y", &y))
		assert.Equal(t, 2, y)
		require.NoError(t, n.Delete(soon(t), "y"))
		_, err := n.Get(soon(t), "y")
		require.ErrorIs(t, err, managers.ErrAttributeError)
		require.ErrorIs(t, n.Set(soon(t), "_z", 1), managers.ErrAttributeError)
		assert.Equal(t, "Namespace(x=1)", must(n.Repr(soon(t)))(t))
	})
}

func TestANextThatWasCancelledLosesNoValue(t *testing.T) {
	withSyncManager(t, nil, func(t *testing.T, m syncManager, c *client.Client) {
		if !m.counter {
			return
		}
		p := must(c.Open(soon(t), "get_counter"))(t)
		it := client.AsIterator(must(p.Call(soon(t), "after", 0.2, "late"))(t).(*client.Proxy))
		ctx, cancel := context.WithTimeout(soon(t), 20_000_000)
		defer cancel()
		_, err := it.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, "late", plain(must(it.Next(soon(t)))(t)))
		_, err = it.Next(soon(t))
		require.ErrorIs(t, err, managers.ErrStopIteration)
	})
}

func TestAnIteratorClosesWhileItsNextIsUnderWay(t *testing.T) {
	withSyncManager(t, nil, func(t *testing.T, m syncManager, c *client.Client) {
		if !m.counter {
			return
		}
		p := must(c.Open(soon(t), "get_counter"))(t)
		it := client.AsIterator(must(p.Call(soon(t), "after", 5, "never"))(t).(*client.Proxy))
		ctx, cancel := context.WithTimeout(soon(t), 20_000_000)
		defer cancel()
		_, err := it.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, it.Close(soon(t)))
	})
}

func TestAPoolsResultsComeAsTypedProxies(t *testing.T) {
	withSyncManager(t, []string{"Pool"}, func(t *testing.T, m syncManager, c *client.Client) {
		pool := must(c.Open(soon(t), "Pool", 1))(t)
		defer func() {
			assert.NoError(t, discard(pool.Call(soon(t), "terminate")))
			assert.NoError(t, discard(pool.Call(soon(t), "join")))
		}()
		add := pickle.Global{Module: "operator", Name: "add"}
		r := client.AsAsyncResult(must(pool.Call(soon(t), "apply_async", add,
			pickle.Tuple{1, 2}))(t).(*client.Proxy))
		var n int
		require.NoError(t, r.GetInto(soon(t), &n))
		assert.Equal(t, 3, n)
		assert.True(t, must(r.Ready(soon(t)))(t))
		assert.True(t, must(r.Successful(soon(t)))(t))
		abs := pickle.Global{Module: "operator", Name: "neg"}
		it := client.AsIterator(must(pool.Call(soon(t), "imap", abs,
			[]int{1, 2}))(t).(*client.Proxy))
		assert.Equal(t, []any{int64(-1), int64(-2)}, collect(t, it.All(soon(t))))
		failing := client.AsAsyncResult(must(pool.Call(soon(t), "apply_async", add,
			pickle.Tuple{1, nil}))(t).(*client.Proxy))
		_, err := failing.Get(soon(t))
		require.ErrorIs(t, err, managers.ErrTypeError)
	})
}

func discard[V any](_ V, err error) error { return err }
