package server

import (
	"fmt"
	"path"

	"mpbridge/connection"
	"mpbridge/managers"
)

// errAccess is errno.EACCES, on every system where Python runs.
const errAccess = 13

// maxMatched is the longest name that a pattern is compared with, in bytes.
const maxMatched = 1 << 10

// admin reports whether there is nothing to check.
func (r *rights) admin() bool { return r.role&RoleAdmin != 0 }

// confined reports whether the key reaches only what it names.
func (r *rights) confined() bool { return !r.admin() && len(r.rules) > 0 }

// on returns the roles on what has a name and a typeid.
func (r *rights) on(name, typeid string, queue bool) (roles Role) {
	if len(r.rules) == 0 {
		if !queue {
			return r.role &^ workers
		}
		return r.role
	}
	if len(name) > maxMatched || len(typeid) > maxMatched {
		return 0
	}
	for _, rule := range r.rules {
		if matches(rule.pattern, name) || matches(rule.pattern, typeid) {
			roles |= rule.role
		}
	}
	return roles
}

func matches(pattern, name string) bool {
	ok, _ := path.Match(pattern, name) // the pattern was checked before
	return ok
}

// onEntry returns the roles on an object: what the key says about its name, if the object is shared by
// name, or is the key's own. An admin of that name needs no more.
func (r *rights) onEntry(e *entry) Role {
	if r.admin() {
		return r.role
	}
	typeid := e.typeid
	if e.typ.within != "" { // the typeid says nothing about whose result it was
		typeid = e.name
	}
	_, queue := e.object.(offered)
	roles := r.on(e.name, typeid, queue)
	if roles&RoleAdmin == 0 && !e.belongs(r.key) {
		return 0
	}
	return roles
}

// passes reports whether the client of a call may give away a proxy of an object: one that it was given, even
// if it may not use the object itself.
func (c *Call) passes(e *entry) bool {
	if e.byName() {
		return c.sees(e)
	}
	return c.session == nil || c.session.rights.admin() || e.belongs(c.session.rights.key)
}

// may reports whether the client may call a method of an object.
func (r *rights) may(e *entry, method string) bool {
	roles := r.onEntry(e)
	switch {
	case roles == 0:
		return false
	case roles&RoleAdmin != 0, method == "__str__", method == "__repr__":
		return true
	}
	return roles&e.access[method] != 0
}

// permitFunction checks the use of a function of the server itself.
func (s *session) permitFunction(name []byte) error {
	if s.rights.admin() || s.rights.role&functionAccess[string(name)] != 0 {
		return nil
	}
	return s.refuse("", fmt.Sprintf("call %.100q", name))
}

// permitCreate checks that the client may have an object of a typeid, or the shared one of that
// name. The call holds the arguments.
func (s *session) permitCreate(typeid string, t Type) error {
	if s.rights.admin() {
		return nil
	}
	name, found := typeid, t.Shared
	if t.member != nil {
		var err error
		if name, found, err = t.member(&s.call); err != nil {
			return err
		}
	}
	roles := s.rights.on(name, typeid, t.queue)
	switch {
	case roles == 0:
		return s.refuse("", fmt.Sprintf("use %.100q", name))
	case roles == RoleReadOnly && !found:
		return s.refuse("", fmt.Sprintf("make %.100q", name))
	}
	return nil
}

// permitObject checks that the client may know an object.
func (s *session) permitObject(ident string) error {
	if s.rights.admin() {
		return nil
	}
	e := s.server.objects.find([]byte(ident))
	if e == nil { // there might be one a moment later, which nobody has looked at
		return managers.ErrKeyError.New(fmt.Sprintf("'%.100s'", ident))
	}
	if s.rights.onEntry(e) == 0 {
		return s.refuse(e.name, "use this object")
	}
	return nil
}

// permitCall checks a call of a method.
func (s *session) permitCall(e *entry, method []byte) error {
	switch {
	case s.rights.admin() || s.rights.may(e, string(method)):
		return nil
	case s.rights.onEntry(e) == 0:
		return errnoOf(s.refuse(e.name, "use this object"))
	}
	return errnoOf(s.refuse(e.name, fmt.Sprintf("call %.100q of %.100q", method, e.name)))
}

// refuse logs what the client may not do, with the object, and returns the exception that tells it,
// without.
func (s *session) refuse(object, what string) *managers.Exception {
	s.log().Warn("not allowed", "role", s.rights.role, "what", what, "object", object)
	return managers.ErrPermission.New("this key may not " + what)
}

// errnoOf gives an exception the number that OSError and its like have.
func errnoOf(e *managers.Exception) *managers.Exception {
	return e.With(append([]any{int64(errAccess)}, e.Args...)...)
}

// sees reports whether the client of a call may know an object that an argument leads to. The program
// itself may.
func (c *Call) sees(e *entry) bool {
	return c.session == nil || c.session.rights.onEntry(e) != 0
}

// mayUse reports whether the client of a call might call a method of an object that an argument leads
// to.
func (c *Call) mayUse(e *entry, method string) bool {
	return c.session == nil || c.session.rights.may(e, method)
}

// visible returns the objects that the client may list.
func (s *session) visible() []listing {
	all := s.server.objects.list()
	out := all[:0]
	for _, l := range all {
		if s.rights.onEntry(l.entry) != 0 {
			out = append(out, l)
		}
	}
	return out
}

// peerAttributes say in the log who is at the other end of a unix socket.
func peerAttributes(c *connection.Conn) []any {
	p, err := c.PeerCredentials()
	if err != nil {
		return nil
	}
	return []any{"pid", p.PID, "uid", p.UID, "gid", p.GID}
}
