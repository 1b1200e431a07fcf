// Package queuetest is what every queue.Backend has to do, as tests:
//
//	func TestMyBackend(t *testing.T) { queuetest.Run(t, open) }
//
// The suite knows nothing of how a Backend keeps its items. Each test makes a Backend of its own, and closes it.
package queuetest

import (
	"testing"
)

// Run runs all tests of the suite, each as a subtest of its own.
func Run(t *testing.T, open Open) {
	for _, group := range []map[string]test{orders, rooms, waiting, leases, counting, endings} {
		for name, run := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(t, &suite{open: open})
			})
		}
	}
}
