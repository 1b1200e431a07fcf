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
	cmd.Flags().StringVar(&k.file, "authkey-file", "", "file that holds the key")
	cmd.Flags().IntVar(&k.fd, "authkey-fd", -1, "open descriptor to read the key from")
}

// flagged tells whether a flag names a key.
func (k *keySource) flagged() bool { return k.file != "" || k.fd >= 0 }

// given returns the key that the user gave, nil where there is none.
func (k *keySource) given() ([]byte, error) {
	switch {
	case k.file != "" && k.fd >= 0:
		return nil, &usageError{errors.New("--authkey-file and --authkey-fd exclude each other")}
	case k.file != "":
		f, err := os.Open(k.file)
		if err != nil {
			return nil, err
		}
		return readKey(f)
	case k.fd >= 0:
		return readKey(os.NewFile(uintptr(k.fd), "authkey"))
	}
	if key, ok := os.LookupEnv(envAuthkey); ok {
		return checkKey([]byte(key))
	}
	return nil, nil
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
	return checkKey(bytes.TrimRight(key, "\r\n"))
}

func checkKey(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, errors.New("the key is empty")
	}
	return key, nil
}

// forClient returns the key to use against a server, which may have made its own on this machine.
func (k *keySource) forClient(addr connection.Address) ([]byte, error) {
	key, err := k.given()
	if key != nil || err != nil {
		return key, err
	}
	if f, err := os.Open(madeKeyFile(addr)); err == nil {
		return readKey(f)
	}
	return nil, &hintError{&usageError{errors.New("no key was given")},
		"set " + envAuthkey + ", or use --authkey-file or --authkey-fd"}
}

// madeKeyFile is where a server keeps a key that it made up for an address.
func madeKeyFile(addr connection.Address) string {
	dir := os.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("mpbridge-%d", os.Getuid()))
	} else {
		dir = filepath.Join(dir, "mpbridge")
	}
	sum := sha256.Sum256([]byte(addr.Network + " " + addr.String()))
	return filepath.Join(dir, hex.EncodeToString(sum[:8])+".key")
}

// saveKey keeps a made-up key where only this user can read it.
func saveKey(addr connection.Address, key []byte) (string, error) {
	path := madeKeyFile(addr)
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	// The folder may have been somebody else's all along.
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.Write(append(key, '\n'))
	return path, errors.Join(err, f.Close())
}

func makeKey() []byte {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return []byte(hex.EncodeToString(b[:]))
}
