package pickle

import (
	"math"
	"slices"
	"strings"
)

// This file writes globals and objects.

// global writes a name. One that was written before is fetched from the memo.
func (e *encoder) global(g Global) error {
	if n, ok := e.globals[g]; ok {
		e.get(n)
		return nil
	}
	if err := e.newGlobal(g); err != nil {
		return err
	}
	if e.globals == nil {
		e.globals = make(map[Global]int)
	}
	e.globals[g] = e.putNumber()
	return nil
}

func (e *encoder) newGlobal(g Global) error {
	if done, err := e.everywhere(g); done {
		return err
	}
	if e.proto >= 4 {
		if err := e.plainText(g.Module); err != nil {
			return err
		}
		if err := e.plainText(g.Name); err != nil {
			return err
		}
		e.op(opStackGlobal)
		return nil
	}
	if i := strings.LastIndexByte(g.Name, '.'); i > 0 && i < len(g.Name)-1 {
		return e.attribute(Global{g.Module, g.Name[:i]}, g.Name[i+1:])
	}
	if err := e.nameFits(g); err != nil {
		return err
	}
	g = e.spelled(g)
	e.line(opGlobal, g.Module+"\n"+g.Name)
	return nil
}

// spelled returns a name as the stream spells it.
func (e *encoder) spelled(g Global) Global {
	if e.proto > 2 {
		return g
	}
	if e.native && g.Module == "builtins" && (g.Name == "int" || g.Name == "str") {
		// For Python 3 these are long and unicode, which is right for values but not for classes that
		// have them as a base.
		return Global{"__builtin__", g.Name}
	}
	if rest, ok := strings.CutPrefix(g.Module, "numpy._core"); ok && e.native {
		g.Module = "numpy.core" + rest // numpy 2 renamed it; what runs on Python 2 is older
	}
	return toPython2(g)
}

// attribute writes a dotted name as getattr, level by level: GLOBAL follows dots only from protocol
// 4 on.
func (e *encoder) attribute(of Global, name string) error {
	if err := e.enter(); err != nil {
		return err
	}
	err := e.call(Global{"builtins", "getattr"}, Tuple{of, name})
	e.depth--
	return err
}

// nameFits refuses names that would end the line, and with it let a peer write opcodes of its own,
// and those that the reader could not decode.
func (e *encoder) nameFits(g Global) error {
	for _, s := range []string{g.Module, g.Name} {
		switch {
		case strings.ContainsAny(s, "\n\r"):
			return e.unsupported(g, "line end in a name")
		case e.proto <= 2 && !ascii(s), !validText([]byte(s)):
			return e.unsupported(g, "name is not ASCII")
		}
	}
	return nil
}

// call writes a call of a global, without a memo number. The arguments must not contain the result.
func (e *encoder) call(g Global, args Tuple) error {
	if err := e.global(g); err != nil {
		return err
	}
	if err := e.plainTuple(args); err != nil {
		return err
	}
	e.op(opReduce)
	return nil
}

// form writes a call of a builtin.
func (e *encoder) form(name string, args Tuple) error {
	if err := e.enter(); err != nil {
		return err
	}
	err := e.call(Global{"builtins", name}, args)
	e.depth--
	return err
}

func (e *encoder) object(o *Object) error {
	if o == nil {
		e.op(opNone)
		return nil
	}
	id := pointerIdent(o)
	if e.recall(id) {
		return nil
	}
	o = loadable(o, e.native)
	args, ok := o.Args.(Tuple)
	if !ok && o.Args != nil {
		return e.unsupported(o, "Args is not a Tuple")
	}
	if err := e.begin(id, len(args)); err != nil {
		return err
	}
	done, err := e.make(o, args, id)
	if err == nil && !done {
		e.put(id)
		err = e.content(o)
	}
	e.depth--
	return err
}

// make writes what makes an object; done says that the object was made meanwhile, inside its own
// arguments, and is on the stack.
func (e *encoder) make(o *Object, args Tuple, id ident) (done bool, err error) {
	class, op := o.Class, opReduce
	kwargs := o.Kwargs
	if kwargs == nil {
		kwargs = new(Dict)
	}
	switch o.Kind {
	case Reduce:
	case NewObj:
		op = opNewObj
		if e.proto < 2 {
			class, op = Global{"copyreg", "__newobj__"}, opReduce
			args = append(Tuple{o.Class}, args...)
		}
	case NewObjEx:
		if e.native {
			return false, e.unsupported(o, "Python 2 has no __newobj_ex__")
		}
		op = opNewObjEx
		if e.proto < 4 {
			class, op = Global{"copyreg", "__newobj_ex__"}, opReduce
			args = Tuple{o.Class, args, kwargs}
		}
	case OldInstance:
		return e.oldInstance(o, args, id)
	case PersistentID:
		return false, e.persistentID(o, args)
	case Extension:
		return false, e.extension(o, args)
	default:
		return false, e.unsupported(o, "unknown Kind")
	}
	if c, ok := class.(Global); !ok {
		if _, ok := class.(*Object); !ok {
			return false, e.unsupported(o, "Class is neither Global nor *Object")
		}
	} else if e.native {
		class, args = forPython2(c, args, o.Kind)
	}
	return e.construct(op, class, args, kwargs, id)
}

// construct writes the class, the arguments and the opcode that joins them.
func (e *encoder) construct(op Op, class any, args Tuple, kwargs *Dict, id ident) (bool, error) {
	before, n := e.next, 2
	if err := e.value(class); err != nil {
		return false, err
	}
	if err := e.tuple(args); err != nil {
		return false, err
	}
	if op == opNewObjEx {
		n = 3
		if err := e.value(kwargs); err != nil {
			return false, err
		}
	}
	if num, ok := e.finished(id, before); ok {
		e.discard(n, false)
		e.get(num)
		return true, nil
	}
	e.op(op)
	return false, nil
}

// oldInstance writes OBJ, or INST where the protocol has only that.
func (e *encoder) oldInstance(o *Object, args Tuple, id ident) (done bool, err error) {
	class, ok := o.Class.(Global)
	if e.proto == 0 {
		if !ok {
			return false, e.unsupported(o, "the class has no name")
		}
		if err := e.nameFits(class); err != nil {
			return false, err
		}
	}
	before := e.next
	e.op(opMark)
	n := len(args)
	if e.proto > 0 {
		n++
		if err := e.value(o.Class); err != nil {
			return false, err
		}
	}
	for _, v := range args {
		if err := e.value(v); err != nil {
			return false, err
		}
	}
	if num, ok := e.finished(id, before); ok {
		e.discard(n, true)
		e.get(num)
		return true, nil
	}
	if e.proto > 0 {
		e.op(opObj)
		return false, nil
	}
	class = e.spelled(class)
	e.line(opInst, class.Module+"\n"+class.Name)
	return false, nil
}

func (e *encoder) persistentID(o *Object, args Tuple) error {
	if len(args) != 1 {
		return e.unsupported(o, "a persistent id is one argument")
	}
	if e.proto > 0 {
		if err := e.value(args[0]); err != nil {
			return err
		}
		e.op(opBinPersID)
		return nil
	}
	s, ok := args[0].(string)
	if !ok || !ascii(s) || strings.ContainsAny(s, "\n\r") {
		return e.unsupported(o, "protocol 0 has only ASCII lines as persistent ids")
	}
	e.line(opPersID, s)
	return nil
}

func (e *encoder) extension(o *Object, args Tuple) error {
	if e.proto < 2 {
		return e.unsupported(o, "extension codes came with protocol 2")
	}
	code := int64(0)
	if len(args) == 1 {
		code, _ = args[0].(int64)
	}
	switch {
	case code <= 0 || code > math.MaxInt32:
		return e.unsupported(o, "an extension code is an int64 above 0 and below 2**31")
	case code < 1<<8:
		e.op1(opExt1, byte(code))
	case code < 1<<16:
		e.buf = append(e.buf, byte(opExt2), byte(code), byte(code>>8))
	default:
		e.op4(opExt4, uint32(code))
	}
	return nil
}

// content writes what is done to an object after it was made, in the order of CPython's
// save_reduce.
func (e *encoder) content(o *Object) error {
	if err := e.items(o.Items); err != nil {
		return err
	}
	if err := e.pairs(o.Pairs); err != nil {
		return err
	}
	if !o.HasState {
		return nil
	}
	if o.Setter != nil {
		if err := e.value(o.Setter); err != nil {
			return err
		}
		if err := e.plainTuple(Tuple{o, o.State}); err != nil {
			return err
		}
		e.op(opReduce)
		e.op(opPop)
		return nil
	}
	if err := e.value(o.State); err != nil {
		return err
	}
	e.op(opBuild)
	return nil
}

// nativeArgs are the arguments, by position, for which Python 2 takes its own str only.
var nativeArgs = map[Global][]int{
	{"array", "array"}: {0},
}

// rebuildPartial is how ForkingPickler of Python 3 makes a functools.partial: reduction.py.
var rebuildPartial = Global{"multiprocessing.reduction", "_rebuild_partial"}

// partialForPython2 makes the same by apply(partial, (func, *args), kwds), which Python 2 has.
func partialForPython2(g Global, args Tuple) (any, Tuple) {
	given, ok := args[1].(Tuple)
	if !ok {
		return g, args
	}
	given = append(Tuple{args[0]}, given...)
	return Global{"builtins", "apply"}, Tuple{Global{"functools", "partial"}, given, args[2]}
}

// forPython2 rewrites calls that Python 2 does not take as they are where there is another way to
// say the same.
func forPython2(g Global, args Tuple, kind ObjectKind) (any, Tuple) {
	if kind != Reduce {
		return g, args
	}
	for _, i := range nativeArgs[g] {
		if s, ok := argument(args, i).(string); ok && ascii(s) {
			args = slices.Clone(args)
			args[i] = ByteString(s)
		}
	}
	switch {
	case g.Module == "array":
		return arrayForPython2(g, args)
	case g == rebuildPartial && len(args) == 3:
		return partialForPython2(g, args)
	}
	return g, args
}

func argument(args Tuple, i int) any {
	if i < len(args) {
		return args[i]
	}
	return nil
}

// arrayForPython2 rewrites the call by which Python 3 makes an array.
func arrayForPython2(g Global, args Tuple) (any, Tuple) {
	if g.Name != "_array_reconstructor" || len(args) != 4 {
		return g, args
	}
	// The arguments are class, typecode, machine format, bytes. array(typecode, bytes) is the same
	// where the format is the machine's own. Which one Python 2 runs on is not known; what it still
	// runs on is little-endian.
	class, ok1 := args[0].(Global)
	code, ok2 := args[1].(string)
	format, ok3 := args[2].(int64)
	data, ok4 := args[3].([]byte)
	if ok1 && ok2 && ok3 && ok4 && littleEndian(format) {
		return class, Tuple{ByteString(code), data}
	}
	return g, args
}

// littleEndian tells whether a machine format of arraymodule.c is one of single bytes, or of
// little-endian integers or floats.
func littleEndian(format int64) bool {
	return format == 0 || format == 1 || format >= 2 && format <= 16 && format%2 == 0
}

// raw writes a value that is still pickled.
func (e *encoder) raw(r Raw) error {
	if err := e.weigh(r.Size()); err != nil {
		return err
	}
	d := Dialect{Protocol: e.proto, NativeBytes: e.native}
	switch {
	case e.proto == 2 && e.native || e.proto == 5:
	case e.proto == 4:
		d.Protocol = 3 // a peer that writes 3 reads 4
	default:
		return e.rawValue(r)
	}
	segs, used, err := r.body(d, e.next, e.meter)
	if err != nil {
		return err
	}
	e.next += used
	for _, s := range segs {
		e.part(s)
	}
	return nil
}

// rawValue decodes a Raw and writes the value, in protocols that no peer of ours speaks.
func (e *encoder) rawValue(r Raw) error {
	if err := e.enter(); err != nil {
		return err
	}
	v, err := r.Metered(e.meter).Any()
	if err == nil {
		err = e.value(v)
	}
	e.depth--
	return err
}
