package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"mpbridge/managers"
	"mpbridge/managers/queue"
	"mpbridge/managers/queue/durable"
	"mpbridge/managers/queue/wal"

	"github.com/spf13/pflag"
)

// dataFlags are the flags of serve that make the queues durable that are shared by name.
type dataFlags struct {
	path     string // "" means that they are not
	sync     string
	reserve  int64
	volatile []string
	drop     []string
}

func (o *dataFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&o.path, "data", "",
		"keep what is shared by name in this `FOLDER`: what calls have done that returned survives the server")
	f.StringVar(&o.sync, "sync", wal.Always.String(),
		"when that is on the disk: always, before put returns; a time, as 100ms, at most so long after; never, when the "+
			"system likes. A server that is killed loses nothing either way, a machine without power does")
	f.Var((*byteSize)(&o.reserve), "data-reserve",
		"bytes of the disk for taking items out when it is full (default a quarter of a file of the folder, up to 16MiB)")
	f.StringArrayVar(&o.volatile, "volatile", nil, "`NAME` of what is not kept in --data; repeatable")
	f.StringArrayVar(&o.drop, "drop", nil,
		"throw away what --data has of `NAME`, which need not be offered any more; repeatable")
}

// check refuses flags that would have no effect.
func (o *dataFlags) check(set *pflag.FlagSet) error {
	for _, name := range []string{"sync", "data-reserve", "volatile", "drop"} {
		if o.path == "" && set.Changed(name) {
			return &usageError{errors.New("--" + name + " needs --data")}
		}
	}
	if _, err := wal.ParsePolicy(o.sync); err != nil {
		return &usageError{fmt.Errorf("--sync: %w", err)}
	}
	return nil
}

// data is the folder of a server; nil where it has none.
type data struct {
	*durable.Store
	flags *dataFlags
}

// open opens the folder.
func (o *dataFlags) open(log *slog.Logger) (*data, error) {
	if o.path == "" {
		return nil, nil
	}
	policy, err := wal.ParsePolicy(o.sync)
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	store, err := durable.Open(o.path, &durable.Options{Sync: policy, Reserve: o.reserve, Progress: telling(log, begun)})
	if err != nil {
		return nil, &stateError{err: dataHint(o.path, err)}
	}
	d := &data{store, o}
	for _, name := range store.Names() {
		if slices.Contains(o.drop, baseName(name)) {
			log.Warn("thrown away", "name", shownName(name), "entries", store.Items(name))
			store.Drop(name)
		}
	}
	if err := store.Sync(); err != nil {
		_ = store.Close()
		return nil, &stateError{err: err}
	}
	st := store.Stats()
	log.Info("read the data", "folder", o.path, "items", st.Entries, "bytes", st.Bytes, "torn_batches", st.Torn,
		"took", time.Since(begun).Round(time.Millisecond))
	return d, nil
}

// tellEvery is how often it is told how far the reading of a folder is.
const tellEvery = 5 * time.Second

// telling returns what tells how far the reading of a folder is, where that takes long.
func telling(log *slog.Logger, begun time.Time) func(done, total int64) {
	next := begun.Add(tellEvery)
	return func(done, total int64) {
		if now := time.Now(); now.After(next) {
			next = now.Add(tellEvery)
			log.Info("reading the data", "bytes", done, "of", total)
		}
	}
}

// dataHint adds to an error what an operator can do about it.
func dataHint(path string, err error) error {
	err = fmt.Errorf("--data %s: %w", path, err)
	damage := (*wal.DamageError)(nil)
	switch {
	case errors.As(err, &damage):
		return &hintError{err, "nothing was changed; \"mpbridge data repair " + path + "\" keeps all that can be read"}
	case errors.Is(err, wal.ErrLocked):
		return &hintError{err, "another server has it"}
	}
	return err
}

// baseName is the name under which a queue is offered.
func baseName(name string) string {
	if object, ok := durable.ObjectName(name); ok {
		return object
	}
	base, _, _ := strings.Cut(name, "\x00")
	return base
}

// shownName is what people call a queue.
func shownName(name string) string {
	if object, ok := durable.ObjectName(name); ok {
		return object
	}
	base, member, of := strings.Cut(name, "\x00")
	if !of || member == "" {
		return base
	}
	return fmt.Sprintf("%s(%q)", base, member)
}

// journals are those for the server.
func (d *data) journals() queue.Journals {
	if d == nil {
		return nil
	}
	return d
}

// Journal returns the journal of a queue, nil for one that is volatile.
func (d *data) Journal(name string) queue.Journal {
	base := baseName(name)
	if slices.Contains(d.flags.volatile, base) || slices.Contains(d.flags.volatile, strings.TrimSuffix(base, ".dead")) {
		return nil
	}
	return d.Store.Journal(name)
}

// Object returns the journal of an object that is no queue, nil for one that is volatile.
func (d *data) Object(name string) managers.ObjectJournal {
	if slices.Contains(d.flags.volatile, name) {
		return nil
	}
	return d.Store.Object(name)
}

var errNotOfferedData = errors.New("the folder has what is not offered")

// holding says what a folder has under a name.
func holding(name string, n int) string {
	if _, ok := durable.ObjectName(name); ok {
		return "the object " + shownName(name)
	}
	return fmt.Sprintf("%d items of %s", n, shownName(name))
}

// checkOffered refuses to forget what no flag offers.
func (d *data) checkOffered() error {
	if d == nil {
		return nil
	}
	for _, name := range d.Unopened() {
		if n := d.Items(name); n > 0 {
			return &stateError{err: &hintError{
				fmt.Errorf("%w: --data %s has %s", errNotOfferedData, d.flags.path, holding(name, n)),
				"offer it under the same name, or start once with --drop " + baseName(name)}}
		}
	}
	return nil
}

// readySuffix says in the ready line how durable the queues are.
func (d *data) readySuffix() string {
	if d == nil {
		return ""
	}
	return " durable=" + d.Durability()
}

// until returns a context that ends with another, or when nothing can be kept any more.
func (d *data) until(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if d != nil {
		go func() {
			select {
			case <-d.Failed():
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// close writes what is left and lets another server have the folder.
func (d *data) close() error {
	if d == nil {
		return nil
	}
	failed := d.Err()
	if err := cmp.Or(failed, d.Close()); err != nil && !errors.Is(err, wal.ErrClosed) {
		return &stateError{err, true}
	}
	return nil
}
