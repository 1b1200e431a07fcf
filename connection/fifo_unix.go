//go:build unix

package connection

import (
	"context"
	"errors"
	"os"
	"time"

	"mpbridge/internal/option"

	"golang.org/x/sys/unix"
)

// How long to wait before looking again whether somebody reads a FIFO: nothing tells.
const (
	firstFIFOPause = time.Millisecond
	lastFIFOPause  = 20 * time.Millisecond
)

// OpenFIFO makes a Conn of a FIFO (mkfifo), which several strangers may have open. On the other side is Python's
// Connection(os.open(path, os.O_WRONLY), readable=False) and the like, whose open waits for this one.
//
// FIFORead and FIFOServe never wait. FIFOWrite waits until somebody reads, which it looks for every 20 ms, or until ctx
// ends. Several writers have to keep to MaxSharedPipe.
func OpenFIFO(ctx context.Context, path string, access FIFOAccess, opts *Options) (*Conn, error) {
	err := option.Check("connection", option.Int("access", int(access), int64(FIFORead), int64(FIFOServe)))
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, opError("fifo", err)
	}
	if info.Mode()&os.ModeNamedPipe == 0 { // before it is opened: that does things to some files
		return nil, ErrNotFIFO
	}
	switch access {
	case FIFOWrite:
		w, err := openToWrite(ctx, path)
		if err != nil {
			return nil, err
		}
		return PipeConn(nil, w, opts)
	case FIFOServe:
		r, err := openFIFO(path, unix.O_RDWR) // a writer that stays
		if err != nil {
			return nil, err
		}
		return PipeConn(r, nil, opts)
	}
	r, err := openFIFO(path, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	return PipeConn(r, nil, opts)
}

// openToWrite waits until somebody reads.
func openToWrite(ctx context.Context, path string) (*os.File, error) {
	for pause := firstFIFOPause; ; pause = min(2*pause, lastFIFOPause) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		w, err := openFIFO(path, unix.O_WRONLY)
		if !errors.Is(err, unix.ENXIO) {
			return w, err
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// openFIFO opens without waiting, and makes sure that it is still a FIFO.
func openFIFO(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, opError("fifo", err)
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		_ = f.Close()
		return nil, ErrNotFIFO
	}
	return f, nil
}
