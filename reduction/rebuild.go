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
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	r := rebuilder{ctx: ctx, o: o, made: map[*pickle.Object]io.Closer{}}
	if v, err = r.rebuild(v); err != nil {
		r.closeAll()
		return nil, err
	}
	return v, nil
}

// RebuildAs is Rebuild for a value that is one offer, of a T: *os.File, net.Conn, *net.TCPConn,
// net.Listener, *connection.Conn and so on. Anything else is closed and an error.
func RebuildAs[T io.Closer](ctx context.Context, v any, o *RebuildOptions) (T, error) {
	var zero T
	v, err := decoded(v)
	if err != nil {
		return zero, err
	}
	object, ok := v.(*pickle.Object)
	if !ok {
		return zero, malformed("the value does not offer a descriptor")
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
	return zero, malformed("the value does not offer a descriptor")
}

// RebuildHandle redeems what Python 2's reduce_handle returns, the tuple (address, handle, False),
// or a pickle.Raw of it: rebuild_handle in its reduction.py. Rebuild does not take such a tuple for
// an offer unless it stands in one of the forms of the package comment.
func RebuildHandle(ctx context.Context, v any, o *RebuildOptions) (*os.File, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	if v, err = decoded(v); err != nil {
		return nil, err
	}
	t, ok := v.(pickle.Tuple)
	if !ok {
		return nil, malformed("the handle is not a tuple of three")
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
	made map[*pickle.Object]io.Closer // by the offer
}

func (r *rebuilder) rebuild(v any) (any, error) {
	v, err := decoded(v)
	if err != nil {
		return nil, err
	}
	return pickle.Replace(v, nil, func(o *pickle.Object) (any, bool, error) {
		made, err := r.redeemed(o)
		return made, made != nil, err
	})
}

func (r *rebuilder) closeAll() {
	for _, c := range r.made {
		_ = c.Close()
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
	if len(r.made) >= r.o.MaxHandles {
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
