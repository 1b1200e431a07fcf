package pool

import (
	"os/exec"
	"runtime"
)

// spawner starts processes from one thread that lives as long as any of them. On Linux the kernel
// sends the parent-death signal when the thread that forked ends, not when the process does; and Go
// ends threads and starts goroutines on whichever it likes. A goroutine that is locked to its
// thread makes the two the same.
type spawner struct {
	requests chan spawn
}

type spawn struct {
	cmd   *exec.Cmd
	reply chan error
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan spawn)}
	go s.run()
	return s
}

// run is the goroutine of a spawner. It ends, and its thread with it, after close.
func (s *spawner) run() {
	runtime.LockOSThread() // and never unlocked: the thread is not for others to end
	for r := range s.requests {
		r.reply <- r.cmd.Start()
	}
}

// start starts cmd.
func (s *spawner) start(cmd *exec.Cmd) error {
	reply := make(chan error)
	s.requests <- spawn{cmd, reply}
	return <-reply
}

// close ends the spawner. There must be no process any more, and no start after it.
func (s *spawner) close() { close(s.requests) }
