package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"mpbridge/connection"
	"mpbridge/internal/secret"

	"github.com/spf13/cobra"
)

// envAuthkey is the environment variable that holds the key.
const envAuthkey = "MPBRIDGE_AUTHKEY"

// maxKey bounds a key file: what is longer is surely another file.
const maxKey = 64 << 10

// keySource is where a command gets its key from; never an argument, which everybody can see.
type keySource struct {
	file string
	fd   int
}

func (k *keySource) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.file, "authkey-file", "", "file that holds the key, which other users cannot read or change")
	cmd.Flags().IntVar(&k.fd, "authkey-fd", -1, "open descriptor to read the key from")
	cmd.Flags().Lookup("authkey-fd").DefValue = unset
}

// flagged tells whether a flag names a key.
func (k *keySource) flagged() bool { return k.file != "" || k.fd >= 0 }

// read returns the key that the user gave, nil where there is none.
func (k *keySource) read() ([]byte, error) {
	switch {
	case k.file != "" && k.fd >= 0:
		return nil, &usageError{errors.New("--authkey-file and --authkey-fd exclude each other")}
	case k.file != "":
		key, err := keyOfFile(k.file)
		return key, flagError("authkey-file", err)
	case k.fd >= 0:
		key, err := readKey(os.NewFile(uintptr(k.fd), "authkey"))
		return key, flagError("authkey-fd", err)
	}
	if key, ok := os.LookupEnv(envAuthkey); ok {
		if key == "" {
			return nil, usagef("%s: the key is empty", envAuthkey)
		}
		return []byte(key), nil
	}
	return nil, nil
}

// flagError makes an error, if there is one, one of the command line that names the flag. A hint stays.
func flagError(name string, err error) error {
	if err == nil {
		return nil
	}
	return usagef("--%s: %w", name, err)
}

// flagValueError says with which value of a flag something failed that may go well another time.
func flagValueError(flag, value string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--%s %s: %w", flag, value, err)
}

func readKey(f *os.File) ([]byte, error) {
	defer f.Close()
	key, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err != nil {
		return nil, err
	}
	if len(key) > maxKey {
		return nil, fmt.Errorf("the key is longer than %d bytes", maxKey)
	}
	return keyIn(key)
}

// keyOfFile reads a key from a file that nobody else may read or change.
func keyOfFile(name string) ([]byte, error) {
	text, err := readSecret(name, maxKey)
	if err != nil {
		return nil, err
	}
	return keyIn(text)
}

// keyIn takes the line end off the text of a file.
func keyIn(text []byte) ([]byte, error) {
	key := bytes.TrimRight(text, "\r\n")
	if len(key) == 0 {
		return nil, errors.New("the key is empty")
	}
	return key, nil
}

var errNoKey = errors.New("no key was given")

// forClient returns the key to use against a server, which may have made its own on this machine.
func (k *keySource) forClient(addr connection.Address) ([]byte, error) {
	key, err := k.read()
	if key != nil || err != nil {
		return key, err
	}
	switch text, err := secret.Kept(generatedKeyDir(), generatedKeyPath(addr), maxKey); {
	case err == nil:
		return keyIn(text)
	case !errors.Is(err, os.ErrNotExist):
		return nil, hinted(err)
	}
	return nil, &hintError{&usageError{errNoKey},
		"set " + envAuthkey + ", or use --authkey-file or --authkey-fd"}
}

// generatedKeyDir is where servers keep keys that they made up.
func generatedKeyDir() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		return filepath.Join(dir, "mpbridge")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("mpbridge-%d", os.Geteuid()))
}

// generatedKeyPath is the file in it of the key for an address.
func generatedKeyPath(addr connection.Address) string {
	sum := sha256.Sum256([]byte(addr.Network + " " + addr.String()))
	return hex.EncodeToString(sum[:8]) + ".key"
}

// saveKey keeps a made-up key where only this user can read it, and returns where.
func saveKey(addr connection.Address, key []byte) (string, error) {
	folder, name := generatedKeyDir(), generatedKeyPath(addr)
	err := secret.Save(folder, name, append(bytes.Clone(key), '\n'))
	return filepath.Join(folder, name), hinted(err)
}

func generateKey() []byte {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return []byte(hex.EncodeToString(b[:]))
}
