//go:build linux || darwin

package reduction_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/internal/testing/testwait"
	"mpbridge/reduction"
)

func TestOptionsOutOfTheirRangeAreRefused(t *testing.T) {
	conn, _ := pair(t, nil)
	for name, use := range map[string]func() error{
		"AckTimeout": func() error {
			return reduction.SendHandle(testwait.Soon(t), conn, aFile(t, ""), &reduction.Options{AckTimeout: -1})
		},
		"Peer": func() error {
			_, err := reduction.RecvHandle(testwait.Soon(t), conn, &reduction.Options{Peer: 77})
			return err
		},
		"MaxHandles": func() error {
			_, err := reduction.Rebuild(testwait.Soon(t), nil, &reduction.RebuildOptions{MaxHandles: -1})
			return err
		},
		"Timeout": func() error {
			_, err := reduction.RebuildHandle(testwait.Soon(t), nil, &reduction.RebuildOptions{Timeout: -1})
			return err
		},
		"MaxShared": func() error {
			_, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: []byte("key"), MaxShared: -1})
			return err
		},
		"Family": func() error {
			_, err := reduction.NewSharer(&reduction.SharerOptions{Authkey: []byte("key"), Family: 77})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var wrong *connection.OptionError
			require.ErrorAs(t, use(), &wrong)
			assert.Equal(t, name, wrong.Option)
		})
	}
}
