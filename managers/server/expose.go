package server

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"

	"mpbridge/internal/guard"
	"mpbridge/internal/pyfunc"
)

// RegisterOptions say how Register exposes a Go value.
type RegisterOptions struct {
	// Exposed are the methods that clients may call, by their Python names. nil means all exported
	// ones, except for the String of a fmt.Stringer and those of an embedded sync.Mutex or the like.
	Exposed []string
	// MethodToTypeid names the methods whose result becomes an object of its own, of the given
	// typeid: one that Register knows for results of this Go type. For a channel or a sequence,
	// which becomes an "Iterator" by itself, it names another typeid under which the clients know
	// iterators.
	MethodToTypeid map[string]string
	// Params are the names of the parameters, by method and in order, without contexts. The key "",
	// or the typeid, is that of the constructor. Only arguments whose names are known can be given
	// by keyword.
	Params map[string][]string
	// Access says which roles but RoleAdmin may call a method, by their Python names. nil means that
	// nobody but an admin may. See Key.
	Access map[string]Role
}

// Register lets clients use a Go value as an object: what BaseManager.register(typeid, callable) is
// in Python. It must be called before Serve. Stock Python needs BaseManager.register(typeid) on its
// side.
//
// what is the object itself, which all clients share, or a function that makes one for each create
// call and may return an error beside it. A value that is not a pointer is copied into one, an
// [Object] is taken as it is. Everything is called concurrently, by as many goroutines as there are
// clients: what has state guards it.
//
// Clients call the exported methods by names in snake case, GetURL as get_url; a name that is a
// keyword of Python gets an underscore at its end. Leading parameters of the types
// [context.Context] and *[Call] are not the client's: the context ends when the client leaves, the
// server stops or the call is over. The others are converted as [pickle.Unmarshal] does, where
// fields of a struct are also found by their names in snake case; a proxy of an object that was
// registered here is that Go value. Arguments that are missing, too many or of another type are a
// TypeError.
//
// A method returns nothing, a value, or several as a tuple, and may return an error after them.
// They are pickled after it has returned, as [pickle.Marshal] does, so nobody may change them then.
// A channel or an iter.Seq or iter.Seq2 becomes an object of the typeid "Iterator", whose context
// lasts until its last proxy is gone or the server stops; a sequence is then ended, and what feeds
// a channel must watch the context. Python clients register it as
//
//	BaseManager.register('Iterator', proxytype=IteratorProxy, create_method=False)
//
// The second value of an iter.Seq2 whose type is error ends the iteration with it.
//
// An error in which [errors.As] finds an *[Exception] is raised in the client as that, any other as
// a RuntimeError with its text, from which the paths of fs.PathError and os.LinkError are taken
// out. A panic is logged with its stack, ends the call alone, and tells the client nothing; so does
// [runtime.Goexit]. That holds for all that the server calls: constructors, String, Error, Close,
// MarshalPickle. It does not for goroutines that they have started.
//
// str(proxy) is the value's String, or the name of its type. Objects that a constructor or a method
// made are closed, if they are an [io.Closer], when no client refers to them any more or the server
// has shut down. A shared value stays the program's.
//
// Register fails for what cannot work: types of parameters or results that no pickle holds, methods
// that have the same name in Python, names that are no method's, a typeid that is taken, an [Object]
// whose Methods panics, and constructors of an [Object] that is not a pointer and cannot be compared by
// ==, as a struct with a slice: the server could not find it again.
func (s *Server) Register(typeid string, what any, o *RegisterOptions) error {
	if err := s.register(typeid, what, o); err != nil {
		return fmt.Errorf("managers: registering %q: %w", typeid, err)
	}
	return nil
}

// checkObject reports whether an object can say what its methods are.
func checkObject(log *slog.Logger, o Object) error {
	err := guard.Run(log, "Methods", func() error {
		o.Methods()
		return nil
	})
	if err != nil {
		return errors.New("its Methods panics")
	}
	return nil
}

var (
	errNoTypeid = errors.New("the typeid is not a name that Python can use")
	errNilValue = errors.New("there is nothing to register")
	errObject   = errors.New("an Object names its methods and parameters itself")
)

func (s *Server) register(typeid string, what any, opts *RegisterOptions) error {
	var o RegisterOptions
	if opts != nil {
		o = *opts
	}
	v := reflect.ValueOf(what)
	switch {
	case !pyfunc.IsName(typeid):
		return errNoTypeid
	case isNil(v):
		return errNilValue
	case v.Kind() == reflect.Func:
		t, err := constructed(typeid, v, o)
		if err != nil {
			return err
		}
		return s.RegisterType(typeid, t)
	}
	if obj, ok := asObject(what); ok {
		if o.Exposed != nil || o.Params != nil {
			return errObject
		}
		if err := checkObject(s.log, obj); err != nil {
			return err
		}
		_, err := s.share(typeid, obj, Type{MethodToTypeid: o.MethodToTypeid, Access: o.Access})
		return err
	}
	v = pointed(v)
	c, err := newGoClass(typeid, v.Type(), o)
	if err != nil {
		return err
	}
	_, err = s.share(typeid, exposed{class: c, value: v.Interface()}, c.registered())
	return err
}

// exposed is a Go value as clients see it. Two that are equal are one object.
type exposed struct {
	class *goClass
	value any  // a pointer
	owned bool // nobody but clients uses the value: it is closed when they do not, either
}

// Methods lists what clients may call.
func (x exposed) Methods() []string { return x.class.names }

// Call answers one call.
func (x exposed) Call(c *Call) (any, error) {
	f := x.class.methods[c.Method]
	return f.answer(c, reflect.ValueOf(x.value).MethodByName(f.goName))
}

// String is the value's own text, or names the type.
func (x exposed) String() string {
	if own, ok := x.value.(fmt.Stringer); ok {
		return own.String()
	}
	return x.typeText()
}

// typeText names the type.
func (x exposed) typeText() string { return "<" + pyfunc.GoName(reflect.TypeOf(x.value)) + " object>" }

// Close closes a value that the server owns.
func (x exposed) Close() error {
	if c, ok := x.value.(io.Closer); ok && x.owned {
		return c.Close()
	}
	return nil
}
