package server

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// OnSnapshot says what saves a snapshot when an admin asks for one: Client.Snapshot, and a function "snapshot"
// that Python's servers do not have. It must be called before Serve. The function may be called concurrently;
// of its error the client learns what went wrong and no path.
func (s *Server) OnSnapshot(save func() (managers.SnapshotInfo, error)) { s.onDemand = save }

var (
	errNoSnapshots = errors.New("managers: this server keeps no snapshot")
	errNotSaved    = errors.New("managers: the snapshot was not saved, as the server's log says")
)

// snapshot saves one.
func (s *session) snapshot() (any, error) {
	if s.server.onDemand == nil {
		return nil, errNoSnapshots
	}
	i, err := s.server.onDemand()
	if err != nil {
		s.log().Error("a snapshot was asked for and not saved", "error", err)
		return nil, withoutPath(err)
	}
	skipped := &pickle.List{}
	for _, name := range i.Skipped {
		skipped.Items = append(skipped.Items, wire.NativeText(name, s.dialect))
	}
	d := pickle.NewDict("format", int64(i.Format), "generation", int64(i.Generation), "final", i.Final,
		"time", float64(i.Time.UnixNano())/1e9, "objects", int64(i.Objects), "items", int64(i.Items),
		"bytes", i.Bytes)
	return d, d.Set("skipped", skipped)
}

// withoutPath is what a client may know of an error.
func withoutPath(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = path.Err
	case errors.As(err, &link):
		err = link.Err
	default:
		return errNotSaved
	}
	return fmt.Errorf("%w: %w", errNotSaved, err)
}
