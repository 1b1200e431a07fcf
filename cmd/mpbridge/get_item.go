package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"mpbridge/pickle"
)

// takenItem is an item that was taken from a queue.
type takenItem struct {
	raw     pickle.Raw
	receipt string // where it is lent
}

func (t takenItem) leased() bool { return t.receipt != "" }

// take takes the next item: on lease, where the queue lends.
func (g *getRun) take(ctx context.Context) (t takenItem, err error) {
	if g.Has("lease") {
		t.raw, t.receipt, err = g.lease(ctx, g.receipt)
		return t, err
	}
	t.raw, err = g.get(ctx)
	return t, err
}

// done says that an item was dealt with. A signal that has come since changes nothing about that.
func (g *getRun) done(ctx context.Context, t takenItem) error {
	ctx = context.WithoutCancel(ctx)
	if t.leased() {
		in, err := g.callBool(ctx, "ack", t.receipt)
		if err == nil && !in {
			g.ui.say("warning: the lease of an item ended before its line was written: somebody may get it again")
		}
		return err
	}
	if g.Has("task_done") {
		if _, err := g.callOnce(ctx, 0, "task_done"); err != nil {
			return fmt.Errorf("the item was printed, but not counted off: %w", err)
		}
	}
	return nil
}

// putBackTimeout bounds how long it is tried to put an item again.
const putBackTimeout = 10 * time.Second

// putBack returns an item to its place where it is lent, else to the queue. If nothing else helps it is
// kept in a file.
func (g *getRun) putBack(t takenItem) error {
	ctx := context.Background()
	if t.leased() {
		_, err := g.callBool(ctx, "nack", t.receipt)
		if err != nil && g.receipt {
			return fmt.Errorf("the item comes back when its lease ends: %w", err)
		}
		return nil // the end of the connection does it, too
	}
	again := *g.queueCalls
	again.wait = waitTime(putBackTimeout)
	if err := again.put(ctx, t.raw); err != nil {
		return fmt.Errorf("the item could not be put again: %w; %s", err, saveItem(g.ui.err, t.raw))
	}
	if g.Has("task_done") && !g.noAck {
		_, _ = g.callOnce(ctx, 0, "task_done") // it is there once, and was counted twice
	}
	return nil
}

// saveItem saves an item that has nowhere else to go and says where: in a file, or else on standard error.
func saveItem(stderr io.Writer, r pickle.Raw) string {
	f, err := os.CreateTemp("", "mpbridge-item-*.pickle")
	if err == nil {
		_, err = f.Write(r.Bytes())
		if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
			return "it is in " + f.Name() + ", for put --raw"
		}
		_ = os.Remove(f.Name())
	}
	fmt.Fprintln(stderr, base64.StdEncoding.EncodeToString(r.Bytes()))
	return "its pickle stands above in base64"
}
