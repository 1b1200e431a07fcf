package client

import (
	"context"
)

// Event is an Event in a manager.
type Event struct {
	*Proxy
}

// OpenEvent makes an event, or finds a shared one.
func (c *Client) OpenEvent(ctx context.Context, typeid string, args ...any) (*Event, error) {
	return create(ctx, c, typeid, args, AsEvent)
}

// AsEvent wraps the proxy of an Event.
func AsEvent(p *Proxy) *Event { return &Event{p} }

// IsSet reports whether the event is set.
func (e *Event) IsSet(ctx context.Context) (bool, error) { return e.truth(ctx, "is_set") }

// Set sets the event and wakes all that wait.
func (e *Event) Set(ctx context.Context) error { return e.do(ctx, "set") }

// Clear resets the event.
func (e *Event) Clear(ctx context.Context) error { return e.do(ctx, "clear") }

// Wait waits until the event is set, or ctx ends, which is noticed within a second.
func (e *Event) Wait(ctx context.Context) error {
	return inSlices(ctx, errNotYet, func(ctx context.Context, sec float64) error {
		set, err := e.truth(ctx, "wait", sec)
		if err == nil && !set {
			return errNotYet
		}
		return err
	})
}
