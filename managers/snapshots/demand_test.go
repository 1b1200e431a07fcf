package snapshots_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAServerThatIsStoppedWhileAClientHasItSaveEndsInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	st, h, _ := start(t, path, nil)
	h.put(t, "a")
	saving, goOn := make(chan struct{}), make(chan struct{})
	h.OnSnapshot(func() (managers.SnapshotInfo, error) {
		close(saving)
		<-goOn
		info, err := st.Save(h.Server)
		time.Sleep(100 * time.Millisecond) // the reply to who asked takes a while
		return info, err
	})
	addr, err := h.Listen("127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = h.Serve(t.Context()) }()
	c, err := client.Dial(t.Context(), addr.String(), &client.Options{Authkey: []byte("key")})
	require.NoError(t, err)
	defer c.Close()
	asked := make(chan error, 1)
	go func() {
		_, err := c.Snapshot(context.Background())
		asked <- err
	}()
	<-saving
	_, err = h.Shutdown(over(t))
	require.Error(t, err, "the call was cut")
	close(goOn)
	info, err := st.SaveLast(over(t), h.Server)
	require.NoError(t, err)
	assert.True(t, info.Final)
	require.Error(t, <-asked)
	require.NoError(t, st.Close())
	_, _, found := start(t, path, nil)
	assert.True(t, found.Orderly)
}
