package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/server"
	"mpbridge/managers/snapshots"
	"mpbridge/pickle"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// snapshotFlags are the flags of serve that say where it keeps what it holds while it does not run.
type snapshotFlags struct {
	path     string // "" means nowhere
	every    time.Duration
	wait     time.Duration
	from     string
	fallback string
}

func (o *snapshotFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&o.path, "snapshot", "",
		"keep what is shared by name in this `FILE`, and the generation before in FILE.previous")
	f.DurationVar(&o.every, "snapshot-every", time.Minute,
		"save this often while serving, where something changed (0: when stopping alone)")
	f.DurationVar(&o.wait, "snapshot-wait", 0,
		"wait so long for another server that has the snapshot to stop, instead of refusing to start")
	f.StringVar(&o.from, "snapshot-from", string(snapshots.Newest),
		"what to start with: newest; previous, the generation before; or none. For one start each: what is "+
			"passed over stays, under another name")
	f.StringVar(&o.fallback, "snapshot-fallback", "",
		"`FOLDER`, on another disk, for the last save where the snapshot cannot be written; looked into at the start")
}

// check refuses flags that would have no effect.
func (o *snapshotFlags) check(set *pflag.FlagSet) error {
	for _, name := range []string{"snapshot-every", "snapshot-wait", "snapshot-from", "snapshot-fallback"} {
		if o.path == "" && set.Changed(name) {
			return &usageError{errors.New("--" + name + " needs --snapshot")}
		}
	}
	switch snapshots.Source(o.from) {
	case snapshots.Newest, snapshots.Previous, snapshots.Nothing:
	default:
		return &usageError{fmt.Errorf("--snapshot-from %q: want newest, previous or none", o.from)}
	}
	if o.every < 0 || o.wait < 0 {
		return &usageError{errors.New("--snapshot-every and --snapshot-wait are not negative")}
	}
	return nil
}

// stateError is a snapshot that a server cannot start with, or that it could not save at its end.
type stateError struct {
	err   error
	saved bool // it is about saving
}

func (e *stateError) Error() string { return e.err.Error() }
func (e *stateError) Unwrap() error { return e.err }

// The exit codes of serve --snapshot.
const (
	exitState   = 7 // it does not start
	exitUnsaved = 8 // it stopped and could not save
)

func (e *stateError) code() int {
	if e.saved {
		return exitUnsaved
	}
	return exitState
}

// snapshotKeeper is what a server is kept in; nil where it is not.
type snapshotKeeper struct {
	store  *snapshots.Store
	every  time.Duration
	served bool
}

// load fills the server with what the last one left, if there is any.
func (o *snapshotFlags) load(ctx context.Context, s *server.Server, log *slog.Logger) (*snapshotKeeper, error) {
	if o.path == "" {
		return nil, nil
	}
	store, err := snapshots.Open(ctx, o.path, &snapshots.Options{
		Wait: o.wait, From: snapshots.Source(o.from), Fallback: o.fallback, Logger: log,
	})
	if err == nil {
		if _, err = store.Load(s); err != nil {
			_ = store.Close()
		}
	}
	if err != nil {
		return nil, &stateError{err: stateHint(err)}
	}
	s.OnSnapshot(func() (managers.SnapshotInfo, error) { return store.Save(s) })
	return &snapshotKeeper{store: store, every: o.every}, nil
}

// stateHint adds to an error what an operator can do about it.
func stateHint(err error) error {
	var owned *snapshots.OwnedError
	var damaged *snapshots.DamagedError
	var missing *snapshots.MissingError
	switch {
	case errors.As(err, &owned):
		return &hintError{err, "stop that server, or let --snapshot-wait wait for it"}
	case errors.As(err, &damaged):
		return &hintError{err, "start once with --snapshot-from previous or none: the file is kept under another name"}
	case errors.As(err, &missing):
		return &hintError{err, "put it back, or start once with --snapshot-from none, or previous if there is one"}
	case errors.Is(err, server.ErrNotOffered):
		return &hintError{err, "offer what it holds under the same names, or start once with --snapshot-from none"}
	}
	return err
}

// saveRegularly saves from time to time, until end is called.
func (k *snapshotKeeper) saveRegularly(s *server.Server) (end func()) {
	if k == nil {
		return func() {}
	}
	if k.served = true; k.every == 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var saves sync.WaitGroup
	saves.Go(func() { k.store.Every(ctx, s, k.every) })
	return func() {
		cancel()
		saves.Wait()
	}
}

// save saves what a server holds that has stopped. It tries until ctx ends.
func (k *snapshotKeeper) save(ctx context.Context, s *server.Server) error {
	if k == nil {
		return nil
	}
	if _, err := k.store.SaveLast(ctx, s); err != nil {
		return &stateError{err, true}
	}
	return nil
}

// close lets another server have the files.
func (k *snapshotKeeper) close() {
	if k == nil {
		return
	}
	if !k.served {
		_ = k.store.Unused() // at worst the next start warns of a crash
	}
	_ = k.store.Close()
}

func snapshotCommand(ui *ui) *cobra.Command {
	var f clientFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "snapshot ADDRESS",
		Short: "Have a server of ours save its snapshot now",
		Long: `Have a server that runs with --snapshot save what it holds, now, and say what was saved. The key must be an
admin's. What a call holds that does not end is left out and named, and the exit code is 1 then.`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd.Context(), args[0], func(ctx context.Context, c *client.Client) error {
				info, err := c.Snapshot(ctx)
				if err != nil {
					return err
				}
				return printSnapshot(ui, info, asJSON)
			})
		},
	}
	f.flags(cmd, "how long the answer may take")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printSnapshot(ui *ui, i managers.SnapshotInfo, asJSON bool) error {
	if asJSON {
		skipped := &pickle.List{}
		for _, name := range i.Skipped {
			skipped.Items = append(skipped.Items, name)
		}
		row := pickle.NewDict("generation", int64(i.Generation), "objects", int64(i.Objects),
			"items", int64(i.Items), "bytes", i.Bytes, "skipped", skipped)
		if err := printJSON(ui.out, row); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(ui.out, "generation %d: %d objects, %d items, %d bytes\n", i.Generation, i.Objects, i.Items, i.Bytes)
	}
	if len(i.Skipped) > 0 {
		return fmt.Errorf("not saved, for a call that does not end holds it: %q", i.Skipped)
	}
	return nil
}
