package synchronize

import (
	"fmt"

	"mpbridge/pickle"
)

// module is where the classes live, in every Python.
const module = "multiprocessing.synchronize"

// kind is the first thing that _multiprocessing.SemLock wants to know: who may release.
type kind int64

const (
	recursiveMutex kind = 0 // the thread that acquired, as often as it did
	semaphore      kind = 1 // everybody
)

// StateError says that a pickled object is not what Python makes of its class.
type StateError struct {
	Class string // the class of the object, as far as there is one
	What  string
}

// Error names the class and says what was wrong.
func (e *StateError) Error() string {
	if e.Class == "" {
		return "synchronize: a pickled object: " + e.What
	}
	return fmt.Sprintf("synchronize: a pickled %.80s: %s", e.Class, e.What)
}

// semState is the state of Lock, RLock, Semaphore and BoundedSemaphore: (handle, kind, maxvalue, name), and
// without the name in Python 2.7.
type semState struct {
	kind  kind
	limit int
	name  string
}

// object is the pickled form of an object of one of the four classes.
func (s semState) object(class string, python2 bool) *pickle.Object {
	state := pickle.Tuple{int64(0), int64(s.kind), int64(s.limit), s.name}
	if python2 {
		state = pickle.Tuple{openIn27(s.name), int64(s.kind), int64(s.limit)}
	}
	return instance(class, state)
}

// openIn27 is a pickle value that becomes the handle of the semaphore when Python 2.7 loads it, whose states have
// no names: the calls ctypes.CFUNCTYPE(c_void_p, c_char_p, c_int)(("sem_open", ctypes.CDLL(None)))(name, 0).
func openIn27(name string) *pickle.Object {
	call := func(f any, args ...any) *pickle.Object {
		return &pickle.Object{Kind: pickle.Reduce, Class: f, Args: pickle.Tuple(args)}
	}
	of := func(name string) pickle.Global { return pickle.Global{Module: "ctypes", Name: name} }
	prototype := call(of("CFUNCTYPE"), of("c_void_p"), of("c_char_p"), of("c_int"))
	library := call(of("CDLL"), nil)
	function := call(prototype, pickle.Tuple{pickle.ByteString("sem_open"), library})
	return call(function, pickle.ByteString(name), int64(0))
}

// readSemState reads the state of an object of one of the four classes.
func readSemState(o *pickle.Object, class string) (s semState, err error) {
	wrong := func(what string) (semState, error) { return s, &StateError{class, what} }
	state, ok := o.State.(pickle.Tuple)
	if !ok || len(state) != 3 && len(state) != 4 {
		return wrong("its state is no tuple (handle, kind, maxvalue, name)")
	}
	k, kindOK := state[1].(int64)
	limit, limitOK := state[2].(int64)
	if !kindOK || !limitOK {
		return wrong("kind and maxvalue are no ints")
	}
	if limit < 1 || limit > SemValueMax {
		return wrong("maxvalue is out of range")
	}
	if len(state) == 3 || state[3] == nil {
		return s, ErrNoName
	}
	name, ok := pickle.Text(state[3])
	if !ok {
		return wrong("its name is no str")
	}
	return semState{kind(k), int(limit), name}, nil
}

// instance is an object of a class of the module.
func instance(class string, state any) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: module, Name: class}, Args: pickle.Tuple{},
		State: state, HasState: true,
	}
}
