package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os/user"
	"strconv"
	"strings"

	"mpbridge/connection"
	"mpbridge/managers/server"

	"github.com/spf13/pflag"
)

// accessFlags are the flags of serve that say who may connect, and as what.
type accessFlags struct {
	keys  string // path
	mode  string
	owner string
}

func (a *accessFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&a.keys, "keys", "",
		"file of several keys, one a line: NAME ROLE SECRET [PATTERN...]; read again on SIGHUP")
	f.StringVar(&a.mode, "socket-mode", "", "mode of unix sockets, as in 0660")
	f.StringVar(&a.owner, "socket-owner", "", "owner of unix sockets: `USER[:GROUP]` or :GROUP")
}

// apply puts the flags into the options of a server.
func (a *accessFlags) apply(o *server.Options, addrs []endpoint) (err error) {
	if a.keys != "" {
		if o.Keys, err = readKeyFile(a.keys); err != nil {
			return flagError("keys", err)
		}
	}
	if err := a.checkSockets(addrs); err != nil {
		return &usageError{err}
	}
	if a.mode != "" {
		if o.UnixMode, err = parseMode(a.mode); err != nil {
			return &usageError{err}
		}
	}
	if a.owner != "" {
		if o.UnixOwner, err = parseOwner(a.owner); err != nil {
			return &usageError{err}
		}
	}
	return nil
}

// checkSockets refuses flags that would have no effect.
func (a *accessFlags) checkSockets(addrs []endpoint) error {
	if a.owner != "" && a.mode == "" {
		return errors.New("--socket-owner needs --socket-mode")
	}
	if a.mode == "" {
		return nil
	}
	for _, addr := range addrs {
		if addr.Network == connection.Unix && !strings.HasPrefix(addr.Name, "@") {
			return nil
		}
	}
	return errors.New("--socket-mode is for unix sockets with a path, and no --address is one")
}

func parseMode(text string) (fs.FileMode, error) {
	n, err := strconv.ParseUint(text, 8, 32)
	if err != nil || n == 0 || n > 0o777 {
		return 0, fmt.Errorf("--socket-mode %q: want octal digits, as in 0660", text)
	}
	return fs.FileMode(n), nil
}

// parseOwner reads names or numbers, as chown(1) does.
func parseOwner(text string) (*connection.FileOwner, error) {
	name, group, _ := strings.Cut(text, ":")
	o := &connection.FileOwner{UID: -1, GID: -1}
	if name == "" && group == "" {
		return nil, fmt.Errorf("--socket-owner %q: want USER, USER:GROUP or :GROUP", text)
	}
	var err error
	if name != "" {
		o.UID, err = idOf(name, func() (string, error) {
			u, err := user.Lookup(name)
			if err != nil {
				return "", err
			}
			return u.Uid, nil
		})
	}
	if err == nil && group != "" {
		o.GID, err = idOf(group, func() (string, error) {
			g, err := user.LookupGroup(group)
			if err != nil {
				return "", err
			}
			return g.Gid, nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("--socket-owner %q: %w", text, err)
	}
	return o, nil
}

// idOf returns the number that text is, or that a name stands for.
func idOf(text string, lookup func() (string, error)) (int, error) {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return int(n), nil
	}
	id, err := lookup()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(id)
}

// reload reads the file of keys again. Where that fails the keys stay as they are.
func (a *accessFlags) reloadKeys(s *server.Server, log *slog.Logger) {
	keys, err := readKeyFile(a.keys)
	if err == nil {
		err = s.SetKeys(keys)
	}
	if err != nil {
		log.Error("the keys stay as they were", "error", err)
		return
	}
	log.Info("read the keys again", "keys", len(keys))
}
