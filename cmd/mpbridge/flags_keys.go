package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"mpbridge/connection"
	"mpbridge/internal/secret"
	"mpbridge/managers/server"
)

// readSecret reads a file that package secret finds fit, and hints at what to do about one that is not.
func readSecret(path string, limit int64) ([]byte, error) {
	text, err := secret.Read(path, limit)
	return text, hinted(err)
}

// hinted has the error of an unfit file say what to do.
func hinted(err error) error {
	if unfit := (*secret.Error)(nil); errors.As(err, &unfit) {
		return &hintError{err, unfit.Remedy}
	}
	return err
}

// maxKeyFile bounds a file of keys, in bytes, and maxKeyLine one line.
const (
	maxKeyFile = 1 << 20
	maxKeyLine = 64 << 10
)

// maxKeyName bounds the name of a key, which goes into the log.
const maxKeyName = 64

// readKeyFile reads a file of keys.
func readKeyFile(path string) ([]server.Key, error) {
	text, err := readSecret(path, maxKeyFile)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// parseKeys reads one key a line:
//
//	NAME ROLE SECRET [PATTERN...]
//
// SECRET is hex:…, base64:… or text:…, and # begins a comment at the beginning of a line or behind
// a blank. Errors name lines and never what stands there, for the secret may be in the wrong place.
func parseKeys(text []byte) (keys []server.Key, err error) {
	names, secrets := make(map[string]int), make(map[string]int) // the lines that they stand in
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(make([]byte, 0, maxKeyLine), maxKeyLine)
	n := 0
	for sc.Scan() {
		n++
		fields := stripComment(strings.Fields(sc.Text()))
		if len(fields) == 0 {
			continue
		}
		k, err := parseKey(fields)
		switch {
		case err != nil:
		case names[k.Name] != 0:
			err = fmt.Errorf("the name is that of line %d", names[k.Name])
		case secrets[string(k.Secret)] != 0:
			err = fmt.Errorf("the secret is that of line %d", secrets[string(k.Secret)])
		case len(keys) == connection.MaxKeys:
			err = fmt.Errorf("more than %d keys", connection.MaxKeys)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		names[k.Name], secrets[string(k.Secret)] = n, n
		keys = append(keys, k)
	}
	if sc.Err() != nil {
		return nil, fmt.Errorf("line %d: longer than %d bytes", n+1, maxKeyLine)
	}
	if len(keys) == 0 {
		return nil, errors.New("there are no keys in it")
	}
	return keys, nil
}

func stripComment(fields []string) []string {
	for i, f := range fields {
		if strings.HasPrefix(f, "#") {
			return fields[:i]
		}
	}
	return fields
}

var (
	errKeyFields = errors.New("want NAME ROLE SECRET [PATTERN...]")
	errKeyName   = fmt.Errorf("a name has up to %d letters, digits and . _ @ -", maxKeyName)
	errKeyRole   = errors.New("the role is none of admin, produce, consume, read-only")
	errSecret    = errors.New("the secret is no valid hex:, base64: or text: value")
	errNoSecret  = errors.New("the secret is empty")
)

// parseKey reads the fields of one line.
func parseKey(fields []string) (k server.Key, err error) {
	if len(fields) < 3 {
		return k, errKeyFields
	}
	k.Name = fields[0]
	if len(k.Name) > maxKeyName || strings.ContainsFunc(k.Name, notInKeyName) {
		return k, errKeyName
	}
	if k.Role, err = server.ParseRole(fields[1]); err != nil {
		return k, errKeyRole
	}
	if k.Secret, err = parseSecret(fields[2]); err != nil {
		return k, err
	}
	k.Names = fields[3:]
	return k, k.Check()
}

func notInKeyName(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"+
		"0123456789._@-", r)
}

func parseSecret(text string) (key []byte, err error) {
	form, value, _ := strings.Cut(text, ":")
	switch form {
	case "hex":
		key, err = hex.DecodeString(value)
	case "base64":
		key, err = base64.StdEncoding.DecodeString(value)
	case "text":
		key = []byte(value)
	default:
		return nil, errSecret
	}
	switch {
	case err != nil:
		return nil, errSecret // the cause would quote it
	case len(key) == 0:
		return nil, errNoSecret
	}
	return key, nil
}
