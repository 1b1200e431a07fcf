package sharedmem

import (
	"fmt"

	"mpbridge/pickle"
)

// The modules in whose names shared memory is pickled.
const (
	moduleSharedMemory = "multiprocessing.shared_memory"
	moduleSharedCTypes = "multiprocessing.sharedctypes"
	moduleHeap         = "multiprocessing.heap"
	moduleReduction    = "multiprocessing.reduction"
	moduleCTypes       = "ctypes"
)

// The classes and functions that make shared memory of what is pickled.
var (
	classSharedMemory  = pickle.Global{Module: moduleSharedMemory, Name: "SharedMemory"}
	classShareableList = pickle.Global{Module: moduleSharedMemory, Name: "ShareableList"}
	rebuildPartial     = pickle.Global{Module: moduleReduction, Name: "_rebuild_partial"}
	classPartial       = pickle.Global{Module: "functools", Name: "partial"}
	rebuildArena       = pickle.Global{Module: moduleHeap, Name: "rebuild_arena"}
	classArena         = pickle.Global{Module: moduleHeap, Name: "Arena"}
	classBlock         = pickle.Global{Module: moduleHeap, Name: "BufferWrapper"}
	rebuildCType       = pickle.Global{Module: moduleSharedCTypes, Name: "rebuild_ctype"}
	synchronized       = pickle.Global{Module: moduleSharedCTypes, Name: "synchronized"}
)

// StateError says how a pickled value is not one that becomes shared memory.
type StateError struct {
	Class string // what it is one of, "" where that is not known
	What  string // what was found, and what was expected
}

// Error names the class.
func (e *StateError) Error() string {
	if e.Class == "" {
		return "sharedmem: " + e.What
	}
	return fmt.Sprintf("sharedmem: a pickled %s: %s", e.Class, e.What)
}

func call(class any, args ...any) *pickle.Object {
	return &pickle.Object{Kind: pickle.Reduce, Class: class, Args: pickle.Tuple(args)}
}

// instance is an object with attributes, which are given by name and value in turn.
func instance(class pickle.Global, attributes ...any) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: class, Args: pickle.Tuple{},
		State: pickle.NewDict(attributes...), HasState: true,
	}
}

// InheritedFd is what stands in a pickle for a descriptor that a child inherits, where multiprocessing starts it by
// spawn: _DupFd of Lib/multiprocessing/popen_spawn_posix.py. fd is its number in the child.
func InheritedFd(fd int) *pickle.Object {
	return instance(pickle.Global{Module: "multiprocessing.popen_spawn_posix", Name: "_DupFd"}, "fd", int64(fd))
}
