package spawn_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
	"mpbridge/spawn"
)

// sent is what a Python sends, in a protocol.
func sent(t testing.TB, protocol int, target any, args ...any) []byte {
	t.Helper()
	opts := &pickle.EncodeOptions{Protocol: protocol}
	key := &pickle.Object{Class: pickle.Global{Module: "multiprocessing.process", Name: "AuthenticationString"},
		Args: pickle.Tuple{[]byte("key")}}
	preparation, err := opts.Marshal(pickle.NewDict("log_to_stderr", false, "authkey", key, "name", "Process-1",
		"sys_path", &pickle.List{Items: []any{"/usr/lib"}}, "sys_argv", &pickle.List{Items: []any{"a.py"}}))
	require.NoError(t, err)
	process, err := opts.Marshal(&pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: "multiprocessing.context", Name: "SpawnProcess"}, Args: pickle.Tuple{},
		HasState: true, State: pickle.NewDict("_identity", pickle.Tuple{int64(1), int64(2)},
			"_config", pickle.NewDict("authkey", key, "daemon", true), "_parent_pid", int64(42), "_parent_name", "MainProcess",
			"_name", "Process-1", "_target", target, "_args", pickle.Tuple(args), "_kwargs", pickle.NewDict()),
	})
	require.NoError(t, err)
	return append(preparation, process...)
}

var sin = pickle.Global{Module: "math", Name: "sin"}

// partial is functools.partial(math.sin, 1) as a parent pickles it.
func partial() *pickle.Object {
	return &pickle.Object{Class: pickle.Global{Module: "multiprocessing.reduction", Name: "_rebuild_partial"},
		Args: pickle.Tuple{sin, pickle.Tuple{int64(1)}, pickle.NewDict()}}
}

func TestTheTargetIsKnownBeforeTheArgumentsAreThere(t *testing.T) {
	for protocol := 2; protocol <= pickle.HighestProtocol; protocol++ {
		for _, target := range []any{sin, partial()} {
			data := sent(t, protocol, target, bytes.Repeat([]byte("x"), 5000))
			known := 0
			for n := range data[:1500] { // a step further than where it is known
				class, name, ok := spawn.Aim(data[:n])
				if !ok {
					require.Zero(t, known, "it is known at %d and not at %d", known, n)
					continue
				}
				if known == 0 {
					known = n
				}
				require.Equal(t, "multiprocessing.context:SpawnProcess", class)
				require.Equal(t, "math:sin", name)
			}
			assert.Less(t, known, len(data)-5000, "protocol %d", protocol)
			assert.Positive(t, known)
		}
	}
}

func TestAProcessIsDescribed(t *testing.T) {
	data := sent(t, 4, partial(), "two")
	c, args, err := spawn.Describe(data, nil)
	require.NoError(t, err)
	assert.Equal(t, []any{int64(1), "two"}, args)
	assert.Zero(t, c.Attributes.Len())
	c.Attributes = nil
	assert.Equal(t, &spawn.CurrentProcess{
		Name: "Process-1", Identity: []int{1, 2}, Class: "multiprocessing.context:SpawnProcess", Daemon: true, ParentPid: 42,
		ParentName: "MainProcess", Authkey: []byte("key"), SysArgv: []string{"a.py"}, SysPath: []string{"/usr/lib"}, Protocol: 4,
	}, c)
}

func TestWhatIsNoProcessIsRefused(t *testing.T) {
	whole := sent(t, 4, sin)
	two, err := pickle.Marshal(2)
	require.NoError(t, err)
	size, err := pickle.DocumentSize(whole)
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"nothing": {}, "the first half": whole[:size], "no dict": append(two, whole[size:]...), "no object": append(whole[:size:size], two...),
		"cut short": whole[:len(whole)-1], "no pickle": []byte("GET / HTTP/1.1\r\n\r\n"),
	} {
		_, _, err := spawn.Describe(data, nil)
		assert.Error(t, err, name)
	}
}

func TestWhatIsTooMuchIsRefused(t *testing.T) {
	_, _, err := spawn.Describe(sent(t, 4, sin, make([]int, 1000)), &pickle.DecodeOptions{MaxItems: 500})
	var limit *pickle.LimitError
	assert.ErrorAs(t, err, &limit)
}

// FuzzBootstrap reads what a parent sends, whole and in part.
func FuzzBootstrap(f *testing.F) {
	for protocol := 2; protocol <= pickle.HighestProtocol; protocol++ {
		f.Add(sent(f, protocol, partial(), []any{1, "two"}))
	}
	limits := &pickle.DecodeOptions{MaxItems: 1 << 12, MaxBytes: 1 << 16}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, _ = spawn.Aim(data)
		c, _, err := spawn.Describe(data, limits)
		if err == nil && c.Class == "" {
			t.Fatal("a process without a class")
		}
	})
}
