//go:build linux

package main

import (
	"context"

	"mpbridge/connection"
	"mpbridge/queues"
)

// putter is how an item goes into a queue or a Conn.
func putter(x any) func(ctx context.Context, item []byte) error {
	if c, ok := x.(*connection.Conn); ok {
		return func(ctx context.Context, item []byte) error { return c.Send(ctx, item) }
	}
	return queues.Of[[]byte](x.(queues.Items)).Put
}

// getter is how it comes out.
func getter(x any) func(ctx context.Context, item *[]byte) error {
	if c, ok := x.(*connection.Conn); ok {
		return func(ctx context.Context, item *[]byte) error { return c.Recv(ctx, item) }
	}
	q := queues.Of[[]byte](x.(queues.Items))
	return func(ctx context.Context, item *[]byte) (err error) {
		*item, err = q.Get(ctx)
		return err
	}
}
