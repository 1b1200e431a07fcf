//go:build linux

package interop_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mpbridge/interop"
	"mpbridge/managers/client"
	"mpbridge/pickle"
	"mpbridge/sharedmem"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLargeItemsPassAQueueBesideItsSocket: stock Pythons and Go load them from a segment, which none of them removes.
func TestLargeItemsPassAQueueBesideItsSocket(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		m := startMemory(t, py)
		at, _ := startOurs(t)
		host, port, _ := strings.Cut(at.String(), ":")
		m.do(t, fmt.Sprintf(`
from multiprocessing.managers import BaseManager
class Manager(BaseManager):
    pass
Manager.register('get_queue')
manager = Manager(('%s', %s), authkey=b'%s')
manager.connect()
queue = manager.get_queue()`, host, port, rightKey))
		c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: rightKey})
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		queue, err := c.OpenQueue(soon(t), "get_queue")
		require.NoError(t, err)

		payload := bytes.Repeat([]byte("payload "), 1<<17)
		o := &sharedmem.LargeItemOptions{}
		if py.Profile.NativeBytes {
			o.Encode = &pickle.EncodeOptions{Protocol: 2, NativeBytes: true}
		}
		item, err := sharedmem.NewLargeItem(map[string]any{"id": 7, "payload": payload}, o)
		require.NoError(t, err)
		segment := item.SharedMemory()
		t.Cleanup(func() { assert.NoError(t, segment.Close()) })
		for range 2 { // two readers
			require.NoError(t, queue.Put(soon(t), item))
		}
		assert.Equal(t, true, m.get(t, "item = queue.get()", "item == {'id': 7, 'payload': b'payload ' * 2**17}"))
		m.do(t, "queue.put('taken')")

		raw, err := queue.GetRaw(soon(t))
		require.NoError(t, err)
		assert.Less(t, raw.Size(), 200, "nothing but the name passed the socket")
		var got struct {
			ID      int    `pickle:"id"`
			Payload []byte `pickle:"payload"`
		}
		require.NoError(t, sharedmem.LoadLargeItem(raw, &got, nil))
		assert.Equal(t, 7, got.ID)
		assert.Equal(t, len(payload), len(got.Payload))
		require.NoError(t, m.Stop())
		require.NoError(t, segment.Unlink(), "no reader has removed it, and the end of Python neither")
		require.ErrorContains(t, sharedmem.LoadLargeItem(raw, &got, nil), segment.Name())
	})
}
