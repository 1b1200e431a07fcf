package server

import (
	"mpbridge/managers"
	"mpbridge/pickle"
)

// RegisterShared makes one object of a type that was registered before and shares it under a name: every
// client that calls the name gets a proxy of it, as with register(name, callable=lambda: object). The
// arguments are those of the type; a last one of type Kwargs gives keyword arguments. What the type
// raises for them is an *Exception.
func (s *Server) RegisterShared(name, typeid string, args ...any) error {
	t, ok := s.registry.get(typeid)
	if !ok {
		return managers.ErrKeyError.New(typeid)
	}
	c := &Call{server: s, Method: typeid}
	args, kwargs := pickle.SplitKwargs(args)
	for _, a := range args {
		r, err := pickle.NewRaw(a, nil)
		if err != nil {
			return err
		}
		c.args = append(c.args, r)
	}
	for _, n := range kwargs.Names() {
		r, err := pickle.NewRaw(kwargs[n], nil)
		if err != nil {
			return err
		}
		c.kwargs = append(c.kwargs, pickle.Kwarg{Name: []byte(n), Value: r})
	}
	o, err := t.New(c)
	if exc := managers.AsException(err); exc != nil {
		return exc
	} else if err != nil {
		return err
	}
	_, err = s.share(name, o, Type{MethodToTypeid: t.MethodToTypeid, Access: t.Access,
		queue: t.queue})
	return err
}

// share registers an object under a name; t says what its type is except for New.
func (s *Server) share(name string, o Object, t Type) (*shared, error) {
	obj := newShared(name, o)
	sig := &Signature{Name: name}
	t.Shared = true
	t.New = func(c *Call) (Object, error) {
		if err := c.Bind(sig); err != nil {
			return nil, err
		}
		return obj, nil
	}
	if err := s.RegisterType(name, t); err != nil {
		return nil, err
	}
	s.objects.keepShared(name, obj, t)
	return obj, s.keepContents(name, s.objects.find([]byte(obj.ident)))
}
