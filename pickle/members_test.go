package pickle_test

import (
	"testing"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAMemberThatIsPickledAsAnAttributeIsItsValue(t *testing.T) {
	for name, want := range map[pickle.Global]any{
		{Module: "http", Name: "HTTPStatus.OK"}:                   int64(200),
		{Module: "http", Name: "HTTPStatus.REQUEST_URI_TOO_LONG"}: int64(414),
		{Module: "http", Name: "HTTPMethod.GET"}:                  "GET",
		{Module: "re", Name: "RegexFlag.I"}:                       int64(2),
		{Module: "calendar", Name: "Day.SUNDAY"}:                  int64(6),
		{Module: "signal", Name: "Signals.SIGINT"}:                int64(2),
	} {
		assert.Equal(t, want, pickle.Plain(name), "%v", name)
	}
}

func TestAMemberStaysWhatItIsWhereItsValueIsOfTheSystemOrNoNumber(t *testing.T) {
	for _, name := range []pickle.Global{
		{Module: "signal", Name: "Signals.SIGRTMAX"}, {Module: "signal", Name: "SIGUSR1"},
		{Module: "uuid", Name: "SafeUUID.safe"}, {Module: "http", Name: "HTTPStatus.NONE"},
	} {
		assert.Equal(t, name, pickle.Plain(name))
	}
}

func TestEachClassOfTheTableHasItsMembersOnce(t *testing.T) {
	c := pickle.EnumOf(pickle.Global{Module: "re", Name: "RegexFlag"})
	require.NotNil(t, c)
	seen := make(map[string]bool)
	for _, m := range c.Members {
		assert.False(t, seen[m.Name], m.Name)
		seen[m.Name] = true
	}
	assert.Nil(t, pickle.EnumOf(pickle.Global{Module: "re", Name: "Pattern"}))
}
