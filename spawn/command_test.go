package spawn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"mpbridge/spawn"
)

func TestArgumentsTellAChildFromAProgram(t *testing.T) {
	const main = "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=5, pipe_handle=7)"
	for _, c := range []struct {
		args          []string
		child         bool
		pipe, tracker int
		ok            bool
	}{
		{[]string{"worker", "-c", main, "--multiprocessing-fork"}, true, 7, 5, true},
		{[]string{"worker", "-B", "-X", "dev", "-c", main, "--multiprocessing-fork"}, true, 7, 5, true},
		{[]string{"worker", "--multiprocessing-fork", "tracker_fd=5", "pipe_handle=7"}, true, 7, 5, true},
		{[]string{"worker", "--multiprocessing-fork", "pipe_handle=7"}, true, 7, -1, true},
		{[]string{"worker", "-c", "from multiprocessing.resource_tracker import main;main(9)"}, false, 0, 0, true},
		{[]string{"worker", "-c", "import sys; from multiprocessing.forkserver import main; main()", "-c"}, false, 0, 0, true},
		{[]string{"worker", "-c", main}, false, 0, 0, true}, // nobody but multiprocessing says this
		{[]string{"worker"}, false, 0, 0, false},
		{[]string{"worker", "-c"}, false, 0, 0, false},
		{[]string{"worker", "-c", "config.toml"}, false, 0, 0, false},
		{[]string{"worker", "--multiprocessing-fork"}, true, -1, -1, false},
		{[]string{"worker", "--multiprocessing-fork", "pipe_handle=99999999999"}, true, -1, -1, false},
		{[]string{"-c", main, "--multiprocessing-fork"}, false, 0, 0, false},
		{nil, false, 0, 0, false},
	} {
		child, pipe, tracker, ok := spawn.ParseCommand(c.args...)
		assert.Equal(t, c.ok, ok, c.args)
		if c.ok {
			assert.Equal(t, c.child, child, c.args)
		}
		if c.child && c.ok {
			assert.Equal(t, []int{c.pipe, c.tracker}, []int{pipe, tracker}, c.args)
		}
	}
}
