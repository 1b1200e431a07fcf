package wire_test

import (
	"testing"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tokenFrom is a token as the managers of a module pickle it.
func tokenFrom(module string) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: module, Name: "Token"}, Args: pickle.Tuple{}, HasState: true,
		State: pickle.Tuple{"list", pickle.Tuple{"127.0.0.1", int64(5)}, "7f"},
	}
}

func TestTokensOfAllForksAreTokens(t *testing.T) {
	want := managers.Token{
		Typeid: "list", Address: connection.Address{Network: connection.TCP, Name: "127.0.0.1", Port: 5}, Ident: "7f",
	}
	for _, module := range []string{"multiprocessing.managers", "multiprocess.managers", "billiard.managers"} {
		got, err := wire.ParseToken(tokenFrom(module))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestATokenOfAnotherModuleIsNone(t *testing.T) {
	_, err := wire.ParseToken(tokenFrom("mine.managers"))
	assert.ErrorContains(t, err, "a Token is required")
}
