package spawn

import (
	"errors"
	"io"
	"os"

	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// objects makes live what stands in the arguments of a process: one object here for each object there, in however many
// places.
type objects struct {
	known []reviver
	made  []io.Closer
}

// reviver makes live objects of the classes of one package.
type reviver interface {
	// Knows tells whether v is an object of these classes.
	Knows(v any) bool
	// Object returns the live object of v.
	Object(v any) (any, error)
}

func newObjects() *objects {
	return &objects{known: []reviver{files{}, &synchronize.Unpickler{}}}
}

// revive makes live what j and c hold.
func (s *objects) revive(j *job, c *CurrentProcess) error {
	all := pickle.Tuple{j.target, j.args, j.kwargs, c.Attributes}
	v, err := pickle.Replace(all, nil, func(o *pickle.Object) (any, bool, error) {
		for _, r := range s.known {
			if !r.Knows(o) {
				continue
			}
			live, err := r.Object(o)
			if closer, ok := live.(io.Closer); ok && err == nil {
				s.made = append(s.made, closer)
			}
			return live, true, err
		}
		return nil, false, nil
	})
	if err != nil {
		s.close()
		return err
	}
	all = v.(pickle.Tuple)
	j.target, j.args, j.kwargs = all[0], all[1], all[2]
	return nil
}

// close closes what was made, the last first.
func (s *objects) close() error {
	var errs []error
	for i := len(s.made) - 1; i >= 0; i-- {
		if err := s.made[i].Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
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

// inheritedFd reads the _DupFd of Lib/multiprocessing/popen_spawn_posix.py: the number of an inherited descriptor.
func inheritedFd(v any) (int, bool) {
	o, ok := v.(*pickle.Object)
	if !ok || !o.IsA("multiprocessing.popen_spawn_posix", "_DupFd") {
		return 0, false
	}
	fd := intOf(get(o.Attrs(), "fd"))
	return fd, fd > 2
}
