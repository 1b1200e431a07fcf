package server

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/internal/values"
	"mpbridge/managers/internal/waits"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/pickle"
)

// serveFirst answers a connection's first request. It returns true when calls follow.
func (s *session) serveFirst(w *work) (bool, error) {
	if err := s.parse(&w.env); err != nil {
		s.dialect = everybodys
		return false, s.sendTraceback(err)
	}
	s.received(w)
	s.observeMethod(w.env.Method)
	if err := s.permitFunction(w.env.Method); err != nil {
		return false, s.sendTraceback(err)
	}
	if string(w.env.Method) == "accept_connection" {
		return true, s.acceptConnection(w)
	}
	f := s.server.functions[string(w.env.Method)]
	if f == nil {
		return false, s.sendTraceback(fmt.Errorf("%+.100q unrecognized", w.env.Method))
	}
	v, err := f(s)
	if err != nil {
		return false, s.sendTraceback(err)
	}
	err = s.send(wire.KindReturn, v)
	s.last = nil // what was made for the client is its own once the reply is written
	return false, err
}

// parse reads the request.
func (s *session) parse(e *pickle.Envelope) error {
	if s.serializer == "" {
		s.serializer = wire.SerializerOf(s.message)
	}
	e.Decode = s.server.decode
	if s.serializer == managers.XMLRPC {
		return wire.ParseXMLRequest(e, s.message)
	}
	return e.Parse(s.message)
}

// received gives the call what the request holds.
func (s *session) received(w *work) {
	s.dialect = w.env.Dialect
	s.call.args, s.call.kwargs = w.env.Args, w.env.Kwargs
}

func (s *session) acceptConnection(w *work) error {
	if len(w.env.Args) > 0 {
		name, err := s.nameFrom(w.env.Args[0])
		if err != nil {
			s.logLimit(err) // it stays without a name
		} else {
			s.mu.Lock()
			s.name = name
			s.mu.Unlock()
			s.logger = nil // it has another name
		}
	}
	s.serving = true
	return s.send(wire.KindReturn, nil)
}

// maxName is how many characters of a client's name are kept.
const maxName = 100

// nameFrom reads the name that a client gives itself: a text, or how anything else looks.
func (s *session) nameFrom(r pickle.Raw) (string, error) {
	v, err := s.call.open(r)
	if err != nil {
		return "", err
	}
	text, ok := pickle.Text(v)
	if !ok {
		text, err = s.call.budget().ReprStart(v, values.ReprStyle{}, maxName)
	}
	return fmt.Sprintf("%.*s", maxName, text), err
}

// serveCall answers one call on an ident.
func (s *session) serveCall(w *work) error {
	if err := s.parse(&w.env); err != nil {
		return s.sendTraceback(err)
	}
	s.received(w)
	s.observeMethod(w.env.Method)
	e := s.server.objects.begin(w.env.Ident)
	if e == nil {
		return s.sendTraceback(managers.ErrKeyError.New(fmt.Sprintf("'%.100s'", w.env.Ident)))
	}
	s.uses = e
	if err := s.permitCall(e, w.env.Method); err != nil {
		return s.sendException(err)
	}
	method, ok := e.methods[string(w.env.Method)]
	if !ok {
		return s.fallback(e, w.env.Method)
	}
	s.call.Method, s.call.on = method, e
	v, err := s.invoke(e)
	if err != nil {
		return s.sendException(err)
	}
	if v, ok := v.(byValue); ok {
		return s.send(wire.KindReturn, v.value)
	}
	if typeid := e.typ.MethodToTypeid[method]; typeid != "" {
		return s.sendProxy(e, typeid, v)
	}
	return s.send(wire.KindReturn, v)
}

// invoke calls the object.
func (s *session) invoke(e *entry) (v any, err error) {
	defer s.recoverPanic(&err)
	if e.kept != nil && e.kept.changes(e.access, s.call.Method) {
		return e.kept.call(&s.call)
	}
	return e.object.Call(&s.call)
}

// make lets a type make an object, one at a time unless the type allows more.
func (s *session) make(t Type) (o Object, err error) {
	if !t.Concurrent {
		s.server.creating.Lock()
		defer s.server.creating.Unlock()
	}
	defer s.recoverPanic(&err)
	if o, err = t.New(&s.call); err == nil && isNil(reflect.ValueOf(o)) {
		return nil, errNoValue
	}
	return o, err
}

// sendException sends the error of a call: an exception as an instance, the end of the wait as the end of the
// connection, anything else as a RuntimeError with its text.
func (s *session) sendException(err error) error {
	s.observeError(err)
	if errors.Is(err, waits.ErrGone) || errors.Is(err, waits.ErrStopped) {
		return s.undeliverable(err)
	}
	s.revoke()
	if err == errPanic {
		return s.sendTraceback(err)
	}
	s.logLimit(err)
	exc := managers.AsException(err)
	if exc == nil {
		exc = managers.ErrRuntimeError.New(err.Error())
	}
	return s.send(wire.KindError, exc.Native(s.dialect))
}

// sendTraceback says that the request itself failed. The text ends as a Python traceback does, in a line
// that names the exception, and holds nothing of the server's own whereabouts.
func (s *session) sendTraceback(err error) error {
	s.observeError(err)
	if !s.logLimit(err) && err != errPanic && err != errExit { // those were logged
		s.log().Info("request failed", "error", err)
	}
	line := "mpbridge: " + err.Error()
	if exc := managers.AsException(err); exc != nil {
		line = exc.Error()
	}
	return s.send(wire.KindTraceback, wire.TracebackOf(line))
}

// logLimit reports whether err says that what the client sent goes beyond a limit of pickles or of calls, which
// is logged.
func (s *session) logLimit(err error) bool {
	var limit *pickle.LimitError
	var over *values.BudgetError
	switch {
	case errors.As(err, &limit):
		s.log().Warn("a pickle met a limit", "method", s.call.Method, "error", err)
	case errors.As(err, &over):
		s.log().Warn("a call met a limit", "method", s.call.Method, "error", err)
	default:
		return false
	}
	return true
}

// fallback answers the calls that work on every object: Server.fallback_mapping.
func (s *session) fallback(e *entry, method []byte) error {
	switch string(method) {
	case "__str__", "__repr__":
		p := printer{opener: s.call.opener(), log: s.log(), style: values.ReprStyleFor(s.dialect)}
		text, err := p.textOf(e.object, method)
		if err != nil {
			return s.sendException(err)
		}
		return s.send(wire.KindReturn, wire.NativeText(text, s.dialect))
	case getValue:
		return s.sendValue(e)
	}
	return s.sendTraceback(managers.ErrKeyError.New(fmt.Sprintf("'%.100s'", method)))
}

// sendValue sends a copy of the whole object, if it can be copied.
func (s *session) sendValue(e *entry) error {
	if v, ok := e.object.(Valuer); ok {
		x, err := s.value(v)
		if err != nil {
			return s.sendException(err)
		}
		return s.send(wire.KindReturn, x)
	}
	text := s.server.preview(e.object, values.ReprStyle{}, s.wanted)
	return s.send(wire.KindUnserializable, fmt.Sprintf("TypeError: cannot pickle %s\n", text))
}

// textOf is str() or repr() of an object, which differ for plain values alone.
func (p printer) textOf(o Object, method []byte) (string, error) {
	if k, ok := o.(interface{ str(printer) (string, error) }); ok && string(method) == "__str__" {
		return k.str(p)
	}
	return p.describe(o)
}

// sendProxy makes an object of the result of a method of parent and sends what a proxy for it takes.
func (s *session) sendProxy(parent *entry, typeid string, v any) error {
	o, ok := s.server.objectOf(v)
	if !ok {
		return s.sendTraceback(fmt.Errorf("method %s made no %s", s.call.Method, typeid))
	}
	t := s.server.registry.types[typeid]
	t.within = parent.name
	e, err := s.server.objects.add(typeid, o, t, s.rights)
	if err != nil {
		s.server.objects.discard(o)
		return s.sendTraceback(err)
	}
	token := managers.Token{Typeid: typeid, Address: s.server.addressFor(s.conn), Ident: e.ident}
	payload := pickle.Tuple{wire.NativeTexts(e.exposed, s.dialect), token.Pickled(s.dialect)}
	s.call.effect = reference{e, s.rights.key}
	err = s.send(wire.KindProxy, payload)
	s.last = nil // once it is written the client may have it
	return err
}

// reference is one that was counted for the client of a reply.
type reference struct {
	entry *entry
	key   string
}

// Resolve takes the reference back where its client does not learn of it.
func (r reference) Resolve(o queue.Outcome) {
	if o != queue.Delivered {
		_ = r.entry.table.decref(r.entry.ident, r.key, false)
	}
}

func (s *session) dummy() (any, error) { return nil, nil }

// create makes an object, or finds a shared one, and counts a reference for the caller.
func (s *session) create() (any, error) {
	args := s.call.Args()
	if len(args) == 0 {
		return nil, managers.ErrTypeError.New("create() missing 1 required positional argument: 'typeid'")
	}
	typeid, err := wire.Text(args[0])
	if err != nil {
		return nil, err
	}
	t, ok := s.server.registry.types[typeid]
	s.call.args, s.call.Method = args[1:], typeid
	if err := s.permitCreate(typeid, t); err != nil {
		return nil, err
	}
	if !ok {
		return nil, managers.ErrKeyError.New(fmt.Sprintf("'%.100s'", typeid))
	}
	o, err := s.make(t)
	if err != nil {
		return nil, err
	}
	e, err := s.server.objects.add(typeid, o, t, s.rights)
	if err != nil {
		s.server.objects.discard(o)
		return nil, err
	}
	s.call.effect = reference{e, s.rights.key}
	return pickle.Tuple{wire.NativeText(e.ident, s.dialect), wire.NativeTexts(e.exposed, s.dialect)}, nil
}

var identOnly = &Signature{Name: "Server.ident", Params: []string{"ident"}, Required: 1}

// identArg returns the one argument of incref and decref, an object that the client may know.
func (s *session) identArg() (string, error) {
	if err := s.call.Bind(identOnly); err != nil {
		return "", err
	}
	ident, err := wire.Text(s.call.Value(0))
	if err != nil {
		return "", err
	}
	return ident, s.permitObject(ident)
}

func (s *session) incref() (any, error) {
	ident, err := s.identArg()
	if err != nil {
		return nil, err
	}
	return nil, s.server.objects.incref(ident, s.rights.key)
}

func (s *session) decref() (any, error) {
	ident, err := s.identArg()
	if err != nil {
		return nil, err
	}
	return nil, s.server.objects.decref(ident, s.rights.key, s.rights.admin())
}

// getMethods lists what the object of a token exposes.
func (s *session) getMethods() (any, error) {
	args := s.call.Args()
	if len(args) != 1 {
		return nil, managers.ErrTypeError.New("get_methods() takes one token")
	}
	v, err := s.call.open(args[0])
	if err != nil {
		return nil, err
	}
	token, err := wire.ParseToken(v)
	if err != nil {
		return nil, err
	}
	if err := s.permitObject(token.Ident); err != nil {
		return nil, err
	}
	e := s.server.objects.find([]byte(token.Ident))
	if e == nil {
		return nil, managers.ErrKeyError.New(fmt.Sprintf("'%.100s'", token.Ident))
	}
	return wire.NativeTexts(e.exposed, s.dialect), nil
}

func (s *session) numberOfObjects() (any, error) {
	if s.rights.admin() {
		return int64(s.server.objects.count()), nil
	}
	n := 0
	for _, l := range s.visible() {
		if l.refs > 0 {
			n++
		}
	}
	return int64(n), nil
}

// debugInfo lists the objects: Server.debug_info, which cuts str(obj) at 75. Python's server shows those
// that clients refer to; ours shows shared ones also while nobody does, so that their length can be
// seen.
func (s *session) debugInfo() (any, error) {
	var b strings.Builder
	for i, l := range s.visible() {
		if i > 0 {
			b.WriteByte('\n')
		}
		if err := s.wanted(); err != nil {
			return nil, err
		}
		text := s.server.preview(l.object, values.ReprStyleFor(s.dialect), s.wanted)
		fmt.Fprintf(&b, "  %s:       refcount=%d\n    %s", l.ident, l.refs, text)
	}
	return wire.NativeText(b.String(), s.dialect), nil
}

// askShutdown lets the server stop once the reply is written.
func (s *session) askShutdown() (any, error) {
	s.log().Info("a client asks the server to stop")
	s.server.askStop()
	return nil, nil
}
