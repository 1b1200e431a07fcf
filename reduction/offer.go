package reduction

import (
	"mpbridge/connection"
	"mpbridge/pickle"
)

// kind is what a redeemed descriptor becomes.
type kind uint8

const (
	aFile kind = iota
	aSocket
	aConnection
)

// offer is an offer found in a pickle.
type offer struct {
	kind kind
	at   connection.Address
	key  int64
}

// offerIn reads an object's form. ok is false for an object that offers nothing; an error is for
// one that has the name of an offer and another form, or cannot be redeemed here.
func offerIn(v *pickle.Object) (o offer, ok bool, err error) {
	class, isGlobal := v.Class.(pickle.Global)
	if !isGlobal {
		return offer{}, false, nil
	}
	if v.Kind == pickle.NewObj {
		return dupFd(v, class)
	}
	form, ok := callForms[class]
	if !ok || v.Kind != pickle.Reduce {
		return offer{}, false, nil
	}
	args, _ := v.Args.(pickle.Tuple)
	if form.args == 0 {
		return offer{}, false, ErrUnsupported
	}
	if len(args) != form.args {
		return offer{}, false, malformed("an offer with another number of arguments")
	}
	o, err = fdOffer(args[0])
	o.kind = form.kind
	return o, err == nil, err
}

// callForms are the functions that rebuild something of a descriptor, the first of so many
// arguments; 0 stands for the forms of Windows.
var callForms = map[pickle.Global]struct {
	kind kind
	args int
}{
	{Module: moduleReduction, Name: "_rebuild_socket"}:          {aSocket, 4},
	{Module: moduleReduction, Name: "rebuild_socket"}:           {aSocket, 4},
	{Module: moduleReduction, Name: "rebuild_handle"}:           {aFile, 1},
	{Module: moduleReduction, Name: "rebuild_connection"}:       {aConnection, 3},
	{Module: moduleConnection, Name: "rebuild_connection"}:      {aConnection, 3},
	{Module: moduleConnection, Name: "rebuild_pipe_connection"}: {},
	{Module: moduleReduction, Name: "rebuild_pipe_connection"}:  {},
}

// fdOffer reads what stands for a descriptor inside another form.
func fdOffer(v any) (offer, error) {
	switch v := v.(type) {
	case pickle.Tuple:
		return handleOffer(v)
	case *pickle.Object:
		class, _ := v.Class.(pickle.Global)
		if o, ok, err := dupFd(v, class); ok || err != nil {
			return o, err
		}
	}
	return offer{}, malformed("an offer without a descriptor")
}

// dupFd reads the object that DupFd(fd) of reduction.py makes.
func dupFd(v *pickle.Object, class pickle.Global) (offer, bool, error) {
	switch class {
	case pickle.Global{Module: moduleSharer, Name: "DupFd"}:
		o, err := dupFdState(v)
		return o, err == nil, err
	case pickle.Global{Module: moduleSharer, Name: "DupSocket"},
		pickle.Global{Module: moduleReduction, Name: "DupHandle"}:
		return offer{}, false, ErrUnsupported
	case pickle.Global{Module: "multiprocessing.popen_spawn_posix", Name: "_DupFd"},
		pickle.Global{Module: "multiprocessing.popen_forkserver", Name: "_DupFd"}:
		return offer{}, false, ErrInherited
	}
	return offer{}, false, nil
}

func dupFdState(v *pickle.Object) (offer, error) {
	attrs := v.Attrs()
	if attrs == nil {
		return offer{}, malformed("a DupFd without attributes")
	}
	id, _ := attrs.Get("_id")
	t, ok := id.(pickle.Tuple)
	if !ok || len(t) != 2 {
		return offer{}, malformed("a DupFd without an address and a key")
	}
	return located(t[0], t[1])
}

// handleOffer reads what Python 2's reduce_handle returns: (address, handle, inherited).
func handleOffer(t pickle.Tuple) (offer, error) {
	if len(t) != 3 {
		return offer{}, malformed("the handle is not a tuple of three")
	}
	switch inherited := t[2].(type) {
	case bool:
		if inherited {
			return offer{}, ErrInherited
		}
	default:
		return offer{}, malformed("the handle is not a tuple of three")
	}
	return located(t[0], t[1])
}

// located reads where to ask and for what.
func located(address, key any) (o offer, err error) {
	var ok bool
	if o.key, ok = key.(int64); !ok {
		return offer{}, malformed("an offer whose key is no number")
	}
	o.at, err = connection.AddressOf(address)
	if err == nil && o.at.Network != connection.Unix {
		err = malformed("an offer at an address that cannot pass descriptors")
	}
	return o, err
}
