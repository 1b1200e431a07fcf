package synchronize

import (
	"fmt"

	"mpbridge/pickle"
)

// A Pickler turns objects of this package into values for [pickle.Marshal], from which a stock Python makes
// objects of its own classes. An object that is given twice becomes one and the same value, so it is one
// object in Python as well: use one Pickler for all that goes into one pickle, and none for two. It is for
// one goroutine.
type Pickler struct {
	// Python2 makes values for Python 2.7, to be written with [pickle.EncodeOptions].NativeBytes.
	Python2 bool

	// Buffer returns the value that becomes, in Python, the multiprocessing.heap.BufferWrapper of the memory
	// of a Barrier. Without it a Barrier cannot be pickled.
	Buffer func(mem []byte) (any, error)

	seen map[any]*pickle.Object
}

// picklable is every type of this package that has a counterpart.
type picklable interface {
	toPickle(p *Pickler) (*pickle.Object, error)
}

// Object returns the value for a *Lock, *RLock, *Semaphore, *BoundedSemaphore, *Condition, *Event or
// *Barrier. The error is ErrNoName for what has no name, and a *pickle.UnsupportedError for another type.
func (p *Pickler) Object(x any) (*pickle.Object, error) {
	if o := p.seen[x]; o != nil {
		return o, nil
	}
	source, ok := x.(picklable)
	if !ok {
		return nil, fmt.Errorf("synchronize: a %T has no counterpart in multiprocessing.synchronize", x)
	}
	o, err := source.toPickle(p)
	if err != nil {
		return nil, err
	}
	if p.seen == nil {
		p.seen = map[any]*pickle.Object{}
	}
	p.seen[x] = o
	return o, nil
}

func (p *Pickler) sem(s *SemLock, class string, k kind) (*pickle.Object, error) {
	if s.name == "" {
		return nil, ErrNoName
	}
	return semState{k, s.MaxValue(), s.name}.object(class, p.Python2), nil
}

// all are the values for several objects.
func (p *Pickler) all(objects ...any) ([]any, error) {
	out := make([]any, len(objects))
	for i, x := range objects {
		o, err := p.Object(x)
		if err != nil {
			return nil, err
		}
		out[i] = o
	}
	return out, nil
}
