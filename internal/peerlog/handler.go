package peerlog

import (
	"context"
	"log/slog"
)

// handler is the handler of one peer's lines.
type handler struct {
	limiter *Limiter
	peer    string
	next    slog.Handler
}

// Enabled reports whether the program wants lines of the level.
func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle passes a line on, or counts it.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if !h.limiter.pass(h.peer, r.Level) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

// WithAttrs returns a handler of the same peer.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.next = h.next.WithAttrs(attrs)
	return h
}

// WithGroup returns a handler of the same peer.
func (h handler) WithGroup(name string) slog.Handler {
	h.next = h.next.WithGroup(name)
	return h
}

// careful is a handler of the program's whose panics stay there: there is nobody to tell. It handles lines in
// goroutines of their own, which it may end by runtime.Goexit, as a test that fails does.
type careful struct{ slog.Handler }

// Enabled is false where asking panics.
func (h careful) Enabled(ctx context.Context, level slog.Level) (on bool) {
	defer func() { _ = recover() }()
	return h.Handler.Enabled(ctx, level)
}

// Handle loses the line where that panics.
func (h careful) Handle(ctx context.Context, r slog.Record) error {
	ended := make(chan error, 1)
	go func() {
		var err error
		defer func() {
			_ = recover()
			ended <- err
		}()
		err = h.Handler.Handle(ctx, r)
	}()
	return <-ended
}

// WithAttrs leaves the attributes out where that panics.
func (h careful) WithAttrs(attrs []slog.Attr) (next slog.Handler) {
	defer func() {
		if recover() != nil {
			next = h
		}
	}()
	return careful{h.Handler.WithAttrs(attrs)}
}

// WithGroup leaves the group out where that panics.
func (h careful) WithGroup(name string) (next slog.Handler) {
	defer func() {
		if recover() != nil {
			next = h
		}
	}()
	return careful{h.Handler.WithGroup(name)}
}

// Careful returns a Logger to log whose handler's panics end nothing. A nil log is nobody.
func Careful(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	if _, done := log.Handler().(careful); done {
		return log
	}
	return slog.New(careful{log.Handler()})
}
