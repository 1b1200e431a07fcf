package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace gives a file new contents, and makes it where there is none: readers get the old or the new, whole. It writes
// a file beside it, of the name .NAME.NUMBER, and gives that its name; a program that is killed meanwhile leaves it.
func Replace(path string, data []byte, o *ReplaceOptions) error {
	c, err := o.check()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return failed("replace", err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(c.Mode)
	}
	if err == nil && c.Sync {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return failed("replace", err)
}

// Watcher reads a file whenever it is replaced. One goroutine may call Next; Close may be called from any.
type Watcher struct {
	path    string
	most    int64
	changes *changes
	last    os.FileInfo // of the file that Next has returned; nil before
}

// Watch watches a file, which need not be there yet. Its folder has to be.
func Watch(path string, o *WatchOptions) (*Watcher, error) {
	most, err := o.maxFile()
	if err != nil {
		return nil, err
	}
	changes, err := watchFolderOf(path)
	if err != nil {
		return nil, err
	}
	return &Watcher{path: path, most: most, changes: changes}, nil
}

// Next returns the contents of the file, the first time those that it has, and then waits until it is another. Contents
// that were replaced before anybody asked are left out. After a *LimitError Next waits for the next.
func (w *Watcher) Next(ctx context.Context) ([]byte, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		data, is, err := w.read()
		if is || err != nil {
			return data, err
		}
		if err := w.changes.wait(ctx, lookAnyway); err != nil {
			return nil, err
		}
	}
}

// read returns the contents if the file is not the one that was read last.
func (w *Watcher) read() (data []byte, is bool, err error) {
	f, err := os.Open(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, failed("watch", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, false, failed("watch", err)
	}
	if w.last != nil && os.SameFile(w.last, info) && w.last.ModTime().Equal(info.ModTime()) && w.last.Size() == info.Size() {
		return nil, false, nil
	}
	w.last = info
	if data, err = io.ReadAll(io.LimitReader(f, w.most+1)); err != nil {
		return nil, false, failed("watch", err)
	}
	if int64(len(data)) > w.most {
		return nil, false, &LimitError{"bytes of the file", w.most}
	}
	return data, true, nil
}

// Close ends a wait of Next, which gets ErrClosed.
func (w *Watcher) Close() error { return w.changes.close() }
