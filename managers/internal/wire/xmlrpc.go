package wire

import (
	"errors"

	"mpbridge/managers"
	"mpbridge/managers/internal/xmlrpc"
	"mpbridge/pickle"
)

// SerializerOf tells in which serializer a message is. No pickle begins as XML does.
func SerializerOf(msg []byte) managers.Serializer {
	if len(msg) > 0 && msg[0] == '<' {
		return managers.XMLRPC
	}
	return managers.Pickle
}

// ParseXMLRequest reads a request in XML as Envelope.Parse reads a pickled one.
func ParseXMLRequest(e *pickle.Envelope, msg []byte) error {
	v, err := xmlrpc.Unmarshal(msg)
	if err != nil {
		return err
	}
	list, ok := v.(*pickle.List)
	if !ok || len(list.Items) != 4 {
		return errors.New("request is not (ident, method, args, kwds)")
	}
	*e = pickle.Envelope{Dialect: Python3Server, Decode: e.Decode}
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

// XmlRequest lays out (ident, method, args, kwds) in XML; see request.
func XmlRequest(ident, method string, args []any, limit int) ([][]byte, error) {
	args, kwargs := pickle.SplitKwargs(args)
	list, kwds := &pickle.List{}, pickle.NewDict()
	for _, a := range args {
		v, err := graphOf(a)
		if err != nil {
			return nil, err
		}
		list.Items = append(list.Items, v)
	}
	for _, name := range kwargs.Names() {
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

// XmlRune replaces what XML has no form for.
func XmlRune(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
		return '?'
	}
	return r
}

// ParseXMLReply reads a server's reply in XML.
func ParseXMLReply(msg []byte) (Reply, error) {
	if SerializerOf(msg) != managers.XMLRPC {
		return Reply{}, otherSerializer(managers.XMLRPC)
	}
	v, err := xmlrpc.Unmarshal(msg)
	if err != nil {
		return Reply{}, err
	}
	list, ok := v.(*pickle.List)
	if !ok || len(list.Items) != 2 {
		return Reply{}, errors.New("managers: reply is not (kind, payload)")
	}
	kind, _ := pickle.Text(list.Items[0])
	payload, err := pickle.NewRaw(list.Items[1], nil)
	if err != nil {
		return Reply{}, err
	}
	return Reply{kind, payload}, nil
}
