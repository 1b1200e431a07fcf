package pool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"mpbridge/managers"
	"mpbridge/pickle"
)

// result is a message from a worker: (job, i, (True, value)) or (job, i, (False, exception)).
type result struct {
	job, index int64
	nameless   bool // job is None: of the oldest task, which could not be unpickled; or of the start
	ok         bool
	value      pickle.Raw
	traceback  pickle.Raw // a fourth element, text; None where there is none
}

// errShape says that a message is no result.
var errShape = errors.New("the message is not a result")

// parseResult reads the outline of a message. What it returns aliases msg.
func parseResult(msg []byte) (r result, err error) {
	doc, err := pickle.ParseRaw(msg)
	if err != nil {
		return r, err
	}
	parts, err := doc.Elements()
	if err != nil {
		return r, err
	}
	if len(parts) != 3 && len(parts) != 4 {
		return r, errShape
	}
	if r.nameless = parts[0].IsNone(); !r.nameless {
		err = errors.Join(parts[0].Unmarshal(&r.job), parts[1].Unmarshal(&r.index))
		if err != nil {
			return r, err
		}
	}
	pair, err := parts[2].Elements()
	if err != nil || len(pair) != 2 {
		return r, errors.Join(errShape, err)
	}
	if err := pair[0].Unmarshal(&r.ok); err != nil {
		return r, err
	}
	r.value = pair[1]
	if len(parts) == 4 {
		r.traceback = parts[3]
	}
	return r, nil
}

// parseHead is parseResult that leaves out the value of a success, which may be long: with ok, only
// job, index and nameless are set. It looks for the beginning that CPython's picklers give to such
// a tuple.
func parseHead(msg []byte) (result, error) {
	h := head{rest: msg}
	if h.proto() {
		r := result{}
		if h.int(&r.job) && h.int(&r.index) && len(h.rest) > 0 && h.rest[0] == opNewTrue {
			r.ok = true
			return r, nil
		}
	}
	return parseResult(msg)
}

// The opcodes with which a successful result begins: Lib/pickle.py.
const (
	opProto   = 0x80
	opFrame   = 0x95
	opBinInt  = 'J'
	opBinInt1 = 'K'
	opBinInt2 = 'M'
	opNewTrue = 0x88
)

// head reads the beginning of a pickle.
type head struct{ rest []byte }

// skip drops n bytes if there are so many.
func (h *head) skip(n int) bool {
	if len(h.rest) < n {
		return false
	}
	h.rest = h.rest[n:]
	return true
}

// proto reads PROTO, and FRAME if it follows.
func (h *head) proto() bool {
	if len(h.rest) == 0 || h.rest[0] != opProto || !h.skip(2) {
		return false
	}
	if len(h.rest) > 0 && h.rest[0] == opFrame {
		return h.skip(9)
	}
	return true
}

// int reads an integer of up to 32 bits.
func (h *head) int(n *int64) bool {
	if len(h.rest) < 5 { // what follows a number is never shorter
		return false
	}
	arg := h.rest[1:]
	switch h.rest[0] {
	case opBinInt1:
		*n = int64(arg[0])
		return h.skip(2)
	case opBinInt2:
		*n = int64(binary.LittleEndian.Uint16(arg))
		return h.skip(3)
	case opBinInt:
		*n = int64(int32(binary.LittleEndian.Uint32(arg)))
		return h.skip(5)
	}
	return false
}

// raw returns the value of a successful result, still pickled.
func (o outcome) raw() (pickle.Raw, error) {
	if o.err != nil {
		return pickle.Raw{}, o.err
	}
	r, err := parseResult(o.message)
	if o.naive != nil {
		r.value = r.value.WithOptions(&pickle.DecodeOptions{Naive: o.naive})
	}
	return r.value, err
}

// decode returns the decoded value of a successful result.
func (o outcome) decode() (any, error) {
	if o.err != nil {
		return nil, o.err
	}
	var v any
	if err := pickle.Unmarshal(o.message, &v); err != nil {
		return nil, err
	}
	if parts, ok := v.(pickle.Tuple); ok && len(parts) == 3 {
		if pair, ok := parts[2].(pickle.Tuple); ok && len(pair) == 2 {
			return pair[1], nil
		}
	}
	return nil, errShape
}

// remoteError is the error that a failed result is: an *EncodingError or a *TaskError.
func remoteError(r result, name string, worker, pid int) error {
	v, err := r.value.Any()
	if err != nil {
		return fmt.Errorf("pool: %s: the exception cannot be decoded: %w", name, err)
	}
	var text any
	if !r.traceback.IsNone() {
		if text, err = r.traceback.Any(); err != nil {
			text = nil
		}
	}
	return exceptionError(v, text, &TaskError{Func: name, Unloadable: r.nameless, Worker: worker,
		Pid: pid})
}

// exceptionError fills e with a decoded exception and the text of its traceback, if there is one.
func exceptionError(v, text any, e *TaskError) error {
	o, ok := v.(*pickle.Object)
	if ok && o.IsA("multiprocessing.pool", "rebuild_exc") {
		if args, _ := o.Args.(pickle.Tuple); len(args) == 2 {
			v, text = args[0], args[1]
			o, ok = v.(*pickle.Object)
		}
	}
	traceback, _ := pickle.Text(text)
	e.Traceback = strings.TrimSuffix(strings.TrimPrefix(traceback, "\n\"\"\"\n"), "\"\"\"")
	if e.Value = v; !ok {
		return fmt.Errorf("pool: %s raised a value that is not an exception: %s", e.Func, pickle.TypeName(v))
	}
	if o.IsA("multiprocessing.pool", "MaybeEncodingError") {
		return encodingError(o, e)
	}
	class, ok := o.Class.(pickle.Global)
	if !ok {
		class = pickle.Global{Module: "builtins", Name: "Exception"}
	}
	args, _ := o.Args.(pickle.Tuple)
	e.Exception = &managers.Exception{Class: class, Args: args, State: o.State}
	return e
}

// encodingError reads a MaybeEncodingError. Its state is what counts: its args are the repr of a
// repr.
func encodingError(o *pickle.Object, e *TaskError) error {
	out := &EncodingError{Func: e.Func, Worker: e.Worker, Pid: e.Pid}
	if attrs := o.Attrs(); attrs != nil {
		for k, v := range attrs.All() {
			switch name, _ := pickle.Text(k); name {
			case "exc":
				out.Reason, _ = pickle.Text(v)
			case "value":
				out.Value, _ = pickle.Text(v)
			}
		}
	}
	return out
}
