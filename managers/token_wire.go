package managers

import (
	"fmt"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// ParseToken reads a token from its decoded pickle.
func ParseToken(v any) (Token, error) {
	o, ok := v.(*pickle.Object)
	if ok {
		_, ok = managersModuleOf(o, tokenName)
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
