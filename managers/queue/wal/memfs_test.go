package wal_test

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"mpbridge/managers/queue/wal"
)

// memFS is a folder in memory that remembers what was done to it, so that it can be had as a crash leaves it.
type memFS struct {
	mu     sync.Mutex
	names  map[string]*inode
	trace  []step
	base   int // of them, those that only say what was there at first
	locked bool

	room     int64        // bytes that all files may have; 0 means any number
	syncs    int          // so far
	failSync map[int]bool // which of them fail
	inodes   int
}

// inode is a file.
type inode struct {
	fs    *memFS
	id    int
	bytes []byte
}

// step is one thing that was done.
type step struct {
	do    string // write, size, sync, link, remove, rename, syncdir
	inode int
	off   int64 // of write; the size of size
	data  []byte
	name  string
	to    string
}

var (
	errFull  = noSpaceError
	errNoise = errors.New("the disk makes a noise")
)

func newMemFS() *memFS { return &memFS{names: map[string]*inode{}, failSync: map[int]bool{}} }

func (m *memFS) did(s step) { m.trace = append(m.trace, s) }

// steps is how many there were so far.
func (m *memFS) steps() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.trace)
}

func (m *memFS) List() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.names)), nil
}

func (m *memFS) Open(name string) (wal.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.names[name]; n != nil {
		return n, nil
	}
	return nil, fs.ErrNotExist
}

func (m *memFS) Create(name string) (wal.File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inodes++
	n := &inode{fs: m, id: m.inodes}
	m.names[name] = n
	m.did(step{do: "link", inode: n.id, name: name})
	return n, nil
}

func (m *memFS) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.names[to] = m.names[from]
	delete(m.names, from)
	m.did(step{do: "rename", name: from, to: to})
	return nil
}

func (m *memFS) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.names, name)
	m.did(step{do: "remove", name: name})
	return nil
}

func (m *memFS) SyncDir() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.did(step{do: "syncdir"})
	return nil
}

func (m *memFS) Lock() (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locked {
		return nil, wal.ErrLocked
	}
	m.locked = true
	return unlocker{m}, nil
}

type unlocker struct{ *memFS }

func (u unlocker) Close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.locked = false
	return nil
}

func (m *memFS) Capacity() int64 { return m.room }

// used is what all files have together.
func (m *memFS) used() (n int64) {
	for _, f := range m.names {
		n += int64(len(f.bytes))
	}
	return n
}

func (n *inode) grow(size int64) error {
	more := size - int64(len(n.bytes))
	if more <= 0 {
		return nil
	}
	if n.fs.room > 0 && n.fs.used()+more > n.fs.room {
		return errFull
	}
	n.bytes = append(n.bytes, make([]byte, more)...)
	return nil
}

func (n *inode) ReadAt(p []byte, off int64) (int, error) {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if off >= int64(len(n.bytes)) {
		return 0, io.EOF
	}
	got := copy(p, n.bytes[off:])
	if got < len(p) {
		return got, io.EOF
	}
	return got, nil
}

func (n *inode) WriteAt(p []byte, off int64) (int, error) {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if err := n.grow(off + int64(len(p))); err != nil {
		return 0, err
	}
	copy(n.bytes[off:], p)
	n.fs.did(step{do: "write", inode: n.id, off: off, data: slices.Clone(p)})
	return len(p), nil
}

func (n *inode) Close() error { return nil }

func (n *inode) Size() (int64, error) {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	return int64(len(n.bytes)), nil
}

func (n *inode) Truncate(size int64) error {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	n.bytes = slices.Clone(n.bytes[:size])
	n.fs.did(step{do: "size", inode: n.id, off: size})
	return nil
}

func (n *inode) Allocate(off, size int64) error {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	if err := n.grow(off + size); err != nil {
		return err
	}
	n.fs.did(step{do: "size", inode: n.id, off: int64(len(n.bytes))})
	return nil
}

func (n *inode) Sync() error {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	n.fs.syncs++
	if n.fs.failSync[n.fs.syncs] {
		return errNoise
	}
	n.fs.did(step{do: "sync", inode: n.id})
	return nil
}

const sector = 512

// content is a file as it is on the disk, and what the disk was told and may not have done yet.
type content struct {
	bytes   []byte
	pending []step // of a sector at most each
}

func (c *content) apply(s step) {
	end := s.off + int64(len(s.data))
	switch {
	case s.do == "size" && s.off <= int64(len(c.bytes)):
		c.bytes = c.bytes[:s.off:s.off]
		return
	case int64(len(c.bytes)) < end:
		c.bytes = append(c.bytes, make([]byte, end-int64(len(c.bytes)))...)
	}
	copy(c.bytes[s.off:], s.data)
}

// told notes a write, sector by sector.
func (c *content) told(s step) {
	for s.do == "write" && len(s.data) > 0 {
		n := min(int64(len(s.data)), sector-s.off%sector)
		c.pending = append(c.pending, step{do: "write", off: s.off, data: s.data[:n]})
		s.off, s.data = s.off+n, s.data[n:]
	}
	if s.do == "size" {
		c.pending = append(c.pending, s)
	}
}

// disk is a folder as it is on the disk.
type disk struct {
	files   map[int]*content
	names   map[string]int
	pending []step // of names
}

func (d *disk) name(s step) {
	switch s.do {
	case "link":
		d.names[s.name] = s.inode
	case "remove":
		delete(d.names, s.name)
	case "rename":
		d.names[s.to] = d.names[s.name]
		delete(d.names, s.name)
	}
}

// diskAfter is the disk after so many steps.
func (m *memFS) diskAfter(steps int) *disk {
	d := &disk{files: map[int]*content{}, names: map[string]int{}}
	for _, s := range m.trace[:steps] {
		switch s.do {
		case "write", "size":
			d.files[s.inode].told(s)
		case "sync":
			f := d.files[s.inode]
			for _, p := range f.pending {
				f.apply(p)
			}
			f.pending = nil
		case "syncdir":
			for _, p := range d.pending {
				d.name(p)
			}
			d.pending = nil
		default:
			if s.do == "link" {
				d.files[s.inode] = &content{}
			}
			d.pending = append(d.pending, s)
		}
	}
	return d
}

// unsure is how many sectors may be on the disk or not.
func (d *disk) unsure() (n int) {
	for _, f := range d.files {
		n += len(f.pending)
	}
	return n
}

// lose is the folder after the crash: done says of each sector in turn whether it reached the disk, and names how many
// of the changes of names did.
func (d *disk) lose(done func() bool, names int) *memFS {
	out := newMemFS()
	after := &disk{names: maps.Clone(d.names)}
	for _, p := range d.pending[:names] {
		after.name(p)
	}
	made := map[int]*inode{}
	for _, id := range slices.Sorted(maps.Keys(d.files)) {
		f := d.files[id]
		c := content{bytes: slices.Clone(f.bytes)}
		for _, p := range f.pending {
			if done() {
				c.apply(p)
			}
		}
		made[id] = &inode{fs: out, id: id, bytes: c.bytes}
		out.inodes = max(out.inodes, id)
	}
	for name, id := range after.names {
		if made[id] != nil {
			out.names[name] = made[id]
		}
	}
	for name, n := range out.names { // the trace of the next crash begins with what is there
		out.did(step{do: "link", inode: n.id, name: name})
		out.did(step{do: "write", inode: n.id, data: n.bytes})
		out.did(step{do: "sync", inode: n.id})
	}
	out.did(step{do: "syncdir"})
	out.base = len(out.trace)
	return out
}

// crashes calls f for the folder as a crash after so many steps may leave it: in every way where there are few, else in
// so many.
func (m *memFS) crashes(steps, most int, random *rand.Rand, f func(*memFS)) {
	d := m.diskAfter(steps)
	if n := d.unsure(); n < 8 && 1<<n <= most {
		for ways := range 1 << n {
			for names := range len(d.pending) + 1 {
				bit := 0
				f(d.lose(func() bool { bit++; return ways>>(bit-1)&1 == 1 }, names))
			}
		}
		return
	}
	for i := range most {
		names := random.IntN(len(d.pending) + 1)
		f(d.lose(func() bool { return i > 0 && (i == 1 || random.IntN(2) == 0) }, names))
	}
}

// clone is the folder as it is, as if it had been synced.
func (m *memFS) clone() *memFS {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := newMemFS()
	for name, n := range m.names {
		out.names[name] = &inode{fs: out, id: n.id, bytes: slices.Clone(n.bytes)}
		out.inodes = max(out.inodes, n.id)
	}
	return out
}
