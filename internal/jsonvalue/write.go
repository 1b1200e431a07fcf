package jsonvalue

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strconv"

	"mpbridge/pickle"
)

// Writer writes Python values as JSON. The zero Writer is ready to use; a Writer may be used by several
// goroutines at once.
type Writer struct {
	// Plain writes for people: types that JSON lacks are lost.
	Plain bool
	// MaxBytes is how long the JSON of one value may be; 0 means DefaultMaxBytes.
	MaxBytes int64
	// Foreign, where not nil, shows what is no value of package pickle: as the members of an object.
	Foreign func(v any) (class string, members []Member, ok bool)
	// Whole writes an object in a form of its own only where that shows all that is in it, but data. Others are lost
	// to who looks for what a pickle calls.
	Whole bool
	// Refs writes what stands in several places with references, however small it is. What nests too deep is no
	// error but a reference then, if there is a Deeper to write it in.
	Refs bool
}

// Deeper is a value of which Foreign makes the last member of a document that is written with Refs: an array of all
// that would nest too deep where it stands. Each is in the form of a value that is shared.
type Deeper struct{}

// DefaultMaxBytes is how long the JSON of one value may be by default.
const DefaultMaxBytes = 1 << 30

// Member is one member of a JSON object.
type Member struct {
	Name  string
	Value any
}

// maxUnshared is how much is written of a value before what it shares is written with references.
const maxUnshared = 1 << 20

// Write writes a decoded value on one line, without a line end. Whether it can be written is known before
// its first byte is: an error that is none of out's is ErrTooDeep, a *TooLargeError, or the cause of the
// end of ctx. Memory is taken for the parts of the value that are shared, not for the JSON.
func (w *Writer) Write(ctx context.Context, out io.Writer, v any) error {
	limit := w.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	if !w.Refs {
		first := &sink{ctx: ctx, keep: true, limit: min(limit, maxUnshared)}
		err := (&writing{sink: first, opts: w}).document(v)
		if err == nil {
			_, err = out.Write(first.buf)
			return err
		}
		if !errors.Is(err, errOver) && !errors.Is(err, ErrTooDeep) {
			return err
		}
	}
	shared, err := w.shared(ctx, v)
	if err != nil {
		return err
	}
	for _, to := range []io.Writer{nil, out} {
		s := &sink{ctx: ctx, w: to, limit: limit}
		if err := (&writing{sink: s, opts: w, shared: shared, ids: map[ident]int{}}).document(v); err != nil {
			return err
		}
	}
	return nil
}

// writing is one value on its way.
type writing struct {
	*sink
	opts   *Writer
	depth  int
	shared map[ident]bool // what stands in several places; nil where each is written out
	ids    map[ident]int  // the numbers of those that were written
	deeper []any          // what is still to be written elsewhere
}

func (w *writing) document(v any) error {
	w.value(v, false)
	if !w.keep {
		w.flush()
	}
	return w.err
}

// The forms in which values are written, besides JSON's own scalars.
type (
	literal string     // is JSON already
	label   string     // a text that was made for the form, so that it is no value that can be shared
	encoded []byte     // a text in base64
	row     []any      // an array
	keys    []any      // an array whose elements can be hashed, so that a tuple is an array, too
	record  []Member   // an object
	pairs   []keyValue // an array of [key, value]
)

type keyValue struct{ key, value any }

// value writes v. hashable says that it stands where no list can.
func (w *writing) value(v any, hashable bool) {
	if w.err != nil {
		return
	}
	if id, ok := identOf(v); ok && w.shared != nil {
		n, done := w.ids[id]
		deep := w.opts.Refs && w.depth > maxNesting-deepest
		switch {
		case done:
			w.form(classed("ref", Member{"id", int64(n)}))
			return
		case deep:
			w.ids[id] = len(w.ids) + 1
			w.deeper = append(w.deeper, v)
			w.form(classed("ref", Member{"id", int64(w.ids[id])}))
			return
		case w.shared[id]:
			w.ids[id] = len(w.ids) + 1
			w.definition(w.ids[id], v, hashable)
			return
		}
	}
	w.form(w.opts.form(v, hashable))
}

// deepest is how many arrays and objects the form of one value may take, without its parts.
const deepest = 8

// definition writes a value that references mean.
func (w *writing) definition(id int, v any, hashable bool) {
	w.raw(`{"` + classKey + `":"shared","id":` + strconv.Itoa(id) + `,"value":`)
	w.depth++
	w.form(w.opts.form(v, hashable))
	w.depth--
	w.char('}')
}

// rest writes what would have nested too deep, and what nests too deep in that.
func (w *writing) rest() {
	w.char('[')
	for first := true; len(w.deeper) > 0 && w.err == nil; first = false {
		if !first {
			w.char(',')
		}
		v := w.deeper[0]
		w.deeper = w.deeper[1:]
		id, _ := identOf(v)
		w.definition(w.ids[id], v, false)
	}
	w.char(']')
}

func (w *writing) form(f any) {
	switch f := f.(type) {
	case nil:
		w.raw("null")
	case bool:
		w.raw(strconv.FormatBool(f))
	case int64:
		w.raw(strconv.FormatInt(f, 10))
	case literal:
		w.raw(string(f))
	case string:
		w.quote(f)
	case label:
		w.quote(string(f))
	case encoded:
		w.char('"')
		e := base64.NewEncoder(base64.StdEncoding, w.sink)
		_, _ = e.Write(f) // the sink keeps the error
		_ = e.Close()
		w.char('"')
	case row, keys, record, pairs, *pickle.Dict:
		if w.depth++; w.depth > maxNesting {
			w.err = ErrTooDeep
			return
		}
		w.container(f)
		w.depth--
	case grid:
		w.grid(f)
	case Deeper:
		w.rest()
	}
}

func (w *writing) container(f any) {
	switch f := f.(type) {
	case row:
		w.items(f, false)
	case keys:
		w.items(f, true)
	case pairs:
		w.pairs(f)
	case record:
		w.char('{')
		for i, m := range f {
			if m.Value == any(Deeper{}) && len(w.deeper) == 0 {
				continue
			}
			if i > 0 {
				w.char(',')
			}
			w.member(m.Name, m.Value)
		}
		w.char('}')
	case *pickle.Dict:
		w.dict(f)
	}
}

func (w *writing) items(items []any, hashable bool) {
	w.char('[')
	for i, it := range items {
		if w.err != nil {
			return
		}
		if i > 0 {
			w.char(',')
		}
		w.value(it, hashable)
	}
	w.char(']')
}

func (w *writing) pairs(ps pairs) {
	w.char('[')
	for i, p := range ps {
		if w.err != nil {
			return
		}
		if i > 0 {
			w.char(',')
		}
		w.char('[')
		w.value(p.key, true)
		w.char(',')
		w.value(p.value, false)
		w.char(']')
	}
	w.char(']')
}

// dict writes a dict whose keys are the names of members.
func (w *writing) dict(d *pickle.Dict) {
	w.char('{')
	first := true
	for k, v := range d.All() {
		if w.err != nil {
			return
		}
		if !first {
			w.char(',')
		}
		first = false
		w.member(w.opts.name(k), v)
	}
	w.char('}')
}

func (w *writing) member(name string, v any) {
	w.quote(name)
	w.char(':')
	w.value(v, false)
}
