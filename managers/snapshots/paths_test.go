package snapshots_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mpbridge/managers/snapshots"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFallbackFolderThatIsNotThereIsRefusedAtTheStart(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state")
	for _, fallback := range []string{filepath.Join(folder, "missing"), os.DevNull} {
		_, err := snapshots.Open(t.Context(), path, &snapshots.Options{Fallback: fallback})
		require.ErrorContains(t, err, "fallback")
	}
	assert.Empty(t, names(t, folder), "no lock is left behind")
}

func TestAFallbackFolderIsLeftAsItWas(t *testing.T) {
	o := &snapshots.Options{Fallback: t.TempDir()}
	start(t, filepath.Join(t.TempDir(), "state"), o)
	assert.Empty(t, names(t, o.Fallback))
}

func TestAFallbackFolderThatIsGoneIsMadeAnewAtTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	o := &snapshots.Options{Fallback: filepath.Join(t.TempDir(), "d")}
	require.NoError(t, os.Mkdir(o.Fallback, 0o700))
	st, h, _ := start(t, path, o)
	h.put(t, "a")
	require.NoError(t, os.Remove(o.Fallback))
	full(st)
	stop(t, st, h)
	_, h, _ = start(t, path, o)
	assert.Equal(t, []any{"a"}, h.held(t))
}

func TestALinkLeadsToItsFileAlsoBeforeThereIsOne(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "d"), 0o700))
	for name, target := range map[string]string{
		"link": "second", "second": filepath.Join("d", "state"), "loop": "pool", "pool": "loop",
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(folder, name)))
	}
	st := open(t, filepath.Join(folder, "link"), nil)
	_, err := snapshots.Open(t.Context(), filepath.Join(folder, "d", "state"), nil)
	require.ErrorAs(t, err, new(*snapshots.OwnedError), "by whichever name it is called")
	h := newHolder(t, "a")
	_, err = st.Load(h.Server)
	require.NoError(t, err)
	stop(t, st, h)
	assert.Contains(t, names(t, filepath.Join(folder, "d")), "state")

	_, err = snapshots.Open(t.Context(), filepath.Join(folder, "loop"), nil)
	require.ErrorContains(t, err, "lead nowhere")
}

func TestANameThatLeavesNoRoomForTheOthersIsRefusedAtTheStart(t *testing.T) {
	folder := t.TempDir()
	_, err := snapshots.Open(t.Context(), filepath.Join(folder, strings.Repeat("x", 245)), nil)
	require.ErrorContains(t, err, "too long")
	assert.Empty(t, names(t, folder))
}
