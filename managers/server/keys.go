package server

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"mpbridge/connection"
)

// Key is one of several keys of a Server, with what the clients who have it may do.
//
//	                                     admin  produce  consume  read-only
//	queue: put, put_nowait, put_many     yes    yes      -        -
//	queue: get, get_nowait, get_many,    yes    -        yes      -
//	  task_done, lease, ack, nack,
//	  extend, unacked
//	queue: peek                          yes    -        yes      yes
//	queue: qsize, empty, full, join      yes    yes      yes      yes
//	queue: clear, shutdown               yes    -        -        -
//	other types: methods that read       yes    named    named    yes
//	other types: methods that change,    yes    named    named    -
//	  acquire, release, wait
//	registered Go values, other Objects  yes    Access of the Type or RegisterOptions
//	str(proxy)                           yes    yes      yes      yes
//	create: what is shared by name       yes    yes      yes      yes
//	create: what it makes anew           yes    yes      yes      -
//	debug_info, list_objects,            yes    -        -        yes
//	  number_of_objects, list_segments,
//	  list_clients
//	shutdown, track_segment,             yes    -        -        -
//	  release_segment
//
// "named" means that Names has to match: without Names, produce and consume reach queues alone. All
// of it, and the counting of references, holds for objects that Names match only. An object that a
// method returned, such as an iterator, belongs to the name of the object whose method it was.
//
// What a client makes belongs to its key: other keys reach it only after a client of theirs was sent a
// proxy of it, in what it took out of an object of this server, and keep to Names then, too. They do not
// see it in lists, and take back no references but their own. Exceptions are what is shared by name,
// which belongs to all, and RoleAdmin, which reaches everything, or everything of a name that Names give
// it on. A key is told by its Name, also after SetKeys.
//
// A refused call raises PermissionError, which is OSError in Python 2; of the functions of the
// server itself, create among them, the error is a RemoteError whose text ends in a line of that
// name. Each refusal is logged.
type Key struct {
	// Name says whose key it is, in the log. It must not be empty.
	Name string
	// Secret is the authkey of the clients. It must not be empty.
	Secret []byte
	// Role is what the key allows. Several roles add up.
	Role Role
	// Names are patterns, as of path.Match, of typeids, that is of the names which a client calls
	// on its manager. Of a queue family "get_queue" is all queues, and "get_queue(orders)" the one
	// of get_queue('orders'). Empty means all that the role reaches; an admin's must be empty.
	//
	// A pattern may begin with a role of its own and a colon: a worker with the role RoleConsume
	// and the names "jobs", "produce:results" and "read-only:settings" takes from one queue, puts
	// into another, and reads a dict. Where several patterns match, their roles add up.
	Names []string
}

// rights are what a client may do: its key without the secret.
type rights struct {
	key   string
	role  Role
	rules []rule // none: everything that the role reaches
}

// rule gives roles on what a pattern matches.
type rule struct {
	pattern string
	role    Role
}

// lone are the rights of the only key of a server.
var lone = &rights{role: RoleAdmin}

// maxPatterns bounds the names of one key.
const maxPatterns = 1000

var (
	errNoName    = errors.New("it has no name")
	errNoRole    = errors.New("it has no role")
	errAdmin     = errors.New("an admin's names cannot be limited")
	errPatterns  = fmt.Errorf("it has more than %d names", maxPatterns)
	errNoKeyring = errors.New("managers: SetKeys of a server that was made without Keys")
)

// rights checks everything but the secret.
func (k *Key) rights() (*rights, error) {
	switch {
	case k.Name == "":
		return nil, errNoName
	case k.Role == 0 || k.Role&^allRoles != 0:
		return nil, errNoRole
	case k.Role&RoleAdmin != 0 && len(k.Names) > 0:
		return nil, errAdmin
	case len(k.Names) > maxPatterns:
		return nil, errPatterns
	}
	out := &rights{key: k.Name, role: k.Role}
	for i, name := range k.Names {
		r, err := parseRule(name, k.Role)
		if err != nil {
			return nil, fmt.Errorf("name %d: %w", i+1, err)
		}
		out.rules = append(out.rules, r)
	}
	return out, nil
}

// Check returns the error for which a server would refuse the key, except for its secret.
func (k *Key) Check() error {
	_, err := k.rights()
	return err
}

// parseRule reads a pattern with or without a role of its own.
func parseRule(text string, role Role) (rule, error) {
	own, pattern, ok := strings.Cut(text, ":")
	if !ok || strings.Trim(own, "abcdefghijklmnopqrstuvwxyz+-") != "" {
		pattern = text
	} else {
		var err error
		if role, err = ParseRole(own); err != nil {
			return rule{}, err
		}
	}
	if pattern == "" {
		return rule{}, path.ErrBadPattern
	}
	_, err := path.Match(pattern, "")
	return rule{pattern, role}, err
}

// checkKeys makes what a Keyring takes. Beside other keys, an authkey is that of an admin without a
// name.
func checkKeys(authkey []byte, keys []Key) ([]connection.Key, error) {
	out := make([]connection.Key, 0, len(keys)+1)
	if len(authkey) > 0 {
		out = append(out, connection.Key{Secret: authkey, Tag: lone})
	}
	for i := range keys {
		r, err := keys[i].rights()
		if err != nil {
			return nil, fmt.Errorf("managers: key %d, %q: %w", i+1, keys[i].Name, err)
		}
		out = append(out, connection.Key{Name: r.key, Secret: keys[i].Secret, Tag: r})
	}
	return out, nil
}

// openKeyring makes the keyring of a server that has Keys. The server keeps no secrets beside it,
// except for the authkey.
func (s *Server) openKeyring() error {
	if len(s.opts.Keys) == 0 {
		if len(s.opts.Authkey) == 0 {
			return errNoKey
		}
		return nil
	}
	keys, err := checkKeys(s.opts.Authkey, s.opts.Keys)
	if err != nil {
		return err
	}
	s.keyring, err = connection.NewKeyring(keys)
	s.opts.Keys = nil
	return err
}

// SetKeys puts other keys in place of Options.Keys, for clients that connect from now on;
// an Authkey beside them stays. Connections that there are keep what their key allowed when they
// were made. Where it fails nothing changes.
func (s *Server) SetKeys(keys []Key) error {
	if s.keyring == nil {
		return errNoKeyring
	}
	all, err := checkKeys(s.opts.Authkey, keys)
	if err != nil {
		return err
	}
	return s.keyring.Replace(all)
}

// rightsOf returns what the client of a connection may do.
func (s *Server) rightsOf(c *connection.Conn) *rights {
	if s.keyring == nil {
		return lone
	}
	if r, ok := c.KeyTag().(*rights); ok {
		return r
	}
	return new(rights) // nothing
}
