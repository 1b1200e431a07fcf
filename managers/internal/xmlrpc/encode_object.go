package xmlrpc

import (
	"time"

	"mpbridge/pickle"
)

// clientModule is where the wrappers are; Python 2 calls it xmlrpclib, which package pickle spells so.
const clientModule = "xmlrpc.client"

// isoLayout is what xmlrpc.client writes of a datetime, and isoSize its length.
const (
	isoLayout = "20060102T15:04:05"
	isoSize   = len(isoLayout)
)

// object writes what Marshaller writes of instances: the wrappers and datetime in their own form, plain
// instances as a struct of their attributes.
func (e *encoder) object(o *pickle.Object) error {
	switch {
	case o.IsA(clientModule, "DateTime"):
		if s, ok := pickle.Text(wrapped(o, "value")); ok {
			return e.dateTime(s)
		}
	case o.IsA(clientModule, "Binary"):
		switch b := wrapped(o, "data").(type) {
		case []byte:
			e.base64(b)
			return nil
		case pickle.ByteString:
			e.base64([]byte(b))
			return nil
		}
	case o.IsA("datetime", "datetime"):
		var t time.Time
		if (&pickle.DecodeOptions{Naive: time.UTC}).Assign(&t, o) == nil { // what clocks show: the format has no zones
			return e.dateTime(t.Format(isoLayout))
		}
	}
	if attrs, ok := attributes(o); ok {
		return e.within(attrs, ErrRecursiveDict, func() error { return e.structure(attrs) })
	}
	return errUnsupported(o)
}

func (e *encoder) dateTime(s string) error {
	return e.text("<value><dateTime.iso8601>", s, "</dateTime.iso8601></value>\n")
}

// wrapped returns what a wrapper holds: an attribute, or the argument that it is made of.
func wrapped(o *pickle.Object, attr string) any {
	if d := o.Attrs(); d != nil {
		if v, ok := d.Get(attr); ok {
			return v
		}
		v, _ := d.Get(pickle.ByteString(attr))
		return v
	}
	if args, _ := o.Args.(pickle.Tuple); len(args) == 1 {
		return args[0]
	}
	return nil
}

// attributes returns the attributes of an instance of which they are everything there is.
func attributes(o *pickle.Object) (*pickle.Dict, bool) {
	args, _ := o.Args.(pickle.Tuple)
	plain := o.Kind == pickle.NewObj || o.Kind == pickle.OldInstance
	if !plain || len(args) > 0 || len(o.Items) > 0 || len(o.Pairs) > 0 || o.Setter != nil {
		return nil, false
	}
	if !o.HasState || o.State == nil {
		return new(pickle.Dict), true
	}
	d, ok := o.State.(*pickle.Dict)
	return d, ok
}
