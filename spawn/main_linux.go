package spawn

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"mpbridge/queues"

	"golang.org/x/sys/unix"
)

// obey does what the arguments ask for and returns the exit status.
func obey(o *MainOptions, cmd command, known crew, stderr io.Writer) int {
	parent := os.Getppid()
	in := sweep()
	if !cmd.child {
		return complain(stderr, os.Args[0], become(o.Python, in))
	}
	pipe := source{cmd.pipe, o.MaxBytes}
	if a, ok := pipe.peek(); ok && known.action(a) == nil {
		return complain(stderr, os.Args[0], &UnknownTargetError{a.String(), become(o.Python, in)})
	}
	closeStdin()
	// A write to a stdout that nobody reads fails then, as in Python, and does not kill; programs that this one starts
	// are not affected.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	p, err := pipe.read()
	_ = unix.Close(cmd.pipe)
	if err != nil {
		return complain(stderr, os.Args[0], err)
	}
	self, j, err := p.decode(o.Decode)
	if err != nil {
		return complain(stderr, os.Args[0], err)
	}
	ctx, done := watchParent(context.Background(), parent)
	defer done()
	c := &child{known: known, decode: o.Decode, self: self, stderr: stderr,
		queues: &queues.Options{MaxMessage: int64(o.MaxBytes), Decode: o.Decode}}
	return c.run(ctx, j)
}
