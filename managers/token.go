package managers

import (
	"mpbridge/connection"
	"mpbridge/pickle"
)

// Token names an object of a manager: multiprocessing.managers.Token.
type Token struct {
	Typeid  string
	Address connection.Address
	Ident   string
}

var tokenClass = pickle.Global{Module: "multiprocessing.managers", Name: "Token"}

// Pickled returns the form in which Token.__reduce__ and its slots pickle a token for a
// client of dialect d.
func (t Token) Pickled(d pickle.Dialect) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: tokenClass, Args: pickle.Tuple{}, HasState: true,
		State: pickle.Tuple{
			d.Text(t.Typeid), t.Address.Pickled(d.NativeBytes), d.Text(t.Ident),
		},
	}
}

// MarshalPickle pickles the token as a Python 3 client does.
func (t Token) MarshalPickle() (any, error) { return t.Pickled(pickle.Dialect{}), nil }
