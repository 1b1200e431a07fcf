package files

import (
	"context"
	"path/filepath"
	"time"
)

// lookAnyway is how often a file is looked at of which the system tells nothing.
const lookAnyway = time.Second

// changes tells when something happens in a folder, and what became of the files that had one name there. It watches
// the folder and not the file, whose name goes to others. One goroutine may wait; close may be called from any.
type changes struct {
	folder, name string
	notices      // the system's
	moves        moves
}

func watchFolderOf(path string) (*changes, error) {
	c := &changes{folder: filepath.Dir(path), name: filepath.Base(path)}
	c.moves.name = c.name
	if err := c.open(c.folder); err != nil {
		return nil, failed("watch", err)
	}
	return c, nil
}

// wait waits until something may have changed, for no longer than a time.
func (c *changes) wait(ctx context.Context, most time.Duration) error {
	return c.notices.wait(ctx, min(most, lookAnyway), &c.moves)
}

// formerly returns the paths of files that had the name, the oldest first, as far as the system has told.
func (c *changes) formerly() (paths []string) {
	c.drain(&c.moves)
	for _, name := range c.moves.now {
		if name != "" {
			paths = append(paths, filepath.Join(c.folder, name))
		}
	}
	return paths
}
