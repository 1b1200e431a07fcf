package server_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// filled says, for each kind that snapshots save, how one is made and given something to hold. A kind that is
// missing here fails the test below.
var filled = map[string]struct {
	args []any
	call []any // a method and its arguments; none where the arguments fill it
}{
	"queue":     {call: []any{"put", 7}},
	"lifo":      {call: []any{"put", 7}},
	"priority":  {call: []any{"put", 7}},
	"deque":     {args: []any{[]any{1}, 3}, call: []any{"append", 7}},
	"dict":      {call: []any{"__setitem__", "a", 7}},
	"list":      {call: []any{"append", 7}},
	"set":       {call: []any{"add", 7}},
	"Namespace": {call: []any{"__setattr__", "a", 7}},
	"Event":     {call: []any{"set"}},
	"Value":     {args: []any{"i", 1}, call: []any{"set", 7}},
	"Array":     {args: []any{"i", []int{1, 2}}, call: []any{"__setitem__", 0, 7}},
}

// offer shares an object of a kind under the name x.
func offer(t *testing.T, k server.Kind) (*server.Server, connection.Address) {
	t.Helper()
	return offerWith(t, k, &server.Options{Authkey: key})
}

// offerWith is offer with options.
func offerWith(t *testing.T, k server.Kind, o *server.Options) (*server.Server, connection.Address) {
	t.Helper()
	s, err := server.New(o)
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	orders := map[string]queue.Order{"queue": queue.FIFO, "lifo": queue.LIFO, "priority": queue.Priority}
	if order, ok := orders[k.Name]; ok {
		_, err = s.RegisterQueue("x", &queue.Options{Order: order})
	} else {
		err = s.RegisterShared("x", k.Typeid, filled[k.Name].args...)
	}
	require.NoError(t, err)
	return s, serveAt(t, s)
}

// shows returns str() of the object x.
func shows(t *testing.T, at connection.Address, call []any) string {
	t.Helper()
	c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: key})
	require.NoError(t, err)
	defer c.Close()
	p, err := c.Open(soon(t), "x")
	require.NoError(t, err)
	if len(call) > 0 {
		_, err = p.Call(soon(t), call[0].(string), call[1:]...)
		require.NoError(t, err)
	}
	text, err := p.Repr(soon(t))
	require.NoError(t, err)
	return text
}

func TestWhatEveryKindThatIsSavedHoldsSurvivesARestart(t *testing.T) {
	for _, k := range server.Kinds() {
		if !k.Saved {
			continue
		}
		t.Run(k.Typeid, func(t *testing.T) {
			with, known := filled[k.Name]
			require.True(t, known, "nothing says how a %s is filled", k.Name)
			s, at := offer(t, k)
			empty := shows(t, at, nil)
			want := shows(t, at, with.call)
			require.NotEqual(t, empty, want)
			var file bytes.Buffer
			save(t, s, &file)
			next, at := offer(t, k)
			load(t, next, &file)
			assert.Equal(t, want, shows(t, at, nil))
		})
	}
}

func TestEveryKindSaysItsNameInListings(t *testing.T) {
	for _, k := range server.Kinds() {
		if !k.Saved {
			continue
		}
		s, _ := offer(t, k)
		infos := s.Objects()
		i := slices.IndexFunc(infos, func(o managers.ObjectInfo) bool { return o.Name == "x" })
		require.NotEqual(t, -1, i, k.Name)
		assert.Equal(t, k.Name, infos[i].Kind)
	}
}

// accessTable is the table of docs/access.md.
func accessTable() string {
	var b strings.Builder
	b.WriteString("| kind | saved | admin, produce, consume, read-only | produce, consume | produce | consume | consume, read-only | admin alone |\n")
	b.WriteString("|" + strings.Repeat(" --- |", 8) + "\n")
	const workers = server.RoleProduce | server.RoleConsume
	columns := []server.Role{workers | server.RoleReadOnly, workers, server.RoleProduce, server.RoleConsume,
		server.RoleConsume | server.RoleReadOnly, server.RoleAdmin}
	done := map[string]bool{}
	for _, k := range server.Kinds() {
		if done[k.Name] {
			continue
		}
		done[k.Name] = true
		saved := ""
		if k.Saved {
			saved = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s |", k.Name, saved)
		for _, role := range columns {
			var names []string
			for _, name := range slices.Sorted(maps.Keys(k.Access)) {
				if k.Access[name] == role {
					names = append(names, "`"+name+"`")
				}
			}
			fmt.Fprintf(&b, " %s |", strings.Join(names, " "))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestTheDocumentedAccessIsThatOfTheKinds(t *testing.T) {
	const file = "../../docs/access.md"
	page, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(page), "<!-- access -->\n")
	require.True(t, found)
	table, after, found := strings.Cut(rest, "<!-- end -->")
	require.True(t, found)
	if os.Getenv("MPBRIDGE_UPDATE") != "" {
		text := before + "<!-- access -->\n" + accessTable() + "<!-- end -->" + after
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		return
	}
	assert.Equal(t, accessTable(), table, "MPBRIDGE_UPDATE=1 writes it anew")
}
