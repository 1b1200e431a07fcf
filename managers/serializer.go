package managers

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"mpbridge/pickle"
	"mpbridge/xmlrpc"
)

// Serializer is how the messages between a manager and its clients are laid out: the argument
// serializer of BaseManager in Lib/multiprocessing/managers.py. A manager of Python has one, which its
// clients must know; a Server answers each client in the one that the client uses.
type Serializer string

const (
	// Pickle carries everything that can be pickled. It is the default, there as here.
	Pickle Serializer = "pickle"
	// XMLRPC, "xmlrpclib", carries what XML-RPC has a form for: None, bool, int of 32 bits, float, str,
	// bytes, lists, and dicts whose keys are str. A tuple arrives as a list. Proxies cannot be sent or
	// returned. Exceptions lose their class on the way in CPython; our server sends them as a traceback
	// instead, which is a RemoteError in Python.
	XMLRPC Serializer = "xmlrpclib"
)

func (s Serializer) check() (Serializer, error) {
	switch s {
	case "":
		return Pickle, nil
	case Pickle, XMLRPC:
		return s, nil
	}
	return s, fmt.Errorf("managers: unknown serializer %q: want %q or %q", s, Pickle, XMLRPC)
}

// serializerOf tells in which serializer a message is. No pickle begins as XML does.
func serializerOf(msg []byte) Serializer {
	if len(msg) > 0 && msg[0] == '<' {
		return XMLRPC
	}
	return Pickle
}

// otherSerializer is the error for a reply that is in another serializer than the client's.
func otherSerializer(want Serializer) error {
	return fmt.Errorf("managers: the manager's serializer is not %q", want)
}

// parseXMLRequest reads a request in XML as Envelope.Parse reads a pickled one.
func parseXMLRequest(e *pickle.Envelope, msg []byte) error {
	v, err := xmlrpc.Unmarshal(msg)
	if err != nil {
		return err
	}
	list, ok := v.(*pickle.List)
	if !ok || len(list.Items) != 4 {
		return errors.New("request is not (ident, method, args, kwds)")
	}
	*e = pickle.Envelope{Dialect: python3Server, Decode: e.Decode}
	if ident, ok := pickle.Text(list.Items[0]); ok {
		e.Ident = []byte(ident)
	} else if list.Items[0] != nil {
		return errors.New("ident is neither None nor a str")
	}
	method, ok := pickle.Text(list.Items[1])
	args, ok2 := list.Items[2].(*pickle.List)
	kwds, ok3 := list.Items[3].(*pickle.Dict)
	if !ok || !ok2 || !ok3 {
		return errors.New("request without a method, a list and a dict")
	}
	e.Method = []byte(method)
	return setXMLArguments(e, args, kwds)
}

func setXMLArguments(e *pickle.Envelope, args *pickle.List, kwds *pickle.Dict) error {
	for _, v := range args.Items {
		r, err := pickle.NewRaw(v, nil)
		if err != nil {
			return err
		}
		e.Args = append(e.Args, r.WithOptions(e.Decode))
	}
	for k, v := range kwds.All() {
		name, _ := pickle.Text(k)
		r, err := pickle.NewRaw(v, nil)
		if err != nil {
			return err
		}
		e.Kwargs = append(e.Kwargs, pickle.Kwarg{Name: []byte(name), Value: r.WithOptions(e.Decode)})
	}
	return nil
}

// xmlRequest lays out (ident, method, args, kwds) in XML; see request.
func xmlRequest(ident, method string, args []any, limit int) ([][]byte, error) {
	args, kwargs := splitKwargs(args)
	list, kwds := &pickle.List{}, pickle.NewDict()
	for _, a := range args {
		v, err := graphOf(a)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, v)
	}
	for _, name := range kwargs.names() {
		v, err := graphOf(kwargs[name])
		if err != nil {
			return nil, err
		}
		_ = kwds.Set(name, v) // a string is hashable
	}
	var id any
	if ident != "" {
		id = ident
	}
	msg, err := xmlrpc.Append(nil, pickle.Tuple{id, method, list, kwds}, limit)
	return [][]byte{msg}, err
}

// graphOf is a Go value as Python has it.
func graphOf(v any) (any, error) {
	r, err := pickle.NewRaw(v, nil)
	if err != nil {
		return nil, err
	}
	return r.Any()
}

// writeXML writes the reply (kind, v) in XML.
func (s *session) writeXML(kind string, v any) error {
	w := s.acquire()
	if exc, ok := v.(*Exception); ok && kind == kindError {
		kind, v = kindTraceback, tracebackOf(exc.Error())
	}
	if text, ok := v.(string); ok && kind != kindReturn {
		v = strings.Map(xmlRune, text)
	}
	most := int(min(s.server.limits.MaxMessage, math.MaxInt))
	out, err := xmlrpc.AppendWithin(w.out[:0], pickle.Tuple{kind, v}, most, s.replyMeter(kind))
	if err != nil {
		return s.unserializable(err)
	}
	w.out = out
	return s.sendReply([][]byte{out})
}

// xmlRune replaces what XML has no form for.
func xmlRune(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
		return '?'
	}
	return r
}

// parseXMLReply reads a server's reply in XML.
func parseXMLReply(msg []byte) (reply, error) {
	if serializerOf(msg) != XMLRPC {
		return reply{}, otherSerializer(XMLRPC)
	}
	v, err := xmlrpc.Unmarshal(msg)
	if err != nil {
		return reply{}, err
	}
	list, ok := v.(*pickle.List)
	if !ok || len(list.Items) != 2 {
		return reply{}, errors.New("managers: reply is not (kind, payload)")
	}
	kind, _ := pickle.Text(list.Items[0])
	payload, err := pickle.NewRaw(list.Items[1], nil)
	if err != nil {
		return reply{}, err
	}
	return reply{kind, payload}, nil
}
