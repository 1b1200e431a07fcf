package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mpbridge/interop/certs"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// try runs the program without input and returns the exit code and what it said on standard error.
func try(args ...string) (code int, said string) {
	var err bytes.Buffer
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel() // of what serves although it should not
	code = runContext(ctx, args, strings.NewReader(""), io.Discard, &err)
	return code, err.String()
}

// everyFlag calls f with each flag of each command, and with arguments that the command takes.
func everyFlag(t *testing.T, f func(t *testing.T, args []string, flag *pflag.Flag)) {
	arguments := map[string][]string{"put": {"127.0.0.1:1", "q", "1"}, "get": {"127.0.0.1:1", "q"}, "peek": {"127.0.0.1:1", "q"},
		"ack": {"127.0.0.1:1", "q", "r"}, "nack": {"127.0.0.1:1", "q", "r"}, "extend": {"127.0.0.1:1", "q", "r"},
		"call": {"127.0.0.1:1", "q"}, "ls": {"127.0.0.1:1"}, "clients": {"127.0.0.1:1"}, "kill": {"127.0.0.1:1", "1"},
		"snapshot": {"127.0.0.1:1"}, "map": {"math:sqrt"}, "inspect": {os.DevNull},
		"tunnel": {"--listen", "127.0.0.1:0", "--to", "tls://127.0.0.1:1"}}
	t.Setenv(envAuthkey, "key")
	seen := 0
	eachCommand(rootCommand(&ui{}), func(c *cobra.Command) {
		c.InitDefaultHelpFlag()
		c.LocalFlags().VisitAll(func(flag *pflag.Flag) {
			seen++
			path := strings.Fields(c.CommandPath())[1:]
			t.Run(strings.Join(append(path, flag.Name), "/"), func(t *testing.T) {
				f(t, append(path, arguments[c.Name()]...), flag)
			})
		})
	})
	require.Greater(t, seen, 100)
}

func TestEachFlagShowsItsDefault(t *testing.T) {
	everyFlag(t, func(t *testing.T, args []string, flag *pflag.Flag) {
		if flag.Value.Type() == "bool" {
			assert.Equal(t, "false", flag.DefValue, "a switch is off")
			return
		}
		set := pflag.NewFlagSet("", pflag.ContinueOnError)
		set.AddFlag(flag)
		text := set.FlagUsages()
		assert.True(t, strings.Contains(text, "(default ") || strings.Contains(text, "default ") ||
			strings.Contains(text, "repeatable") || strings.Contains(text, "("+flag.DefValue+":"), text)
	})
}

func TestEachFlagRefusesWhatItCannotUseByItsName(t *testing.T) {
	bad := map[string][]string{
		"int": {"x", "-1", "99999999999999999999"}, "int64": {"x", "-1"}, "duration": {"x", "-1s", "5"}, "size": {"x", "-1"}, "time": {"x", "-1s"},
		"bool": {"x"}}
	texts := map[string]string{
		"serve/address": "no address", "serve/array": "x", "serve/barrier": "x=none", "serve/keys": "/nosuch",
		"serve/dict": "x={", "serve/list": "x={", "serve/set": "x={", "serve/namespace": "x=1", "serve/value": "x={",
		"serve/queue": "x=y", "serve/joinable": "x=y", "serve/lifo": "x=y", "serve/priority": "x=-1",
		"serve/semaphore": "x=none", "serve/bounded-semaphore": "x=none", "serve/event": "=", "serve/lock": "",
		"serve/rlock": "", "serve/condition": "", "serve/lease": "1us", "serve/max-bytes": "x", "serve/max-deliveries": "3",
		"serve/log-format": "x", "serve/log-level": "x", "serve/socket-mode": "999", "serve/socket-owner": ":",
		"serve/start-method": "x", "serve/preload": "a b", "serve/authkey-file": "/nosuch",
		"serve/snapshot-from": "x", "tunnel/listen": "", "tunnel/to": "", "tunnel/log-format": "x", "tunnel/log-level": "x",
		"front/at": "no address", "front/listen": "no address", "front/choose": "x", "map/start-method": "x",
		"map/preload": "a b", "map/progress": "x", "map/initializer": "x", "map/initarg": "{", "map/workers": "70000",
		"put/serializer": "x", "get/serializer": "x", "call/serializer": "x", "ls/serializer": "x",
		"clients/serializer": "x", "kill/serializer": "x", "call/kw": "x",
		"put/authkey-file": "/nosuch", "serve/python": "nosuchpython", "serve/venv": "/nosuch",
	}
	everyFlag(t, func(t *testing.T, args []string, flag *pflag.Flag) {
		if len(args) == 0 || flag.Name == "help" {
			return
		}
		name := args[0] + "/" + flag.Name
		values := bad[flag.Value.Type()]
		if text, ok := texts[name]; ok {
			values = append(values, text)
		}
		for _, v := range values {
			more := []string{"--" + flag.Name + "=" + v}
			switch {
			case flag.Name == "authkey-file":
				t.Setenv(envAuthkey, "")
			case name == "serve/socket-mode" || name == "serve/socket-owner":
				more = append(more, "--address", filepath.Join(t.TempDir(), "s"))
				if flag.Name == "socket-owner" {
					more = append(more, "--socket-mode", "0660")
				}
			case name == "serve/python" || name == "serve/venv":
				more = append(more, "--pool", "1")
			}
			if args[0] == "serve" && flag.Name != "address" && !strings.HasPrefix(flag.Name, "socket") {
				more = append(more, "--address", "127.0.0.1:0")
			}
			code, said := try(append(append([]string{}, args...), more...)...)
			assert.Equal(t, exitUsage, code, "%s=%s: %s", name, v, said)
			assert.Contains(t, said, "--"+flag.Name, v)
		}
	})
}

func TestNoFlagOfTextIsTakenEmpty(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	everyFlag(t, func(t *testing.T, args []string, flag *pflag.Flag) {
		_, list := flag.Value.(pflag.SliceValue)
		if len(args) == 0 || !list && flag.Value.Type() != "string" {
			return
		}
		code, said := try(append(slices.Clone(args), "--"+flag.Name, "")...)
		assert.Equal(t, exitUsage, code, "%v --%s: %s", args, flag.Name, said)
		assert.Contains(t, said, "--"+flag.Name)
	})
}

func TestAKeyThatIsEmptyInTheEnvironmentIsNone(t *testing.T) {
	t.Setenv(envAuthkey, "")
	for _, args := range [][]string{{"serve", "--address", "127.0.0.1:0"}, {"ls", "127.0.0.1:1"}, {"front"}} {
		code, said := try(args...)
		assert.Equal(t, exitUsage, code, said)
		assert.Contains(t, said, envAuthkey+": the key is empty")
	}
}

func TestABarrierHasToSayForHowMany(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	code, said := try("serve", "--address", "127.0.0.1:0", "--barrier", "start")
	assert.Equal(t, exitUsage, code, said)
	assert.Contains(t, said, `--barrier "start": want NAME=PARTIES`)
}

func TestAFileOfTLSIsRefusedByTheNameOfItsFlag(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	dir := t.TempDir()
	require.NoError(t, certs.WriteAll(dir))
	file := func(name string) string { return filepath.Join(dir, name) }
	serve := func(flags ...string) []string {
		return append([]string{"serve", "--address", "tls://127.0.0.1:0"}, flags...)
	}
	for flag, args := range map[string][]string{
		"--tls-cert":      serve("--tls-cert", "/nosuch", "--tls-key", file("server.key")),
		"--tls-key":       serve("--tls-cert", file("server.pem"), "--tls-key", dir),
		"--tls-client-ca": serve("--tls-cert", file("server.pem"), "--tls-key", file("server.key"), "--tls-client-ca", file("server.key")),
		"--ca": {"tunnel", "--listen", "127.0.0.1:0", "--to", "tls://127.0.0.1:1", "--cert", file("client.pem"),
			"--key", file("client.key"), "--ca", "/nosuch"},
		"--client-ca": {"tunnel", "--listen", "tls://127.0.0.1:0", "--to", "127.0.0.1:1", "--cert", file("server.pem"),
			"--key", file("server.key"), "--client-ca", "/nosuch"},
	} {
		code, said := try(args...)
		assert.Equal(t, exitUsage, code, said)
		assert.Contains(t, said, "error: "+flag+": ")
	}
}

func TestCommandsSayThatTheySpeakNoTLS(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	for _, args := range [][]string{{"ls"}, {"get"}, {"put"}, {"front", "--at"}} {
		at := len(args)
		args = append(args, "tls://127.0.0.1:1")
		if at == 1 && args[0] != "ls" {
			args = append(args, "jobs")
		}
		code, said := try(args...)
		assert.Equal(t, exitUsage, code, said)
		assert.Contains(t, said, "speak no TLS\nhint: mpbridge tunnel")
	}
}

func TestWhoCannotListenSaysWhere(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	folder := t.TempDir()
	code, said := try("serve", "--address", "127.0.0.1:0", "--address", folder)
	assert.Equal(t, exitFailed, code, said)
	assert.Contains(t, said, "--address "+folder+": connection: listen: the file is not a socket: ")
}

func TestAnInterpreterThatIsNotThereIsRefusedByTheNameOfItsFlag(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	for _, args := range [][]string{{"map", "math:sqrt"}, {"serve", "--address", "127.0.0.1:0", "--pool", "1"}, {"demo"},
		{"demo", "sockets"}, {"demo", "pool"}} {
		code, said := try(append(args, "--python", "nosuchpython")...)
		assert.Equal(t, exitUsage, code, said)
		assert.Contains(t, said, `--python "nosuchpython": there is no such interpreter`)
	}
	code, said := try("map", "math:sqrt", "--venv", "/nosuch")
	assert.Equal(t, exitUsage, code, said)
	assert.Contains(t, said, `--venv "/nosuch": there is no such interpreter`)
}

func TestWhatIsNoCommandIsRefused(t *testing.T) {
	for _, args := range [][]string{
		{"nosuch"}, {"completion", "nosuch"}, {"completion"}, {"completion", "bash", "x"}, {"demo", "nosuch"},
		{"help", "nosuch"}, {"help", "serve", "x"}, {"serve", "x"}, {"version", "x"}, {"ls"}, {"ls", "a", "b"}, {"kill", "a"},
		{"front", "x"}, {"tunnel", "x"}, {"map"}, {"map", "a:b", "c"}, {"put"}, {"get"}, {"get", "a", "b", "c"}, {"inspect"},
		{"call", "a"}, {"clients"}, {"demo", "pool", "x"}, {"--nosuch"}, {"serve", "--nosuch"}, {"-z"},
	} {
		code, said := try(args...)
		assert.Equal(t, exitUsage, code, "%v: %s", args, said)
		assert.Contains(t, said, "error: ", "%v", args)
	}
}

func TestLimitsAreRefusedByTheNamesOfTheirFlags(t *testing.T) {
	t.Setenv(envAuthkey, "key")
	for flag, want := range map[string]string{
		"--max-message=1":         "--max-message 1: want 4KiB to 64TiB",
		"--max-items=0":           "--max-items 0: want more than 0",
		"--max-pickle-depth=1":    "--max-pickle-depth 1: want 16 to 100000",
		"--write-stall=1ns":       "--write-stall 1ns: want 10ms to 87600h0m0s",
		"--max-deliveries=5":      "--max-deliveries needs --lease",
		"--max-deliveries=jobs=5": `--max-deliveries "jobs=5": there is no queue of this name`,
		"--authkey-fd=-2":         "--authkey-fd -2: want 0 or more",
		"--python=nosuch":         "--pool",
		"--semaphore=s=\"three\"": "--semaphore",
	} {
		if want == "" {
			continue
		}
		code, said := try("serve", "--address", "127.0.0.1:0", flag)
		assert.Equal(t, exitUsage, code, said)
		assert.Contains(t, said, want)
	}
}

func TestTheVersionIsTold(t *testing.T) {
	var out bytes.Buffer
	require.Equal(t, 0, run([]string{"version"}, nil, &out, io.Discard))
	assert.Regexp(t, `^mpbridge \S+ .*go1\.\d+.* \w+/\w+\n$`, out.String())
	out.Reset()
	require.Equal(t, 0, run([]string{"version", "--json"}, nil, &out, io.Discard))
	assert.Contains(t, out.String(), `"version":`)
}
