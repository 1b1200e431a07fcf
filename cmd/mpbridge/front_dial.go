package main

import (
	"context"
	"errors"
	"log/slog"
	"syscall"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/client"
)

// startTimeout is how long a manager may take to start that was started just before, and startRetry how often it
// is looked for.
const (
	startTimeout = 10 * time.Second
	startRetry   = 50 * time.Millisecond
)

// dialStarting connects to a manager that may be starting: nobody listens yet, and a key that it makes up is not
// there, or that of the one before it.
func dialStarting(ctx context.Context, at connection.Address, source *keySource,
	log *slog.Logger) (*client.Client, []byte, error) {
	given, err := source.read()
	if err != nil {
		return nil, nil, err
	}
	until := time.Now().Add(startTimeout)
	for first := true; ; first = false {
		key := given
		if key == nil {
			key, err = source.forClient(at)
		}
		var c *client.Client
		if err == nil {
			c, err = dialManager(ctx, at, startTimeout, &client.Options{Authkey: key})
		}
		starting := errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT) ||
			given == nil && (errors.Is(err, errNoKey) || errors.Is(err, connection.ErrAuth))
		if !starting || time.Now().After(until) {
			return c, key, err
		}
		if first {
			log.Info("waiting for the manager", "at", at, "why", err)
		}
		select {
		case <-ctx.Done():
			return nil, nil, err
		case <-time.After(startRetry):
		}
	}
}
