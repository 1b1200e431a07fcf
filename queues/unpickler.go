package queues

import (
	"fmt"
	"slices"

	"mpbridge/internal/pipeend"
	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// An Unpickler makes live what Python has pickled for a process that it started. One object of the pickle becomes one
// object here, however often it occurs: use one Unpickler for all that came in one pickle. It is for one goroutine.
type Unpickler struct {
	// Options are those of what is made.
	Options *Options

	// Synchronize opens the locks; nil means one with Options.Synchronize.
	Synchronize *synchronize.Unpickler

	seen map[*pickle.Object]any
	came []int // descriptors by their numbers in the pickle
}

// StateError says that a pickled object is not what Python makes of its class.
type StateError struct {
	Class string // the class of the object, as far as there is one
	What  string
}

// Error names the class and says what was wrong.
func (e *StateError) Error() string {
	if e.Class == "" {
		return "queues: a pickled object: " + e.What
	}
	return fmt.Sprintf("queues: a pickled %s: %s", e.Class, e.What)
}

func (u *Unpickler) sync() *synchronize.Unpickler {
	if u.Synchronize == nil {
		u.Synchronize = new(synchronize.Unpickler)
		if u.Options != nil {
			u.Synchronize.Options = u.Options.Synchronize
		}
	}
	return u.Synchronize
}

// CloseDescriptors closes the descriptors that the pickle came with, as far as Object has met them: objects
// have their own. It is called when nothing more is to be made live.
func (u *Unpickler) CloseDescriptors() {
	slices.Sort(u.came)
	for _, fd := range slices.Compact(u.came) {
		pipeend.Forget(fd)
	}
	u.came = nil
}

// opener returns what opens an object of a class; nil for one that is not known.
func opener(g pickle.Global) func(*Unpickler, *pickle.Object) (any, error) {
	switch g {
	case pickle.Global{Module: moduleQueues, Name: "SimpleQueue"}:
		return (*Unpickler).simpleQueue
	case pickle.Global{Module: moduleQueues, Name: "Queue"}, pickle.Global{Module: moduleFutures, Name: "_SafeQueue"}:
		return (*Unpickler).queue
	case pickle.Global{Module: moduleQueues, Name: "JoinableQueue"}:
		return (*Unpickler).joinableQueue
	case pickle.Global{Module: moduleConnection, Name: "rebuild_connection"},
		pickle.Global{Module: modulePython2, Name: "Connection"}:
		return (*Unpickler).conn
	}
	return nil
}

// Knows tells whether a pickled value is of a class that Object makes live.
func (u *Unpickler) Knows(v any) bool {
	o, ok := v.(*pickle.Object)
	if !ok {
		return false
	}
	g, ok := o.Class.(pickle.Global)
	return ok && opener(g) != nil
}

// Object makes live what a pickled value stands for: a *SimpleQueue, *Queue, *JoinableQueue or *connection.Conn. The
// error is a *StateError for what is none or is not as Python writes it, that of package pipeend for what is no pipe, and that of
// package synchronize for locks that cannot be opened; synchronize.ErrNoName is a queue of Python's fork context.
func (u *Unpickler) Object(v any) (any, error) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, &StateError{What: "it is a " + pickle.TypeName(v)}
	}
	if x := u.seen[o]; x != nil {
		return x, nil
	}
	g, _ := o.Class.(pickle.Global)
	open := opener(g)
	if open == nil {
		return nil, &StateError{What: "it is a " + pickle.TypeName(v)}
	}
	x, err := open(u, o)
	if err != nil {
		return nil, err
	}
	if u.seen == nil {
		u.seen = map[*pickle.Object]any{}
	}
	u.seen[o] = x
	return x, nil
}

// stateOf is the state of a queue, which has to have so many elements.
func stateOf(o *pickle.Object, class string, lengths ...int) (pickle.Tuple, error) {
	state, ok := o.State.(pickle.Tuple)
	if ok && o.Kind == pickle.NewObj {
		for _, n := range lengths {
			if len(state) == n {
				return state, nil
			}
		}
	}
	return nil, &StateError{class, "its state is not what Python gives it"}
}

// intAt reads a number that has to be within 0 and most.
func intAt(v any, most int64) (int, bool) {
	n, ok := v.(int64)
	return int(n), ok && n >= 0 && n <= most
}
