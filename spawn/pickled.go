package spawn

import (
	"errors"
	"fmt"
	"os"
	"reflect"

	"mpbridge/connection"
	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/sharedmem"
	"mpbridge/synchronize"
)

// pickled makes values for a pickle of live objects: the other direction of objects.
type pickled struct {
	locks  *synchronize.Pickler
	queue  *queues.Pickler
	memory *sharedmem.Pickler
	blocks map[*byte]*sharedmem.Block // memory of barriers
	launch *launch
	depth  int
}

func newPickled(l *launch) *pickled {
	o := &pickled{launch: l, blocks: map[*byte]*sharedmem.Block{}}
	o.locks = &synchronize.Pickler{Python2: l.python2, Buffer: o.barrierMemory}
	o.queue = &queues.Pickler{Synchronize: o.locks,
		Duplicate: func(f *os.File) (int, error) { return l.inherit(f), nil }} // which is its own already
	o.memory = &sharedmem.Pickler{Python2: l.python2, Lock: func(lock any) (any, error) { return o.locks.Object(lock) }, Duplicate: o.descriptor}
	return o
}

// descriptor is what stands for a file that this process goes on using.
func (o *pickled) descriptor(f *os.File) (any, error) {
	copied, err := duplicate(f)
	if err != nil {
		return nil, err
	}
	fd := o.launch.inherit(copied)
	if o.launch.python2 {
		return int64(fd), nil
	}
	return sharedmem.InheritedFd(fd), nil
}

var errBarrierMemory = errors.New("spawn: a Barrier is passed on if its memory is a Block that is among the arguments before it")

// barrierMemory finds the block whose bytes a barrier has.
func (o *pickled) barrierMemory(mem []byte) (any, error) {
	if len(mem) > 0 {
		if b := o.blocks[&mem[0]]; b != nil {
			return o.memory.Object(b)
		}
	}
	return nil, errBarrierMemory
}

// live returns what stands for a live object; ok is false for what is none.
func (o *pickled) live(v any) (value any, ok bool, err error) {
	switch v := v.(type) {
	case *synchronize.Lock, *synchronize.RLock, *synchronize.Semaphore, *synchronize.BoundedSemaphore, *synchronize.Condition,
		*synchronize.Event, *synchronize.Barrier:
		value, err = o.locks.Object(v)
	case *queues.Queue, *queues.JoinableQueue, *queues.SimpleQueue, *connection.Conn:
		value, err = o.queue.Object(v)
	case *sharedmem.Block:
		if mem, err := blockBytes(v); err == nil && len(mem) > 0 {
			o.blocks[&mem[0]] = v
		}
		value, err = o.memory.Object(v)
	case *os.File:
		value, err = o.descriptor(v)
	default:
		if !ofPackage(v, "mpbridge/sharedmem") {
			return nil, false, nil
		}
		value, err = o.memory.Object(v)
	}
	return value, true, err
}

// ofPackage tells whether v points to a type of a package: those of sharedmem have type parameters.
func ofPackage(v any, path string) bool {
	t := reflect.TypeOf(v)
	return t != nil && t.Kind() == reflect.Pointer && t.Elem().PkgPath() == path
}

// maxDepth is how deep arguments with live objects may nest.
const maxDepth = 200

// value returns v with its live objects replaced. What has none is as it was.
func (o *pickled) value(v any) (any, error) {
	if value, ok, err := o.live(v); ok {
		return value, err
	}
	if o.depth++; o.depth > maxDepth {
		return nil, fmt.Errorf("spawn: arguments nest deeper than %d", maxDepth)
	}
	defer func() { o.depth-- }()
	switch v := v.(type) {
	case pickle.Tuple:
		return o.tuple(v)
	case *pickle.List:
		items, err := o.tuple(v.Items)
		return &pickle.List{Items: items}, err
	}
	rv := reflect.ValueOf(v)
	switch {
	case !rv.IsValid():
	case rv.Kind() == reflect.Slice && holdsLive(rv.Type().Elem()):
		return o.slice(rv)
	case rv.Kind() == reflect.Map && holdsLive(rv.Type().Elem()):
		return o.dict(rv)
	}
	return v, nil
}

// holdsLive tells whether values of a type can be live objects, or hold some.
func holdsLive(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Interface, reflect.Pointer:
		return true
	case reflect.Slice, reflect.Map:
		return holdsLive(t.Elem())
	}
	return false
}

func (o *pickled) tuple(items []any) (pickle.Tuple, error) {
	out := make(pickle.Tuple, len(items))
	for i, v := range items {
		var err error
		if out[i], err = o.value(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (o *pickled) slice(rv reflect.Value) (any, error) {
	out := &pickle.List{}
	for i := range rv.Len() {
		v, err := o.value(rv.Index(i).Interface())
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, v)
	}
	return out, nil
}

func (o *pickled) dict(rv reflect.Value) (any, error) {
	out := reflect.MakeMapWithSize(reflect.MapOf(rv.Type().Key(), reflect.TypeFor[any]()), rv.Len())
	for it := rv.MapRange(); it.Next(); {
		v, err := o.value(it.Value().Interface())
		if err != nil {
			return nil, err
		}
		if v == nil {
			v = any(nil)
			out.SetMapIndex(it.Key(), reflect.Zero(reflect.TypeFor[any]()))
			continue
		}
		out.SetMapIndex(it.Key(), reflect.ValueOf(v))
	}
	return out.Interface(), nil
}
