package managers

import (
	"fmt"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// Token names an object of a manager: multiprocessing.managers.Token.
type Token struct {
	Typeid  string
	Address connection.Address
	Ident   string
}

var tokenClass = pickle.Global{Module: managersModule, Name: "Token"}

// pickled returns the form in which Token.__reduce__ and its slots pickle a token.
func (t Token) pickled(d pickle.Dialect) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: tokenClass, Args: pickle.Tuple{}, HasState: true,
		State: pickle.Tuple{
			nativeText(t.Typeid, d), t.Address.Pickled(d.NativeBytes), nativeText(t.Ident, d),
		},
	}
}

// MarshalPickle pickles the token as a Python 3 client does.
func (t Token) MarshalPickle() (any, error) { return t.pickled(pickle.Dialect{}), nil }

// tokenOf reads a token from its decoded pickle.
func tokenOf(v any) (Token, error) {
	o, ok := v.(*pickle.Object)
	if ok {
		_, ok = managersModuleOf(o, tokenClass.Name)
	}
	if !ok {
		return Token{}, fmt.Errorf("managers: a Token is required")
	}
	state, ok := o.State.(pickle.Tuple)
	if !ok || len(state) != 3 {
		return Token{}, fmt.Errorf("managers: Token without (typeid, address, id)")
	}
	typeid, ok1 := pickle.Text(state[0])
	ident, ok2 := pickle.Text(state[2])
	if !ok1 || !ok2 {
		return Token{}, fmt.Errorf("managers: Token whose typeid or id is no str")
	}
	address, err := connection.AddressOf(state[1])
	if err != nil {
		return Token{}, err
	}
	return Token{Typeid: typeid, Address: address, Ident: ident}, nil
}
