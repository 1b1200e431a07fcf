package wire

import (
	"fmt"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/pickle"
)

// ParseToken reads a token from its decoded pickle.
func ParseToken(v any) (managers.Token, error) {
	o, ok := v.(*pickle.Object)
	if ok {
		_, ok = ManagersModuleOf(o, TokenName)
	}
	if !ok {
		return managers.Token{}, fmt.Errorf("managers: a Token is required")
	}
	state, ok := o.State.(pickle.Tuple)
	if !ok || len(state) != 3 {
		return managers.Token{}, fmt.Errorf("managers: Token without (typeid, address, id)")
	}
	typeid, ok1 := pickle.Text(state[0])
	ident, ok2 := pickle.Text(state[2])
	if !ok1 || !ok2 {
		return managers.Token{}, fmt.Errorf("managers: Token whose typeid or id is no str")
	}
	address, err := connection.AddressOf(state[1])
	if err != nil {
		return managers.Token{}, err
	}
	return managers.Token{Typeid: typeid, Address: address, Ident: ident}, nil
}
