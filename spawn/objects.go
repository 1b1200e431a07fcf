package spawn

import (
	"context"
	"errors"
	"io"
	"os"

	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/synchronize"
)

// objects makes live what stands in the arguments of a process: one object here for each object there, in however many
// places.
type objects struct {
	known []reviver
	queue *queues.Unpickler
	made  []any
}

// reviver makes live objects of the classes of one package.
type reviver interface {
	// Knows tells whether v is an object of these classes.
	Knows(v any) bool
	// Object returns the live object of v.
	Object(v any) (any, error)
}

func newObjects(o *queues.Options) *objects {
	locks := &synchronize.Unpickler{}
	queue := &queues.Unpickler{Options: o, Synchronize: locks}
	return &objects{known: []reviver{locks, queue, memoryReviver(locks), files{}}, queue: queue}
}

// revive makes live what j and c hold.
func (s *objects) revive(ctx context.Context, j *job, c *CurrentProcess) error {
	all := pickle.Tuple{j.target, j.args, j.kwargs, c.Attributes}
	v, err := pickle.Replace(all, nil, s.live)
	s.queue.CloseDescriptors()
	if err != nil {
		return errors.Join(err, s.close(ctx))
	}
	all = v.(pickle.Tuple)
	j.target, j.args, j.kwargs = all[0], all[1], all[2]
	return nil
}

// live returns the live object of o, if there is one.
func (s *objects) live(o *pickle.Object) (v any, ok bool, err error) {
	for _, r := range s.known {
		if r.Knows(o) {
			if v, err = r.Object(o); err == nil {
				s.made = append(s.made, v)
			}
			return v, true, err
		}
	}
	return nil, false, nil
}

// close closes what was made, the last first, and waits for what was put into queues to leave, as Python does at the end of
// a process. It does not wait for a parent that is gone.
func (s *objects) close(ctx context.Context) error {
	var errs []error
	for i := len(s.made) - 1; i >= 0; i-- {
		closer, ok := s.made[i].(io.Closer)
		if !ok {
			continue
		}
		if err := closer.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
		if q, ok := closer.(interface{ JoinThread(context.Context) error }); ok && ctx.Err() == nil {
			if err := q.JoinThread(ctx); err != nil && ctx.Err() == nil {
				errs = append(errs, err)
			}
		}
	}
	s.made = nil
	return errors.Join(errs...)
}

// files are descriptors by themselves.
type files struct{}

func (files) Knows(v any) bool {
	_, ok := inheritedFd(v)
	return ok
}

func (files) Object(v any) (any, error) {
	fd, _ := inheritedFd(v)
	return os.NewFile(uintptr(fd), "inherited"), nil
}
