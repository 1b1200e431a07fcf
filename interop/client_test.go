package interop_test

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"mpbridge/connection"
	"mpbridge/interop"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withManager runs a test against a stock manager of each version, on each kind of address.
func withManager(t *testing.T, test func(t *testing.T, py interop.Python, c *client.Client)) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		onEachNetwork(t, func(t *testing.T, a connection.Address) {
			args := append(words(a), hex.EncodeToString(rightKey))
			at := addressOf(t, startPeer(t, py, "manager.py", args...).Ready)
			c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: rightKey})
			require.NoError(t, err)
			test(t, py, c)
			require.NoError(t, c.Close())
		})
	})
}

type task struct {
	ID   int      `pickle:"id"`
	Name string   `pickle:"name"`
	Tags []string `pickle:"tags"`
	Data []byte   `pickle:"data"`
}

func TestGoUsesAPythonManagersQueue(t *testing.T) {
	withManager(t, func(t *testing.T, py interop.Python, c *client.Client) {
		q, err := client.OpenQueueOf[task](soon(t), c, "get_queue")
		require.NoError(t, err)
		want := task{1, "é", []string{"a"}, []byte{0, 255}}
		require.NoError(t, q.Put(soon(t), want))
		n, err := q.Len(soon(t))
		require.NoError(t, err)
		assert.Equal(t, 1, n)
		got, err := q.Get(soon(t))
		require.NoError(t, err)
		assert.Equal(t, want, got)
		_, err = q.TryGet(soon(t))
		require.ErrorIs(t, err, managers.ErrEmpty)
		require.NoError(t, q.TaskDone(soon(t)))
		require.NoError(t, q.Join(soon(t)))
		require.ErrorIs(t, q.TaskDone(soon(t)), managers.ErrValueError)
		require.NoError(t, q.PutMany(soon(t), task{ID: 2}, task{ID: 3}))
		many, err := q.GetMany(soon(t), 5)
		require.NoError(t, err)
		assert.Len(t, many, 2)
	})
}

func TestAFullPythonQueueIsFull(t *testing.T) {
	withManager(t, func(t *testing.T, py interop.Python, c *client.Client) {
		q, err := c.OpenQueue(soon(t), "get_queue", "small", managers.Kwargs{"maxsize": 1})
		require.NoError(t, err)
		require.NoError(t, q.TryPut(soon(t), 1))
		require.ErrorIs(t, q.TryPut(soon(t), 2), managers.ErrFull)
		ctx, cancel := context.WithTimeout(soon(t), 80*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, q.Put(ctx, 2), context.DeadlineExceeded)
		full, err := q.Full(soon(t))
		require.NoError(t, err)
		assert.True(t, full)
	})
}

func TestACancelledGetOfAPythonQueueLosesNothing(t *testing.T) {
	withManager(t, func(t *testing.T, py interop.Python, c *client.Client) {
		q, err := client.OpenQueueOf[int](soon(t), c, "get_queue", "cancel")
		require.NoError(t, err)
		const n = 30
		done := make(chan error, 1)
		go func() {
			for i := range n {
				if err := q.Put(context.Background(), i); err != nil {
					done <- err
					return
				}
				time.Sleep(2 * time.Millisecond)
			}
			done <- nil
		}()
		for want := 0; want < n; {
			ctx, cancel := context.WithTimeout(soon(t), 3*time.Millisecond)
			got, err := q.Get(ctx)
			cancel()
			if errors.Is(err, context.DeadlineExceeded) {
				continue
			}
			require.NoError(t, err)
			require.Equal(t, want, got)
			want++
		}
		require.NoError(t, <-done)
	})
}

func TestGoCallsPythonObjects(t *testing.T) {
	withManager(t, func(t *testing.T, py interop.Python, c *client.Client) {
		p, err := c.Open(soon(t), "get_calculator")
		require.NoError(t, err)
		v, err := p.Call(soon(t), "add", 1)
		require.NoError(t, err)
		assert.Equal(t, int64(11), v)
		v, err = p.Call(soon(t), "add", 1, managers.Kwargs{"b": 2.5})
		require.NoError(t, err)
		assert.InDelta(t, 3.5, v, 0)
		v, err = p.Call(soon(t), "echo", nil, true, []any{1, "two"}, map[string]int{"k": 1})
		require.NoError(t, err)
		assert.Len(t, v.(pickle.Tuple)[0], 4)

		_, err = p.Call(soon(t), "fail", "why")
		require.ErrorIs(t, err, managers.ErrValueError)
		var exc *managers.Exception
		require.ErrorAs(t, err, &exc)
		assert.EqualValues(t, 7, exc.Args[1])
		_, err = p.Call(soon(t), "lookup", "nope")
		require.ErrorIs(t, err, managers.ErrKeyError)
		_, err = p.Call(soon(t), "add")
		require.ErrorIs(t, err, managers.ErrTypeError)
		var remote *managers.RemoteError
		_, err = p.Call(soon(t), "missing")
		require.ErrorAs(t, err, &remote)
		assert.Contains(t, remote.Text, "Traceback")
		v, err = c.Call(soon(t), "get_calculator", "add", 2, 3)
		require.NoError(t, err)
		assert.Equal(t, int64(5), v)
	})
}

func TestGoCountsReferencesAsPythonExpects(t *testing.T) {
	withManager(t, func(t *testing.T, py interop.Python, c *client.Client) {
		before, err := c.NumberOfObjects(soon(t))
		require.NoError(t, err)
		d, err := c.Open(soon(t), "dict", map[string]int{"a": 1})
		require.NoError(t, err)
		it, err := d.Call(soon(t), "__iter__")
		require.NoError(t, err)
		iterator := it.(*client.Proxy)
		n, err := c.NumberOfObjects(soon(t))
		require.NoError(t, err)
		assert.Equal(t, before+2, n)
		next := "__next__"
		if py.Profile.NativeBytes {
			next = "next"
		}
		key, err := iterator.Call(soon(t), next)
		require.NoError(t, err)
		assert.EqualValues(t, "a", key)
		_, err = iterator.Call(soon(t), next)
		require.ErrorIs(t, err, managers.ErrStopIteration)
		require.NoError(t, iterator.Close(soon(t)))
		require.NoError(t, d.Close(soon(t)))
		n, err = c.NumberOfObjects(soon(t))
		require.NoError(t, err)
		assert.Equal(t, before, n)
	})
}

func TestAWrongKeyForAPythonManagerIsAnAuthenticationError(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		a := connection.Address{Network: connection.TCP, Name: "127.0.0.1"}
		args := append(words(a), hex.EncodeToString(rightKey))
		at := addressOf(t, startPeer(t, py, "manager.py", args...).Ready)
		_, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: wrongKey})
		require.ErrorIs(t, err, connection.ErrAuth)
	})
}
