package pickle

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// This file has the opcodes that name things and make objects of them. None of them imports or
// calls anything: an object is a record.

func (d *decoder) doGlobal(arg []byte) error {
	g, err := d.lines(arg)
	if err != nil {
		return err
	}
	return d.push(named(g))
}

// lines takes the two lines of GLOBAL and INST.
func (d *decoder) lines(arg []byte) (Global, error) {
	if !validText(arg) {
		return Global{}, errText
	}
	i := bytes.IndexByte(arg, '\n')
	return d.modern(string(arg[:i]), string(arg[i+1:])), nil
}

// modern spells a name as Python 3 does. Below protocol 3 names are those of Python 2.
func (d *decoder) modern(module, name string) Global {
	if d.proto < 3 {
		return fromPython2(module, name)
	}
	return Global{module, name}
}

func (d *decoder) doStackGlobal([]byte) error {
	if err := d.need(2); err != nil {
		return err
	}
	module, ok1 := asText(d.top(1))
	name, ok2 := asText(d.top(0))
	if !ok1 || !ok2 {
		return errName
	}
	return d.replace(2, named(d.modern(module, name)))
}

func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case ByteString:
		return string(v), ascii(v) // as a Python 3 reads it
	}
	return "", false
}

// callee checks what is to be called. A pickle can also make a callable by calling something.
func callee(v any) error {
	switch v.(type) {
	case Global, *Object:
		return nil
	}
	return fmt.Errorf("%s is called", TypeName(v))
}

func (d *decoder) doReduce([]byte) error {
	if err := d.need(2); err != nil {
		return err
	}
	args, ok := d.top(0).(Tuple)
	if !ok {
		return errNotTuple
	}
	class := d.top(1)
	if err := callee(class); err != nil {
		return err
	}
	if g, ok := class.(Global); ok {
		v, known, err := d.reduceKnown(g, args)
		if err != nil {
			return err
		}
		if known {
			return d.replace(2, v)
		}
	}
	return d.object(2, &Object{Kind: Reduce, Class: class, Args: args})
}

// object takes n values off and puts an object in their place.
func (d *decoder) object(n int, o *Object) error {
	d.tally.bytes += objectBytes
	return d.replace(n, o)
}

func (d *decoder) doNewObj([]byte) error {
	if err := d.need(2); err != nil {
		return err
	}
	args, ok := d.top(0).(Tuple)
	if !ok {
		return errNotTuple
	}
	class := d.top(1)
	if err := callee(class); err != nil {
		return err
	}
	return d.object(2, &Object{Kind: NewObj, Class: class, Args: args})
}

func (d *decoder) doNewObjEx([]byte) error {
	if err := d.need(3); err != nil {
		return err
	}
	kwargs, ok := d.top(0).(*Dict)
	args, ok2 := d.top(1).(Tuple)
	if !ok || !ok2 {
		return errNotTuple
	}
	class := d.top(2)
	if err := callee(class); err != nil {
		return err
	}
	return d.object(3, &Object{Kind: NewObjEx, Class: class, Args: args, Kwargs: kwargs})
}

func (d *decoder) doInst(arg []byte) error {
	class, err := d.lines(arg)
	if err != nil {
		return err
	}
	items, err := d.toMark()
	if err != nil {
		return err
	}
	args := Tuple(append(make([]any, 0, len(items)), items...))
	return d.object(len(items), &Object{Kind: OldInstance, Class: class, Args: args})
}

func (d *decoder) doObj([]byte) error {
	items, err := d.toMark()
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return errUnderflow
	}
	if err := callee(items[0]); err != nil {
		return err
	}
	args := Tuple(append(make([]any, 0, len(items)-1), items[1:]...))
	return d.object(len(items), &Object{Kind: OldInstance, Class: items[0], Args: args})
}

func (d *decoder) doBuild([]byte) error {
	if err := d.need(2); err != nil {
		return err
	}
	o, ok := d.top(1).(*Object)
	if !ok {
		return errNoState
	}
	if o.HasState {
		return errStateTwice
	}
	o.State, o.HasState = d.top(0), true
	d.drop(1)
	return nil
}

func (d *decoder) doExt(arg []byte) error {
	var code int64
	switch len(arg) {
	case 1:
		code = int64(arg[0])
	case 2:
		code = int64(binary.LittleEndian.Uint16(arg))
	default:
		code = int64(int32(binary.LittleEndian.Uint32(arg)))
	}
	if code <= 0 {
		return errNegative // copyreg.add_extension takes 1 to 0x7fffffff
	}
	return d.object(0, &Object{Kind: Extension, Args: Tuple{code}})
}

func (d *decoder) doPersID(arg []byte) error {
	if !validText(arg) {
		return errText
	}
	v, err := d.persist(string(arg))
	if err != nil {
		return err
	}
	return d.push(v)
}

func (d *decoder) doBinPersID([]byte) error {
	if err := d.need(1); err != nil {
		return err
	}
	v, err := d.persist(d.top(0))
	if err != nil {
		return err
	}
	return d.replace(1, v)
}

func (d *decoder) persist(id any) (any, error) {
	if d.persistent != nil {
		return d.persistent(id)
	}
	return &Object{Kind: PersistentID, Args: Tuple{id}}, nil
}
