package server_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/internal/wire"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// testKeys are one for each role, and some with names. The secret is the name with "-secret".
var testKeys = []server.Key{
	testKey("admin", server.RoleAdmin),
	testKey("producer", server.RoleProduce),
	testKey("consumer", server.RoleConsume),
	testKey("reader", server.RoleReadOnly),
	testKey("both", server.RoleProduce|server.RoleConsume),
	testKey("worker", server.RoleConsume, "jobs", "produce:results", "read-only:settings",
		"get_queue(mine*)", "list", "dict", "Condition", "read-only:deploy", "counter"),
	testKey("auditor", server.RoleReadOnly, "s*", "counter"),
	testKey("owner", server.RoleConsume, "admin:jobs"),
	testKey("stepper", server.RoleReadOnly, "Iterator"),
}

func testKey(name string, role server.Role, names ...string) server.Key {
	return server.Key{Name: name, Secret: []byte(name + "-secret"), Role: role, Names: names}
}

// log collects what a server logs.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type counter struct{ n int }

func (c *counter) Peek() int   { return c.n }
func (c *counter) Reset()      { c.n = 0 }
func (c *counter) Count() int  { return 1 }
func (c *counter) Each() []int { return nil }

// guarded runs a server with testKeys until the test ends.
func guarded(t *testing.T) (*server.Server, connection.Address, *log) {
	t.Helper()
	logged := new(log)
	s, err := server.New(&server.Options{Keys: testKeys,
		Logger: slog.New(slog.NewTextHandler(logged, nil))})
	require.NoError(t, err)
	require.NoError(t, s.RegisterSyncManager())
	for _, name := range []string{"jobs", "results", "secret"} {
		q, err := s.RegisterQueue(name, nil)
		require.NoError(t, err)
		for range 5 {
			require.NoError(t, q.Put(soon(t), "item"))
		}
	}
	require.NoError(t, s.RegisterQueueFamily("get_queue", nil))
	require.NoError(t, s.RegisterShared("settings", "dict", pickle.NewDict("debug", true)))
	require.NoError(t, s.RegisterShared("hidden", "list", &pickle.List{Items: []any{"hush"}}))
	require.NoError(t, s.RegisterShared("deploy", "Lock"))
	require.NoError(t, s.Register("counter", new(counter), &server.RegisterOptions{
		Access: map[string]server.Role{"peek": server.RoleReadOnly | server.RoleConsume,
			"count": server.RoleConsume}}))
	return s, serveAt(t, s), logged
}

// serveKeys starts a server of these keys, with the types of a SyncManager, queues and containers.
func serveKeys(t *testing.T, keys ...server.Key) connection.Address {
	t.Helper()
	_, at := start(t, server.Options{Keys: keys}, syncManager, aShared("shelf", "dict"),
		aQueue("jobs", queue.Options{}), aQueue("done", queue.Options{}), aQueue("leased", queue.Options{Lease: time.Minute}),
		aShared("place-list", "list"), aShared("place-dict", "dict"), aShared("place-Namespace", "Namespace"),
		aShared("place-Value", "Value", "O", 0))
	return at
}

// speaker is a client that says what it likes.
type speaker struct {
	t    *testing.T
	at   connection.Address
	key  string
	conn *connection.Conn // for calls, once it is needed
}

func as(t *testing.T, at connection.Address, key string) *speaker {
	return &speaker{t: t, at: at, key: key}
}

func (s *speaker) dial() *connection.Conn {
	s.t.Helper()
	o := &connection.DialOptions{Authkey: []byte(s.key + "-secret")}
	c, err := connection.Dial(soon(s.t), s.at.String(), o)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (s *speaker) exchange(c *connection.Conn, ident any, method string, args []any) (string, any) {
	s.t.Helper()
	require.NoError(s.t, c.Send(context.Background(), pickle.Tuple{ident, method, pickle.Tuple(args), pickle.NewDict()}))
	var v any
	require.NoError(s.t, c.Recv(context.Background(), &v))
	reply := v.(pickle.Tuple)
	kind, ok := pickle.Text(reply[0])
	require.True(s.t, ok)
	return kind, reply[1]
}

// ask calls a function of the server. It returns "yes", "no" for a refusal, or else the reply.
func (s *speaker) ask(function string, args ...any) (string, any) {
	s.t.Helper()
	c := s.dial()
	defer c.Close()
	kind, payload := s.exchange(c, nil, function, args)
	text, _ := payload.(string)
	switch {
	case kind == "#RETURN":
		return "yes", payload
	case kind == "#TRACEBACK" && strings.Contains(text, "\nPermissionError: this key may not "):
		return "no", payload
	}
	return kind, payload
}

// call calls a method of an object. Other exceptions than a PermissionError mean that it was
// allowed.
func (s *speaker) call(ident, method string, args ...any) string {
	s.t.Helper()
	if s.conn == nil {
		s.conn = s.dial()
		kind, _ := s.exchange(s.conn, nil, "accept_connection", []any{"speaker"})
		require.Equal(s.t, "#RETURN", kind)
	}
	kind, payload := s.exchange(s.conn, ident, method, args)
	if o, ok := payload.(*pickle.Object); ok && kind == "#ERROR" &&
		o.IsA("builtins", "PermissionError") {
		assert.Equal(s.t, int64(13), o.Args.(pickle.Tuple)[0])
		return "no"
	}
	return "yes"
}

// ident returns the ident of what is shared under a name.
func ident(t *testing.T, at connection.Address, name string, args ...any) string {
	t.Helper()
	said, payload := as(t, at, "admin").ask("create", append([]any{name}, args...)...)
	require.Equal(t, "yes", said)
	return payload.(pickle.Tuple)[0].(string)
}

func TestEveryFunctionIsInTheTableOfAccess(t *testing.T) {
	// A new function of the server belongs into functionAccess: what is in none needs an admin.
	assert.Empty(t, server.FunctionsWithoutAccess())
}

// checkMatrix asks what each line of a matrix says: columns are its clients, in their order.
func checkMatrix(t *testing.T, columns string, lines []string, ask func(key, line string) string) {
	t.Helper()
	for _, l := range lines {
		what, want, _ := strings.Cut(l, "|")
		what = strings.TrimSpace(what)
		answers := strings.Fields(want)
		for i, key := range strings.Fields(columns) {
			assert.Equal(t, answers[i], ask(key, what), "%s: %s", key, what)
		}
	}
}

func TestTheMatrixOfMethods(t *testing.T) {
	_, at, _ := guarded(t)
	arguments := map[string][]any{"put": {1}, "put_nowait": {1},
		"put_many": {&pickle.List{Items: []any{1}}},
		"get_many": {int64(1)}, "__getitem__": {"debug"}, "__setitem__": {"debug", false}, "get": {},
		"wait": {0.0}}
	speakers := make(map[string]*speaker)
	checkMatrix(t, "admin producer consumer reader both worker auditor owner", []string{
		"jobs.put             | yes yes no  no  yes no  no  yes",
		"jobs.put_nowait      | yes yes no  no  yes no  no  yes",
		"jobs.put_many        | yes yes no  no  yes no  no  yes",
		"jobs.qsize           | yes yes yes yes yes yes no  yes",
		"jobs.empty           | yes yes yes yes yes yes no  yes",
		"jobs.full            | yes yes yes yes yes yes no  yes",
		"jobs.__str__         | yes yes yes yes yes yes no  yes",
		"jobs.peek            | yes no  yes yes yes yes no  yes",
		"jobs.get             | yes no  yes no  yes yes no  yes",
		"jobs.get_nowait      | yes no  yes no  yes yes no  yes",
		"jobs.get_many        | yes no  yes no  yes yes no  yes",
		"jobs.task_done       | yes no  yes no  yes yes no  yes",
		"jobs.clear           | yes no  no  no  no  no  no  yes",
		"jobs.no_such_method  | yes no  no  no  no  no  no  yes",
		"results.put          | yes yes no  no  yes yes no  no ",
		"results.peek         | yes no  yes yes yes no  no  no ",
		"secret.qsize         | yes yes yes yes yes no  yes no ",
		"secret.peek          | yes no  yes yes yes no  yes no ",
		"secret.put           | yes yes no  no  yes no  no  no ",
		"settings.__getitem__ | yes no  no  yes no  yes yes no ",
		"settings.__setitem__ | yes no  no  no  no  no  no  no ",
		"settings.clear       | yes no  no  no  no  no  no  no ",
		"settings.#GETVALUE   | yes no  no  yes no  yes yes no ",
		"settings.__repr__    | yes no  no  yes no  yes yes no ",
		"hidden.__len__       | yes no  no  yes no  no  no  no ",
		"deploy.locked        | yes no  no  yes no  yes no  no ",
		"deploy.release       | yes no  no  no  no  no  no  no ",
		"counter.peek         | yes no  no  yes no  yes yes no ",
		"counter.count        | yes no  no  no  no  yes no  no ",
		"counter.reset        | yes no  no  no  no  no  no  no ",
		"counter.__str__      | yes no  no  yes no  yes yes no ",
	}, func(key, line string) string {
		name, method, _ := strings.Cut(line, ".")
		if speakers[key] == nil {
			speakers[key] = as(t, at, key)
		}
		return speakers[key].call(ident(t, at, name), method, arguments[method]...)
	})
}

func TestTheMatrixOfCreate(t *testing.T) {
	_, at, _ := guarded(t)
	ident(t, at, "get_queue", "there")
	checkMatrix(t, "admin producer consumer reader both worker auditor owner", []string{
		"jobs               | yes yes yes yes yes yes no  yes",
		"results            | yes yes yes yes yes yes no  no ",
		"secret             | yes yes yes yes yes no  yes no ",
		"settings           | yes no  no  yes no  yes yes no ",
		"hidden             | yes no  no  yes no  no  no  no ",
		"counter            | yes no  no  yes no  yes yes no ",
		"Queue              | yes yes yes no  yes no  no  no ",
		"list               | yes no  no  no  no  yes no  no ",
		"set                | yes no  no  no  no  no  no  no ",
		"get_queue there    | yes yes yes yes yes no  no  no ",
		"get_queue mine-1   | yes yes yes yes yes yes no  no ",
		"get_queue a-reader | yes yes yes yes yes no  no  no ",
	}, func(key, line string) string {
		name, argument, given := strings.Cut(line, " ")
		args := []any{name}
		if given {
			args = append(args, argument)
		}
		said, _ := as(t, at, key).ask("create", args...)
		return said
	})
}

func TestAReaderMakesNoQueueOfAFamily(t *testing.T) {
	s, at, _ := guarded(t)
	before := len(s.Stats().Queues)
	said, _ := as(t, at, "reader").ask("create", "get_queue", "new")
	assert.Equal(t, "no", said)
	assert.Len(t, s.Stats().Queues, before)
}

func TestANameThatThereIsNotIsRefusedLikeAnother(t *testing.T) {
	_, at, _ := guarded(t)
	said, _ := as(t, at, "worker").ask("create", "nothing")
	assert.Equal(t, "no", said)
	_, text := as(t, at, "admin").ask("create", "nothing")
	assert.Contains(t, text, "KeyError")
}

func TestTheMatrixOfFunctions(t *testing.T) {
	_, at, _ := guarded(t)
	checkMatrix(t, "admin producer consumer reader both worker auditor", []string{
		"dummy             | yes yes yes yes yes yes yes",
		"debug_info        | yes no  no  yes no  no  yes",
		"list_objects      | yes no  no  yes no  no  yes",
		"number_of_objects | yes no  no  yes no  no  yes",
		"list_segments     | yes no  no  yes no  no  yes",
		"list_clients      | yes no  no  yes no  no  yes",
	}, func(key, function string) string {
		said, _ := as(t, at, key).ask(function)
		return said
	})
	for _, k := range testKeys[1:] {
		for _, function := range []string{"shutdown", "track_segment", "release_segment", "no_such"} {
			said, _ := as(t, at, k.Name).ask(function)
			assert.Equal(t, "no", said, "%s: %s", k.Name, function)
		}
	}
}

func TestAnAdminShutsTheServerDown(t *testing.T) {
	s, at, _ := guarded(t)
	said, _ := as(t, at, "admin").ask("shutdown")
	assert.Equal(t, "yes", said)
	<-s.Stopping()
}

func TestListsShowWhatTheKeyNames(t *testing.T) {
	_, at, _ := guarded(t)
	_, info := as(t, at, "auditor").ask("debug_info")
	assert.Equal(t, 2+1, strings.Count(info.(string), "refcount="), "secret, settings, counter")
	_, objects := as(t, at, "auditor").ask("list_objects")
	assert.Len(t, objects.(*pickle.List).Items, 3)
	ident(t, at, "hidden")
	ident(t, at, "settings")
	_, n := as(t, at, "auditor").ask("number_of_objects")
	assert.Equal(t, int64(1), n)
	_, n = as(t, at, "admin").ask("number_of_objects")
	assert.Equal(t, int64(2), n)
}

func TestAKeyWithNamesIsShownItsOwnConnections(t *testing.T) {
	_, at, _ := guarded(t)
	for _, key := range []string{"reader", "auditor"} {
		as(t, at, key).call(ident(t, at, "settings"), "__len__") // and its connection stays
	}
	keys := func(key string) map[string]bool {
		_, list := as(t, at, key).ask("list_clients")
		seen := map[string]bool{}
		for _, c := range list.(*pickle.List).Items {
			k, _ := c.(*pickle.Dict).Get("key")
			seen[k.(string)] = true
		}
		return seen
	}
	assert.Equal(t, map[string]bool{"auditor": true}, keys("auditor"))
	assert.True(t, keys("reader")["auditor"], "a key without names is shown all")
	assert.True(t, keys("admin")["reader"])
}

func TestAGuessedIdentIsOfNoUse(t *testing.T) {
	_, at, _ := guarded(t)
	hidden := ident(t, at, "hidden")
	w := as(t, at, "worker")
	for _, function := range []string{"incref", "decref"} {
		said, _ := w.ask(function, hidden)
		assert.Equal(t, "no", said, function)
	}
	said, _ := w.ask("get_methods", server.PickledToken(at, hidden))
	assert.Equal(t, "no", said)
	for _, method := range []string{"__len__", "__str__", "#GETVALUE", "nothing"} {
		assert.Equal(t, "no", w.call(hidden, method), method)
	}
}

// forged is a proxy of an object, of a class that the reader chooses.
func forged(class string, at connection.Address, ident string) *pickle.Object {
	module := "multiprocessing.managers"
	return &pickle.Object{Kind: pickle.Reduce,
		Class: pickle.Global{Module: module, Name: "RebuildProxy"},
		Args: pickle.Tuple{pickle.Global{Module: module, Name: class}, server.PickledToken(at, ident),
			"pickle", pickle.NewDict()}}
}

// made makes an object for a client and returns its ident.
func (s *speaker) made(typeid string, args ...any) string {
	s.t.Helper()
	said, payload := s.ask("create", append([]any{typeid}, args...)...)
	require.Equal(s.t, "yes", said, payload)
	return payload.(pickle.Tuple)[0].(string)
}

// has returns the length of a container.
func (s *speaker) has(ident string) int64 {
	s.t.Helper()
	s.call(ident, "__len__")
	_, payload := s.exchange(s.conn, ident, "__len__", nil)
	return payload.(int64)
}

func TestAForgedProxyAsAnArgumentReadsNothing(t *testing.T) {
	_, at, _ := guarded(t)
	secret := ident(t, at, "hidden")
	for key, want := range map[string]int64{"admin": 1, "worker": 0} {
		s := as(t, at, key)
		own := s.made("list")
		s.call(own, "extend", forged("ListProxy", at, secret))
		assert.Equal(t, want, s.has(own), key)
	}
}

func TestAForgedProxyThatIsKeptCountsForNothing(t *testing.T) {
	s, at, _ := guarded(t)
	secret := ident(t, at, "hidden")
	references := func() int {
		for _, o := range s.Objects() {
			if o.Ident == secret {
				return o.References
			}
		}
		return -1
	}
	before := references()
	w := as(t, at, "worker")
	require.Equal(t, "yes", w.call(w.made("list"), "append", forged("ListProxy", at, secret)))
	assert.Equal(t, before, references())
	a := as(t, at, "admin")
	require.Equal(t, "yes", a.call(a.made("list"), "append", forged("ListProxy", at, secret)))
	assert.Equal(t, before+1, references())
}

func TestAConditionNeedsALockThatItsMakerMayAcquire(t *testing.T) {
	_, at, _ := guarded(t)
	lock := ident(t, at, "deploy")
	said, text := as(t, at, "worker").ask("create", "Condition", forged("AcquirerProxy", at, lock))
	assert.Equal(t, "#TRACEBACK", said)
	assert.Contains(t, text, "TypeError")
	said, _ = as(t, at, "admin").ask("create", "Condition", forged("AcquirerProxy", at, lock))
	assert.Equal(t, "yes", said)
}

func TestAConditionOverWhatIsNoLockIsTheErrorOfPython(t *testing.T) {
	_, at, _ := guarded(t)
	said, text := as(t, at, "admin").ask("create", "Condition", 5)
	assert.Equal(t, "#TRACEBACK", said)
	assert.Contains(t, text, "AttributeError: 'int' object has no attribute 'acquire'")
}

func TestAnIteratorBelongsToTheObjectThatItGoesOver(t *testing.T) {
	s, at, _ := guarded(t)
	server.IteratorKeys(s, 0)
	settings := ident(t, at, "settings")
	admins := as(t, at, "admin").iterator(settings)
	checkMatrix(t, "auditor worker reader stepper consumer owner", []string{
		"__str__  | no no no no no no",
		"__next__ | no no no no no no",
	}, func(key, method string) string { return as(t, at, key).call(admins, method) })
	for _, key := range []string{"auditor", "worker", "reader"} {
		s := as(t, at, key)
		assert.Equal(t, "yes", s.call(s.iterator(settings), "__next__"), key)
	}
}

// iterator makes an iterator over an object.
func (s *speaker) iterator(ident string) string {
	s.t.Helper()
	require.Equal(s.t, "yes", s.call(ident, "__len__"))
	kind, payload := s.exchange(s.conn, ident, "__iter__", nil)
	require.Equal(s.t, "#PROXY", kind)
	token, err := wire.ParseToken(payload.(pickle.Tuple)[1])
	require.NoError(s.t, err)
	return token.Ident
}

func TestARefusalIsLoggedWithTheKeysNameAlone(t *testing.T) {
	_, at, logged := guarded(t)
	as(t, at, "worker").call(ident(t, at, "jobs"), "clear")
	text := logged.String()
	assert.Contains(t, text, "not allowed")
	assert.Contains(t, text, "key=worker")
	assert.Contains(t, text, `call \"clear\" of \"jobs\"`)
	assert.NotContains(t, text, "-secret")
}

func TestAGoClientKnowsARefusal(t *testing.T) {
	_, at, _ := guarded(t)
	c, err := client.Dial(soon(t), at.String(), &client.Options{Authkey: []byte("worker-secret")})
	require.NoError(t, err)
	defer c.Close()
	require.ErrorIs(t, c.ShutdownServer(soon(t)), managers.ErrPermission)
	jobs, err := c.OpenQueue(soon(t), "jobs")
	require.NoError(t, err)
	require.ErrorIs(t, jobs.Put(soon(t), 1), managers.ErrPermission)
}

func TestKeysAreReplacedForWhoComesNext(t *testing.T) {
	s, at, _ := guarded(t)
	jobs := ident(t, at, "jobs")
	before := as(t, at, "consumer")
	require.Equal(t, "yes", before.call(jobs, "qsize"))
	require.NoError(t, s.SetKeys([]server.Key{testKey("admin", server.RoleAdmin),
		testKey("consumer", server.RoleReadOnly)}))
	assert.Equal(t, "yes", before.call(jobs, "get_nowait"), "a connection keeps its role")
	assert.Equal(t, "no", as(t, at, "consumer").call(jobs, "get_nowait"))
	_, err := connection.Dial(soon(t), at.String(), &connection.DialOptions{Authkey: []byte("worker-secret")})
	require.ErrorIs(t, err, connection.ErrAuth)
	require.Error(t, s.SetKeys(nil))
	assert.Equal(t, "yes", as(t, at, "admin").call(jobs, "get_nowait"), "nothing was changed")
}

func TestAnAuthkeyBesideKeysIsAnAdmins(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: []byte("root-secret"),
		Keys: []server.Key{testKey("reader", server.RoleReadOnly)}})
	require.NoError(t, err)
	defer s.Close()
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	defer serving.Wait()
	serving.Go(func() { _ = s.Serve(context.Background()) })
	require.NoError(t, s.SetKeys([]server.Key{testKey("other", server.RoleReadOnly)}))
	said, _ := as(t, at, "other").ask("shutdown")
	assert.Equal(t, "no", said)
	said, _ = as(t, at, "root").ask("shutdown")
	assert.Equal(t, "yes", said)
}

func TestStrictDigestsHoldForEveryKey(t *testing.T) {
	s, err := server.New(&server.Options{Keys: testKeys,
		Digests: connection.StrictDigests()})
	require.NoError(t, err)
	defer s.Close()
	at, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var serving sync.WaitGroup
	defer serving.Wait()
	serving.Go(func() { _ = s.Serve(context.Background()) })
	said, _ := as(t, at, "worker").ask("dummy")
	assert.Equal(t, "yes", said)
	md5 := []connection.Digest{connection.InsecureMD5}
	_, err = connection.Dial(soon(t), at.String(), &connection.DialOptions{Authkey: []byte("worker-secret"),
		Digests: connection.DigestPolicy{Offer: connection.InsecureMD5, Accept: md5, Answer: md5}})
	require.ErrorIs(t, err, connection.ErrAuth)
	require.NoError(t, s.Close())
}

func TestKeysThatAreRefused(t *testing.T) {
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprint("q", i)
	}
	for name, keys := range map[string][]server.Key{
		"no name":             {testKey("", server.RoleAdmin)},
		"no role":             {testKey("a", 0)},
		"an unknown role":     {testKey("a", 1<<7)},
		"an admin with names": {testKey("a", server.RoleAdmin, "jobs")},
		"no secret":           {{Name: "a", Role: server.RoleAdmin}},
		"a bad pattern":       {testKey("a", server.RoleConsume, "[")},
		"an empty pattern":    {testKey("a", server.RoleConsume, "produce:")},
		"a bad role in one":   {testKey("a", server.RoleConsume, "prodce:jobs")},
		"too many names":      {testKey("a", server.RoleConsume, many...)},
		"one name twice":      {testKey("a", server.RoleConsume), testKey("a", server.RoleAdmin)},
	} {
		_, err := server.New(&server.Options{Keys: keys})
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "-secret", name)
	}
	s, err := server.New(&server.Options{Authkey: []byte("key")})
	require.NoError(t, err)
	defer s.Close()
	require.Error(t, s.SetKeys(testKeys))
}

func TestRolesAreReadBack(t *testing.T) {
	for _, text := range []string{"admin", "produce", "consume", "read-only", "produce+consume"} {
		r, err := server.ParseRole(text)
		require.NoError(t, err)
		assert.Equal(t, text, r.String())
	}
	for _, text := range []string{"", "Admin", "produce+", "hush"} {
		_, err := server.ParseRole(text)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "hush")
	}
	assert.Equal(t, "none", server.Role(0).String())
}

func TestAccessToAMethodThatThereIsNotIsAnError(t *testing.T) {
	s, err := server.New(&server.Options{Authkey: []byte("key")})
	require.NoError(t, err)
	defer s.Close()
	require.Error(t, s.Register("counter", new(counter), &server.RegisterOptions{
		Access: map[string]server.Role{"peak": server.RoleReadOnly}}))
}
