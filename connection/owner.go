package connection

import "errors"

// FileOwner is who owns the file of a unix socket: numbers as of chown(2). -1 leaves one as it is.
type FileOwner struct{ UID, GID int }

var errNoMode = errors.New("an owner of a unix socket needs a mode")
