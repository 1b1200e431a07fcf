package client

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"mpbridge/managers"
)

// Clients lists the connections of a manager of ours, oldest first; Python's have no such function. A key with
// Names is shown the connections of its own alone, unless it is an admin's.
func (c *Client) Clients(ctx context.Context) (out []managers.ClientInfo, err error) {
	r, err := c.ask(ctx, "list_clients")
	if err != nil {
		return nil, err
	}
	err = r.Unmarshal(&out)
	return out, err
}

// Kill ends a client's connection by its number in Clients. It returns false where there is none.
func (c *Client) Kill(ctx context.Context, number int64) (bool, error) {
	r, err := c.ask(ctx, "kill_client", number)
	if err != nil {
		return false, err
	}
	return truthOf(r)
}

// Objects lists the objects of a manager. Servers of Python, which have no list_objects, tell only
// ident, references and text, and an empty Typeid: what debug_info says.
func (c *Client) Objects(ctx context.Context) ([]managers.ObjectInfo, error) {
	r, err := c.ask(ctx, "list_objects")
	if remote := (*managers.RemoteError)(nil); errors.As(err, &remote) {
		text, err := c.DebugInfo(ctx)
		if err != nil {
			return nil, err
		}
		return parseDebugInfo(text), nil
	}
	if err != nil {
		return nil, err
	}
	var out []managers.ObjectInfo
	err = r.Unmarshal(&out)
	return out, err
}

// parseDebugInfo reads what Server.debug_info in Lib/multiprocessing/managers.py prints: a line
// "  <ident>:       refcount=<n>", and one of str(object) behind it, which may itself have line ends.
func parseDebugInfo(info string) (out []managers.ObjectInfo) {
	for line := range strings.Lines(info) {
		ident, refs, ok := strings.Cut(strings.TrimSpace(line), ":       refcount=")
		n, err := strconv.Atoi(refs)
		switch {
		case ok && err == nil:
			out = append(out, managers.ObjectInfo{Ident: ident, References: n, Len: -1})
		case len(out) > 0:
			out[len(out)-1].Text += strings.TrimSpace(line)
		}
	}
	return out
}

// Snapshot has a server of ours save what it holds, now, where it keeps it: serve --snapshot. The key must be
// an admin's.
func (c *Client) Snapshot(ctx context.Context) (managers.SnapshotInfo, error) {
	r, err := c.ask(ctx, "snapshot")
	if err != nil {
		return managers.SnapshotInfo{}, err
	}
	var i snapshotReply
	if err := r.Unmarshal(&i); err != nil {
		return managers.SnapshotInfo{}, err
	}
	return managers.SnapshotInfo{
		Format: i.Format, Generation: uint64(i.Generation), Final: i.Final, Time: time.UnixMicro(int64(i.Time * 1e6)),
		Objects: i.Objects, Items: i.Items, Bytes: i.Bytes, Skipped: i.Skipped,
	}, nil
}

// snapshotReply is what the function snapshot answers.
type snapshotReply struct {
	Format     int      `pickle:"format"`
	Generation int64    `pickle:"generation"`
	Final      bool     `pickle:"final"`
	Time       float64  `pickle:"time"`
	Objects    int      `pickle:"objects"`
	Items      int      `pickle:"items"`
	Bytes      int64    `pickle:"bytes"`
	Skipped    []string `pickle:"skipped"`
}
