package reduction

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"

	"mpbridge/pickle"
)

// Rebuild redeems every offer in v, a decoded value of package pickle or a pickle.Raw, and returns
// v with what was offered in place of the offers: an *os.File for a bare descriptor, a net.Conn or
// net.Listener for a socket (a net.PacketConn too where it is one), and a *connection.Conn for a
// Connection. Containers are changed in place; keys of dicts and elements of sets are not looked
// at. The caller closes what it gets.
//
// After an error everything that was redeemed is closed, and v is of no use: an offer can be
// redeemed only once. ErrGone means that somebody else did.
//
// An offer names the unix socket to ask at, so whoever wrote the pickle has this process dial it. It proves there that
// it has the key only if the process that listens belongs to a user who is trusted: this process's own, root, or one
// that RebuildOptions name; else the error is ErrUntrusted.
func Rebuild(ctx context.Context, v any, o *RebuildOptions) (any, error) {
	r := rebuilder{ctx: ctx, o: o, made: map[*pickle.Object]io.Closer{}, seen: map[any]bool{}}
	v, err := r.rebuild(v)
	if err != nil {
		r.closeAll()
		return nil, err
	}
	return v, nil
}

// As is Rebuild for a value that is one offer, of a T: *os.File, net.Conn, *net.TCPConn,
// net.Listener, *connection.Conn and so on. Anything else is closed and an error.
func As[T io.Closer](ctx context.Context, v any, o *RebuildOptions) (T, error) {
	var zero T
	v, err := decoded(v)
	if err != nil {
		return zero, err
	}
	object, ok := v.(*pickle.Object)
	if !ok {
		return zero, malformed("not an offer of a descriptor")
	}
	got, err := Rebuild(ctx, object, o)
	if err != nil {
		return zero, err
	}
	switch got := got.(type) {
	case T:
		return got, nil
	case io.Closer:
		_ = got.Close()
		return zero, fmt.Errorf("reduction: a %T was offered, not a %s", got, reflect.TypeFor[T]())
	}
	return zero, malformed("not an offer of a descriptor")
}

// RebuildHandle redeems what Python 2's reduce_handle returns, the tuple (address, handle, False),
// or a pickle.Raw of it: rebuild_handle in its reduction.py. Rebuild does not take such a tuple for
// an offer unless it stands in one of the forms of the package comment.
func RebuildHandle(ctx context.Context, v any, o *RebuildOptions) (*os.File, error) {
	v, err := decoded(v)
	if err != nil {
		return nil, err
	}
	t, ok := v.(pickle.Tuple)
	if !ok {
		return nil, malformed("a handle that is no triple")
	}
	from, err := handleOffer(t)
	if err != nil {
		return nil, err
	}
	fd, err := o.redeem(ctx, from)
	if err != nil {
		return nil, err
	}
	return newFile(fd), nil
}

// decoded opens a Raw.
func decoded(v any) (any, error) {
	if raw, ok := v.(pickle.Raw); ok {
		return raw.Any()
	}
	return v, nil
}

// rebuilder is one call of Rebuild.
type rebuilder struct {
	ctx  context.Context
	o    *RebuildOptions
	made map[*pickle.Object]io.Closer // by the offer, which may stand in several places
	seen map[any]bool                 // containers that were or will be looked into
	todo []any                        // containers to look into; no recursion on their depth
}

func (r *rebuilder) rebuild(v any) (any, error) {
	v, err := decoded(v)
	if err != nil {
		return nil, err
	}
	if _, err := r.visit(&v); err != nil {
		return nil, err
	}
	for len(r.todo) > 0 {
		next := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		if err := r.visitAll(next); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (r *rebuilder) closeAll() {
	for _, c := range r.made {
		_ = c.Close()
	}
}

// visit redeems the value in a place, or plans to look into it.
func (r *rebuilder) visit(place *any) (changed bool, err error) {
	switch v := (*place).(type) {
	case *pickle.Object:
		made, err := r.redeemed(v)
		if err != nil {
			return false, err
		}
		if made != nil {
			*place = made
			return true, nil
		}
		r.plan(v, v)
	case pickle.Tuple:
		if len(v) > 0 {
			r.plan(&v[0], v)
		}
	case *pickle.List, *pickle.Dict:
		r.plan(v, v)
	}
	return false, nil
}

// plan has a container looked into once. Tuples are the same if their memory is.
func (r *rebuilder) plan(identity, container any) {
	if !r.seen[identity] {
		r.seen[identity] = true
		r.todo = append(r.todo, container)
	}
}

// redeemed returns what an object offers, nil if it offers nothing.
func (r *rebuilder) redeemed(v *pickle.Object) (io.Closer, error) {
	if made, ok := r.made[v]; ok {
		return made, nil
	}
	from, ok, err := offerIn(v)
	if err != nil || !ok {
		return nil, err
	}
	if len(r.made) >= r.o.maxHandles() {
		return nil, ErrTooMany
	}
	fd, err := r.o.redeem(r.ctx, from)
	if err != nil {
		return nil, err
	}
	made, err := r.o.build(from.kind, fd)
	if err != nil {
		return nil, err
	}
	r.made[v] = made
	return made, nil
}

// visitAll visits what a container holds.
func (r *rebuilder) visitAll(container any) error {
	switch c := container.(type) {
	case pickle.Tuple:
		return r.visitEach(c)
	case *pickle.List:
		return r.visitEach(c.Items)
	case *pickle.Dict:
		return r.visitDict(c)
	case *pickle.Object:
		return r.visitObject(c)
	}
	return nil
}

func (r *rebuilder) visitEach(items []any) error {
	for i := range items {
		if _, err := r.visit(&items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *rebuilder) visitDict(d *pickle.Dict) error {
	for k, v := range d.All() {
		changed, err := r.visit(&v)
		if changed {
			err = d.Set(k, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *rebuilder) visitObject(v *pickle.Object) error {
	for _, place := range []*any{&v.Args, &v.State} {
		if _, err := r.visit(place); err != nil {
			return err
		}
	}
	for i := range v.Pairs {
		if _, err := r.visit(&v.Pairs[i].Value); err != nil {
			return err
		}
	}
	if v.Kwargs != nil {
		r.plan(v.Kwargs, v.Kwargs)
	}
	return r.visitEach(v.Items)
}
