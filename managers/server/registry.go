package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
)

// Object is something that clients call through a proxy.
type Object interface {
	// Methods returns the names that clients may call, as AutoProxy lists them. It must always return
	// the same names and is called once per object.
	Methods() []string
	// Call answers one call of one of these methods. An *Exception is raised in the client as an
	// instance of its class, any other error as a RuntimeError with its text. Calls of different
	// connections come concurrently. A panic is logged and ends the call alone.
	Call(c *Call) (any, error)
}

// Valuer is an Object whose whole value can be copied to a client: proxy._getvalue().
type Valuer interface {
	Value(c *Call) (any, error)
}

// Type is what a typeid stands for.
type Type struct {
	// New makes the object for one create call; c holds the arguments. An object that was returned
	// before, as == compares them, keeps its ident: one that cannot be compared, such as a struct with a
	// slice, is an error of the call, and a pointer to it is none. Calls of New come one at a time,
	// unless Concurrent says otherwise.
	New func(c *Call) (Object, error)
	// MethodToTypeid names the methods whose result becomes an object of its own, of the given typeid.
	MethodToTypeid map[string]string
	// Access says which roles but RoleAdmin may call a method, and, under the name "#GETVALUE", copy
	// the object by proxy._getvalue(). What is not in it needs RoleAdmin. See Key.
	Access map[string]Role
	// Concurrent says that New may be called while another call of it runs.
	Concurrent bool
	// Shared says that New returns what was there before, so that a key of RoleReadOnly may ask for it.
	Shared bool

	queue bool // objects are queues
	// member returns the name of the object that a create call asks for, and whether there is one. nil
	// means that the typeid is its name.
	member func(c *Call) (name string, found bool, err error)
	within string // name of the object to which the results of methods belong
	// wrap makes the object of a method's result that is none; nil where a result must be an Object.
	wrap func(v any) (Object, error)
}

// registry maps typeids to types. It is frozen when serving starts.
type registry struct {
	mu     sync.Mutex
	frozen bool
	types  map[string]Type
}

var errFrozen = errors.New("managers: types are registered before serving starts")

func (r *registry) add(typeid string, t Type) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.frozen:
		return errFrozen
	case t.New == nil:
		return fmt.Errorf("managers: type %q has no New", typeid)
	case r.types[typeid].New != nil:
		return fmt.Errorf("managers: type %q is registered already", typeid)
	}
	if r.types == nil {
		r.types = make(map[string]Type)
	}
	r.types[typeid] = t
	return nil
}

func (r *registry) get(typeid string) (Type, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.types[typeid]
	return t, ok
}

func (r *registry) freeze() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.frozen = true
}

// shared is a named instance: it lives as long as the server, and its ident follows from its name, so
// that a proxy of it works again after a restart.
type shared struct {
	Object
	name  string
	ident string
}

func newShared(name string, o Object) *shared {
	sum := sha256.Sum256([]byte("mpbridge shared instance\x00" + name))
	return &shared{o, name, hex.EncodeToString(sum[:8])}
}

// iteratorTypeid is the typeid of objects that methods return to be iterated.
const iteratorTypeid = "Iterator"
