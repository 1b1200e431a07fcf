package server

import (
	"time"

	"mpbridge/pickle"
)

// persistent is an object whose contents survive a restart.
type persistent interface {
	Object
	// kind names the type; what one kind wrote only the same kind reads.
	kind() string
	// capture reads the object, under its lock, and returns what writes the calls that fill an empty one
	// with what was read. It may have to wait for a call that holds the object; the writing does not.
	capture() writing
	// reset empties the object.
	reset()
}

// writing writes what was read of an object.
type writing func(w *recordWriter) error

// call writes one call. The arguments are cells or other values.
func (w *recordWriter) call(method string, args ...any) error {
	parts := [][]byte{[]byte(method)}
	for _, a := range args {
		if k, ok := a.(*storedValue); ok {
			a = k.raw
		}
		r, ok := a.(pickle.Raw)
		if !ok {
			var err error
			if r, err = pickle.NewRaw(a, nil); err != nil {
				return err
			}
		}
		parts = append(parts, r.Bytes())
	}
	return w.write(recordCall, parts...)
}

// slotWriting writes a call for each key and its value.
func slotWriting(method string, slots []slot) writing {
	return func(w *recordWriter) error {
		for _, s := range slots {
			if err := w.call(method, s.key, s.value); err != nil {
				return err
			}
		}
		return nil
	}
}

// cellWriting writes a call for each element.
func cellWriting(method string, cells []any) writing {
	return func(w *recordWriter) error {
		for _, cell := range cells {
			if err := w.call(method, cell); err != nil {
				return err
			}
		}
		return nil
	}
}

// capture is one reading of an object for a snapshot, in a goroutine of its own, which ends when the
// object can be locked: a method that never ends must not keep the others from being saved.
type capture struct {
	by    any           // the snapshot that it was begun for
	done  chan struct{} // closed when what follows is there
	kind  string
	write writing
}

func beginCapture(p persistent, by any) *capture {
	c := &capture{by: by, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.kind, c.write = p.kind(), p.capture()
	}()
	return c
}

// ready waits for the capture.
func (c *capture) ready(most time.Duration) bool {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		select {
		case <-c.done:
			return true
		default:
			return false
		}
	}
}
