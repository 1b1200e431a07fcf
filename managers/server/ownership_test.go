package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mpbridge/managers/server"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoWorkers serves two keys that may do the same, and a third that sees everything that is shared.
func twoWorkers(t *testing.T) (ann, bob, boss *speaker) {
	t.Helper()
	work := []string{"list", "dict", "Lock", "Condition", "shelf", "Iterator"}
	at := serveKeys(t,
		testKey("boss", server.RoleAdmin),
		testKey("ann", server.RoleConsume|server.RoleProduce|server.RoleReadOnly, work...),
		testKey("bob", server.RoleConsume|server.RoleProduce|server.RoleReadOnly, work...))
	return as(t, at, "ann"), as(t, at, "bob"), as(t, at, "boss")
}

// refused asserts that another key can do nothing with an object whose ident it knows.
func refused(t *testing.T, s *speaker, ident string) {
	t.Helper()
	for _, function := range []string{"incref", "decref"} {
		said, _ := s.ask(function, ident)
		assert.Equal(t, "no", said, function)
	}
	said, _ := s.ask("get_methods", server.PickledToken(s.at, ident))
	assert.Equal(t, "no", said, "get_methods")
	for _, method := range []string{"__len__", "append", "__str__", "#GETVALUE", "nothing"} {
		assert.Equal(t, "no", s.call(ident, method, 1), method)
	}
}

func TestWhatAKeyMadeIsItsOwn(t *testing.T) {
	ann, bob, boss := twoWorkers(t)
	refused(t, bob, ann.made("list"))
	refused(t, bob, boss.made("list"))
	assert.Equal(t, "yes", boss.call(ann.made("list"), "append", 1), "an admin reaches everything")
}

func TestAnotherConnectionWithTheSameKeyReachesWhatItMade(t *testing.T) {
	ann, _, _ := twoWorkers(t)
	assert.Equal(t, "yes", as(t, ann.at, "ann").call(ann.made("list"), "append", 1))
}

func TestAnotherKeysObjectIsNotListed(t *testing.T) {
	ann, bob, boss := twoWorkers(t)
	own := ann.made("list")
	for s, count := range map[*speaker]int64{ann: 1, bob: 0, boss: 1} {
		shown := count > 0
		_, info := s.ask("debug_info")
		assert.Equal(t, shown, strings.Contains(info.(string), own), s.key)
		_, objects := s.ask("list_objects")
		assert.Equal(t, shown, slices.ContainsFunc(objects.(*pickle.List).Items, func(o any) bool {
			ident, _ := o.(*pickle.Dict).Get("ident")
			return ident == own
		}), s.key)
		_, n := s.ask("number_of_objects")
		assert.Equal(t, count, n, s.key)
	}
}

func TestAnotherKeysObjectIsNoArgument(t *testing.T) {
	ann, bob, _ := twoWorkers(t)
	own, lock := ann.made("list"), ann.made("Lock")
	require.Equal(t, "yes", ann.call(own, "append", "secret"))
	mine := bob.made("list")
	bob.call(mine, "extend", forged("ListProxy", bob.at, own))
	assert.Zero(t, bob.has(mine), "extend")
	said, text := bob.ask("create", "Condition", forged("AcquirerProxy", bob.at, lock))
	assert.Equal(t, "#TRACEBACK", said, "a Condition's lock")
	assert.Contains(t, text, "TypeError")
	said, payload := bob.ask("create", "list", forged("ListProxy", bob.at, own))
	if said == "yes" {
		assert.Zero(t, bob.has(payload.(pickle.Tuple)[0].(string)), "create")
	}
}

func TestAForgedProxyThatComesBackGivesNothing(t *testing.T) {
	ann, bob, _ := twoWorkers(t)
	own, mine := ann.made("list"), bob.made("list")
	require.Equal(t, "yes", bob.call(mine, "append", forged("ListProxy", bob.at, own)))
	require.Equal(t, "yes", bob.call(mine, "__getitem__", int64(0)))
	refused(t, bob, own)
}

func TestAProxyThatAKeyIsSentMakesTheObjectItsOwnToo(t *testing.T) {
	for method, args := range map[string][]any{
		"__getitem__": {"it"}, "get": {"it"}, "values": {}, "items": {}, "copy": {}, "#GETVALUE": {},
	} {
		t.Run(method, func(t *testing.T) {
			ann, bob, _ := twoWorkers(t)
			own, shelf := ann.made("list"), ann.made("shelf")
			require.Equal(t, "yes", ann.call(shelf, "__setitem__", "it", forged("ListProxy", ann.at, own)))
			refused(t, bob, own)
			require.Equal(t, "yes", bob.call(shelf, method, args...))
			said, _ := bob.ask("incref", own)
			assert.Equal(t, "yes", said)
			assert.Equal(t, "yes", bob.call(own, "append", 1))
		})
	}
}

func TestAProxyInAQueuesItemMakesTheObjectItsTakersToo(t *testing.T) {
	at := serveKeys(t, testKey("boss", server.RoleAdmin),
		testKey("ann", server.RoleProduce, "jobs", "list"),
		testKey("mid", server.RoleProduce|server.RoleConsume, "jobs", "done"),
		testKey("bob", server.RoleConsume, "done", "list"))
	ann, mid, bob := as(t, at, "ann"), as(t, at, "mid"), as(t, at, "bob")
	own := ann.made("list")
	require.Equal(t, "yes", ann.call(ann.made("jobs"), "put", forged("ListProxy", at, own)))
	require.Equal(t, "yes", mid.call(mid.made("jobs"), "get", true, 5.0))
	assert.Equal(t, "no", mid.call(own, "__len__"), "its patterns bound what a key was given, too")
	require.Equal(t, "yes", mid.call(mid.made("done"), "put", forged("ListProxy", at, own)))
	require.Equal(t, "no", bob.call(own, "__len__"))
	require.Equal(t, "yes", bob.call(bob.made("done"), "get", true, 5.0))
	assert.Equal(t, "yes", bob.call(own, "__len__"))
}

func TestAKeyTakesBackItsOwnReferencesAlone(t *testing.T) {
	ann, bob, boss := twoWorkers(t)
	own, shelf := ann.made("list"), ann.made("shelf")
	require.Equal(t, "yes", ann.call(shelf, "__setitem__", "it", forged("ListProxy", ann.at, own)))
	require.Equal(t, "yes", bob.call(shelf, "__getitem__", "it"))
	said, text := bob.ask("decref", own)
	assert.Equal(t, "#TRACEBACK", said)
	assert.Contains(t, text, "KeyError")
	for range 2 {
		said, _ = bob.ask("incref", own)
		require.Equal(t, "yes", said)
	}
	for range 2 {
		said, _ = bob.ask("decref", own)
		assert.Equal(t, "yes", said)
	}
	said, _ = bob.ask("decref", own)
	assert.Equal(t, "#TRACEBACK", said)
	said, _ = boss.ask("decref", own)
	assert.Equal(t, "yes", said, "an admin may take back any")
}

func TestAPatternThatGivesAdminReachesWhatOthersMade(t *testing.T) {
	at := serveKeys(t, testKey("ann", server.RoleConsume, "list"),
		testKey("cleaner", server.RoleReadOnly, "admin:list"))
	assert.Equal(t, "yes", as(t, at, "cleaner").call(as(t, at, "ann").made("list"), "append", 1))
}

func TestIdentsCannotBeGuessed(t *testing.T) {
	ann, _, _ := twoWorkers(t)
	seen := make(map[string]bool)
	for range 20 {
		own := ann.made("list")
		require.Regexp(t, "^[0-9a-f]{24}$", own)
		for _, part := range []string{own[:8], own[8:16], own[16:]} {
			assert.False(t, seen[part], "%s has %s as another", own, part)
			seen[part] = true
		}
	}
}

func TestEveryWayOutOfAnObjectHandsOverWhatItHolds(t *testing.T) {
	for _, way := range []struct {
		typeid string
		put    []any // the method, and its arguments before the proxy
		take   []any
	}{
		{"list", []any{"append"}, []any{"__getitem__", int64(0)}},
		{"list", []any{"append"}, []any{"pop"}},
		{"list", []any{"append"}, []any{"copy"}},
		{"list", []any{"append"}, []any{"#GETVALUE"}},
		{"list", []any{"append"}, []any{"__getitem__", pickle.Slice{}}},
		{"dict", []any{"__setitem__", "it"}, []any{"pop", "it"}},
		{"dict", []any{"__setitem__", "it"}, []any{"popitem"}},
		{"dict", []any{"__setitem__", "it"}, []any{"setdefault", "it"}},
		{"Namespace", []any{"__setattr__", "it"}, []any{"__getattribute__", "it"}},
		{"Value", []any{"set"}, []any{"get"}},
		{"jobs", []any{"put"}, []any{"get"}},
		{"jobs", []any{"put"}, []any{"get_nowait"}},
		{"jobs", []any{"put"}, []any{"get_many", int64(5)}},
		{"jobs", []any{"put"}, []any{"peek"}},
		{"leased", []any{"put"}, []any{"lease", 5.0}},
	} {
		t.Run(fmt.Sprint(way.typeid, " ", way.take[0]), func(t *testing.T) {
			for forgery, want := range map[bool]string{false: "yes", true: "no"} {
				at := serveKeys(t, testKey("boss", server.RoleAdmin),
					testKey("ann", everyRole, "list", "shelf", "jobs", "leased", "place*"),
					testKey("bob", everyRole, "list", "shelf", "jobs", "leased", "place*"))
				ann, bob := as(t, at, "ann"), as(t, at, "bob")
				own := ann.made("list")
				giver := ann
				if forgery { // who has learned the ident and nothing else
					giver = bob
				}
				place := as(t, at, "boss").madeShared(way.typeid)
				put := append(slices.Clone(way.put[1:]), forged("ListProxy", at, own))
				require.Equal(t, "yes", giver.call(place, way.put[0].(string), put...))
				require.Equal(t, "yes", bob.call(place, way.take[0].(string), way.take[1:]...))
				assert.Equal(t, want, bob.call(own, "__len__"), "forged: %v", forgery)
			}
		})
	}
}

const everyRole = server.RoleProduce | server.RoleConsume | server.RoleReadOnly

// madeShared makes what is shared under a name that begins like the typeid.
func (s *speaker) madeShared(typeid string) string {
	s.t.Helper()
	if typeid == "jobs" || typeid == "leased" {
		return s.made(typeid)
	}
	return s.made("place-" + typeid)
}
