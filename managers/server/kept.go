package server

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"sync"
	"sync/atomic"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
	"mpbridge/pickle"
)

// kept is an object that is no queue and has a journal: what changes it is written down, call by call, and now and then as
// a whole. Reading it costs nothing more.
type kept struct {
	server  *Server
	object  persistent
	journal managers.ObjectJournal

	behind atomic.Bool // the journal lacks a change

	mu    sync.Mutex // held while a call changes the object: the journal has the changes in their order
	calls int        // since the journal had it as a whole
	most  int        // as many as there may be
}

// fewCalls is how many calls are written down before an object is written as a whole, however small it is.
const fewCalls = 256

// keepContents makes a shared object durable, where there are journals, and restores what its journal has.
func (s *Server) keepContents(name string, e *entry) error {
	p, ok := e.object.(persistent)
	if _, queue := e.object.(*queueObject); !ok || queue || s.opts.Journals == nil {
		return nil
	}
	j := s.opts.Journals.Object(name)
	if j == nil {
		return nil
	}
	k := &kept{server: s, object: p, journal: j, most: fewCalls}
	if err := k.replay(); err != nil {
		return err
	}
	e.kept = k
	return nil
}

// replay makes the object what the journal says it was, if it says anything.
func (k *kept) replay() error {
	known := false
	err := k.journal.Replay(k.object.kind(), func(change []byte) error {
		if !known {
			k.object.reset()
			known = true
		}
		k.calls++
		return k.redo(change)
	})
	if err != nil || known {
		return err
	}
	return k.replace()
}

// replace writes the object down as a whole, and waits for it.
func (k *kept) replace() error {
	k.mu.Lock()
	wait, err := k.whole()
	k.mu.Unlock()
	if err != nil {
		return err
	}
	return wait()
}

// whole writes the object down as a whole. The caller holds mu.
func (k *kept) whole() (wait func() error, err error) {
	var b bytes.Buffer
	w := &recordWriter{out: bufio.NewWriter(&b), sum: crc32.NewIEEE()}
	if err := k.object.capture()(w); err != nil {
		return nil, err
	}
	if err := w.out.Flush(); err != nil {
		return nil, err
	}
	k.calls, k.most = 0, max(fewCalls, 2*countRecords(b.Bytes()))
	k.behind.Store(false)
	return k.journal.Replace(b.Bytes())
}

// changes reports whether a method may change the object: what a key that may only read may not call.
func (k *kept) changes(access accessTable, method string) bool {
	return access[method]&RoleReadOnly == 0
}

// call calls a method that may change the object, and waits until what it did is kept. A change that could not be kept is
// in the object all the same, and written down with the next one.
func (k *kept) call(c *Call) (any, error) {
	change := changeOf(c)
	v, err, wait, lost := k.change(c, change)
	if lost == nil {
		lost = wait()
	}
	if lost != nil {
		k.behind.Store(true)
		return nil, lost
	}
	return v, err
}

// change calls the method and writes that down.
func (k *kept) change(c *Call, change []byte) (v any, err error, wait func() error, lost error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	v, err = k.object.Call(c)
	if k.calls++; change == nil || k.calls > k.most || k.behind.Load() {
		wait, lost = k.whole()
	} else {
		wait, lost = k.journal.Append(change)
	}
	return v, err, wait, lost
}

// changeOf is a call as the journal has it, nil for one that cannot be done again from what it says alone: its arguments
// have names, or proxies, which may stand for something else by then.
func changeOf(c *Call) []byte {
	if len(c.kwargs) > 0 {
		return nil
	}
	parts := [][]byte{[]byte(c.Method)}
	for _, a := range c.args {
		if a.Names(wire.RebuildProxy) {
			return nil
		}
		parts = append(parts, a.Bytes())
	}
	return appendRecord(nil, recordCall, parts)
}

// appendRecord writes what recordWriter.write does.
func appendRecord(b []byte, kind byte, parts [][]byte) []byte {
	b = append(b, kind, byte(len(parts)))
	for _, p := range parts {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(p))), p...)
	}
	return b
}

var errChange = errors.New("managers: a change in the journal cannot be read")

// nextRecord reads what appendRecord writes.
func nextRecord(b []byte) (kind byte, parts [][]byte, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, errChange
	}
	kind, n := b[0], int(b[1])
	for b = b[2:]; n > 0; n-- {
		if len(b) < 8 || binary.BigEndian.Uint64(b) > uint64(len(b)-8) {
			return 0, nil, nil, errChange
		}
		end := 8 + int(binary.BigEndian.Uint64(b))
		parts, b = append(parts, b[8:end]), b[end:]
	}
	return kind, parts, b, nil
}

// countRecords is how many records there are.
func countRecords(b []byte) (n int) {
	for len(b) > 0 {
		_, _, rest, err := nextRecord(b)
		if err != nil {
			return n
		}
		b = rest
		n++
	}
	return n
}

// redo does again what a change says. What had raised an exception raises it again.
func (k *kept) redo(change []byte) error {
	for len(change) > 0 {
		kind, parts, rest, err := nextRecord(change)
		if err != nil || kind != recordCall || len(parts) == 0 {
			return errChange
		}
		if err := k.redoCall(string(parts[0]), parts[1:]); err != nil {
			return err
		}
		change = rest
	}
	return nil
}

func (k *kept) redoCall(method string, parts [][]byte) error {
	if classOf(k.object).byName[method] == "" {
		return errChange
	}
	args := make([]pickle.Raw, len(parts))
	for i, p := range parts {
		if err := k.server.decode.Unmarshal(p, &args[i]); err != nil {
			return errors.Join(errChange, err)
		}
	}
	_, err := k.object.Call(&Call{server: k.server, Method: method, args: args})
	if managers.AsException(err) != nil {
		return nil
	}
	return err
}
