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
	if err := checkName(arg); err != nil {
		return Global{}, err
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

// callee checks what is to be called. A pickle can also make a callable by calling something.
func callee(v any) error {
	switch v.(type) {
	case Global, *Object:
		return nil
	}
	return fmt.Errorf("%s is not callable", TypeName(v))
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
	if err := instantiable(class); err != nil {
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
	for k := range kwargs.All() {
		if _, ok := Text(k); !ok {
			return errKeyword
		}
	}
	class := d.top(2)
	if err := instantiable(class); err != nil {
		return err
	}
	return d.object(3, &Object{Kind: NewObjEx, Class: class, Args: args, Kwargs: kwargs})
}

// instantiable checks what NEWOBJ makes an instance of: a class, as far as anybody can tell.
func instantiable(v any) error {
	if g, ok := v.(Global); ok && BuiltinFunction(g) {
		return fmt.Errorf("%v is not a class", g)
	}
	return callee(v)
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

func (d *decoder) doExt(arg []byte) error {
	if err := checkCode(arg); err != nil {
		return err
	}
	var b [4]byte
	copy(b[:], arg)
	return d.object(0, &Object{Kind: Extension, Args: Tuple{int64(binary.LittleEndian.Uint32(b[:]))}})
}

func (d *decoder) doPersID(arg []byte) error {
	var id any = string(arg)
	if !ascii(arg) {
		id = ByteString(arg) // in Python 2; an error in Python 3
	}
	v, err := d.persist(id)
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
