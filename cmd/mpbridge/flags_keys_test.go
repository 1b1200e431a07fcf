package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mpbridge/connection"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const goodKeys = `
# who   what              secret
boss    admin             text:top#secret       # a comment
w-1     consume           hex:00ff              jobs produce:results read-only:settings
w.2@x   produce+consume   base64:aHVzaCE=
`

func TestAFileOfKeysIsRead(t *testing.T) {
	keys, err := parseKeys([]byte(goodKeys))
	require.NoError(t, err)
	assert.Equal(t, []server.Key{
		{Name: "boss", Role: server.RoleAdmin, Secret: []byte("top#secret"), Names: []string{}},
		{Name: "w-1", Role: server.RoleConsume, Secret: []byte{0, 0xff},
			Names: []string{"jobs", "produce:results", "read-only:settings"}},
		{Name: "w.2@x", Role: server.RoleProduce | server.RoleConsume, Secret: []byte("hush!"),
			Names: []string{}},
	}, keys)
}

func TestLinesThatAreNoKeys(t *testing.T) {
	for line, want := range map[string]string{
		"a admin":                        "want NAME ROLE SECRET",
		"a admin #text:hush":             "want NAME ROLE SECRET",
		"a boss text:hush":               "the role is none of",
		"a text:hush admin":              "the role is none of",
		"a: admin text:hush":             "a name has",
		"\xff admin text:hush":           "a name has",
		"a admin hush":                   "the secret is no valid",
		"a admin hex:hush":               "the secret is no valid",
		"a admin base64:hush=":           "the secret is no valid",
		"a admin text:":                  "the secret is empty",
		"a admin text:hush jobs":         "names cannot be limited",
		"a consume text:hush [":          "syntax error in pattern",
		"a consume text:hush eat:jobs":   "a role is one of",
		"first admin text:hush":          "the name is that of line 1",
		"a admin text:one":               "the secret is that of line 1",
		strings.Repeat("a", 65) + " a b": "a name has",
		strings.Repeat("hush", 20_000):   "longer than",
	} {
		_, err := parseKeys([]byte("first admin text:one\n" + line + "\n"))
		require.Error(t, err, line)
		assert.True(t, strings.HasPrefix(err.Error(), "line 2: "), err.Error())
		assert.Contains(t, err.Error(), want)
		assert.NotContains(t, err.Error(), "hush", "errors hold no secrets")
	}
}

func TestAFileWithoutKeysIsAnError(t *testing.T) {
	for _, text := range []string{"", "# nothing\n\n"} {
		_, err := parseKeys([]byte(text))
		require.Error(t, err)
	}
}

func TestTooManyKeysAreAnError(t *testing.T) {
	var text bytes.Buffer
	for i := range connection.MaxKeys + 1 {
		fmt.Fprintf(&text, "k%d admin text:%d\n", i, i)
	}
	_, err := parseKeys(text.Bytes())
	require.ErrorContains(t, err, "line 1001: more than 1000 keys")
}

func TestAFileThatOthersMayReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(path, []byte(goodKeys), 0o600))
	for mode, fits := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o640: true, 0o644: false, 0o604: false, 0o660: false, 0o602: false,
	} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := readKeyFile(path)
		if fits {
			require.NoError(t, err, mode)
			continue
		}
		hint := (*hintError)(nil)
		require.True(t, errors.As(err, &hint), mode)
		assert.Equal(t, "chmod 600 "+path, hint.hint)
	}
}

func TestAFileThatCannotBeReadIsAnError(t *testing.T) {
	dir := t.TempDir()
	_, err := readKeyFile(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	long := filepath.Join(dir, "long")
	require.NoError(t, os.WriteFile(long, make([]byte, maxKeyFile+1), 0o600))
	_, err = readKeyFile(long)
	require.ErrorContains(t, err, "longer than")
	bad := filepath.Join(dir, "bad")
	require.NoError(t, os.WriteFile(bad, []byte("x"), 0o600))
	_, err = readKeyFile(bad)
	require.ErrorContains(t, err, "line 1: ")
}

func TestOwnersAreNamesOrNumbers(t *testing.T) {
	for text, want := range map[string]connection.FileOwner{
		"5": {UID: 5, GID: -1}, ":7": {UID: -1, GID: 7}, "5:7": {UID: 5, GID: 7},
		"root": {UID: 0, GID: -1}, "0:": {UID: 0, GID: -1},
	} {
		o, err := parseOwner(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, *o, text)
	}
	for _, text := range []string{"", ":", "no-such-user", "0:no-such-group", "-1"} {
		_, err := parseOwner(text)
		require.Error(t, err, text)
	}
}

// FuzzKeyFile checks that what is read is fit for a server but for its secrets, and that no error
// repeats what stands in the file.
func FuzzKeyFile(f *testing.F) {
	f.Add([]byte(goodKeys))
	f.Add([]byte("a admin hex:zz"))
	f.Add([]byte("a consume text:x produce:[ b:c"))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := parseKeys(text)
		if err != nil {
			for _, field := range strings.Fields(string(text)) {
				if form, value, ok := strings.Cut(field, ":"); ok && form != "" && len(value) > 20 &&
					strings.Contains(err.Error(), value) {
					t.Fatal("a secret in the error")
				}
			}
			return
		}
		for i := range keys {
			if keys[i].Name == "" || len(keys[i].Secret) == 0 || keys[i].Check() != nil {
				t.Fatalf("not a key: %d", i)
			}
		}
	})
}
