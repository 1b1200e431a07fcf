package wal

import (
	"errors"
	"io/fs"
)

// writeReserved writes a batch without puts, with the reserve if need be.
func (l *Log) writeReserved(b *batch) error {
	if len(b.records) == 0 {
		return nil
	}
	err := l.writeSmall(b)
	if isSpace(err) && l.reserved {
		if err = l.useReserve(); err == nil {
			err = l.writeSmall(b)
		}
	}
	return err
}

// writeSmall writes a batch into what room the active segment has, whatever its length.
func (l *Log) writeSmall(b *batch) error {
	if len(l.segments) == 0 {
		return l.write(b)
	}
	if err := l.active().allocate(frameSize(b.payload()), l.step()); err != nil {
		return err
	}
	return l.writeFrame(b)
}

// useReserve makes the reserve the active segment.
func (l *Log) useReserve() error {
	if err := l.sync(); err != nil {
		return err
	}
	number := l.nextNumber()
	head := segmentHeader{l.salt, number, l.batch + 1}.append(nil)
	return l.beginSegment(number, func(name string) (File, error) {
		file, err := l.fs.Open(reserveFile)
		if err != nil {
			return nil, err
		}
		if _, err = file.WriteAt(head, 0); err == nil {
			err = file.Sync()
		}
		if err == nil {
			err = l.fs.Rename(reserveFile, name)
		}
		if err == nil {
			l.reserved = false
			err = l.fs.SyncDir()
		}
		if err != nil {
			_ = file.Close()
			return nil, spaceOr(err)
		}
		return file, nil
	})
}

// restoreReserve makes the reserve, if it is not there.
func (l *Log) restoreReserve() error {
	if l.reserved {
		return nil
	}
	file, err := makeFile(l.fs, reserveFile, make([]byte, segmentHead), l.opts.Reserve)
	if err != nil {
		return err
	}
	l.reserved = true
	return file.Close()
}

// findReserve looks whether there is a reserve, and makes one where there is room for it.
func (l *Log) findReserve() error {
	file, err := l.fs.Open(reserveFile)
	if err == nil {
		size, err := file.Size()
		if l.reserved = err == nil && size >= l.opts.Reserve; l.reserved {
			return file.Close()
		}
		_ = file.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err = l.restoreReserve(); isSpace(err) {
		l.setFull(true)
		return nil
	}
	return err
}
