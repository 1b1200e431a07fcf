package interop_test

import (
	"testing"

	"mpbridge/interop"

	"github.com/stretchr/testify/assert"
)

func TestProfile(t *testing.T) {
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := startPeer(t, py, "profile.py")
		assert.Equal(t, py.Profile, ask[interop.Profile](t, peer, nil))
	})
}

func TestProfilesAreInOrder(t *testing.T) {
	rows := interop.Profiles()
	for i := 1; i < len(rows); i++ {
		assert.Negative(t, rows[i-1].Version.Compare(rows[i].Version))
	}
}
