package server

import (
	"fmt"

	"mpbridge/managers"
)

// class is what the server knows of one type of shared objects. Whatever has to know every type is derived from it:
// who may call what, which objects a snapshot has, what a listing says, and the tables of the documentation.
type class struct {
	kind    string   // what a listing calls the objects
	listed  []string // the methods that AutoProxy is told of, sorted
	byName  map[string]string
	access  accessTable
	observe func(o Object, info *managers.ObjectInfo)
	saved   bool
	typeid  string // of SyncManager; empty for what clients cannot make
	make    Type
	flag    Flag
}

// classed is an object of a class.
type classed interface {
	Object
	class() *class
}

// description is what a type's file says of it. describe panics where something is left out, so that no type is
// forgotten by access, snapshots or listings.
type description[T Object] struct {
	kind    string
	methods Methods[T]
	value   Role // who may copy the object by proxy._getvalue(): it must be a Valuer; 0 where it is none
	saved   saved
	observe func(o T, info *managers.ObjectInfo)
	// typeid is what SyncManager calls the type, and create how it is made; empty and nil where clients cannot make it.
	typeid string
	create Type
	// flag is how mpbridge serve offers an object of the type; empty where it does not.
	flag Flag
}

// saved says whether a snapshot has objects of a type.
type saved int

const (
	unsaid       saved = iota
	saveContents       // as persistent
	saveNothing        // it is not: what it is does not outlive the clients
)

// unobserved is for objects of which a listing says no more than their text and length.
func unobserved[T Object](T, *managers.ObjectInfo) {}

// describe makes the class of a type.
func describe[T Object](d description[T]) *class {
	var zero T
	_, copied := any(zero).(Valuer)
	_, keeps := any(zero).(persistent)
	switch {
	case d.kind == "" || d.observe == nil || d.saved == unsaid:
		panic(fmt.Sprintf("the description of %T is incomplete", zero))
	case copied != (d.value != 0):
		panic(fmt.Sprintf("%T: who may copy it?", zero))
	case keeps != (d.saved == saveContents):
		panic(fmt.Sprintf("%T: is it saved?", zero))
	}
	for name, m := range d.methods {
		if m.access == 0 {
			panic(fmt.Sprintf("%T: who may call %s?", zero, name))
		}
	}
	c := &class{
		kind: d.kind, listed: d.methods.Names(), byName: make(map[string]string), access: d.methods.Access(),
		observe: func(o Object, info *managers.ObjectInfo) { d.observe(o.(T), info) },
		saved:   d.saved == saveContents, typeid: d.typeid, make: d.create, flag: d.flag,
	}
	for name := range d.methods {
		c.byName[name] = name
	}
	if d.value != 0 {
		c.access[getValue] = d.value
	}
	return c
}

// classOf returns the class of an object, nil for one of the program's own types.
func classOf(o Object) *class {
	if c, ok := o.(classed); ok {
		return c.class()
	}
	return nil
}

// Flag is a flag of mpbridge serve that offers an object under a name.
type Flag struct{ Name, Form, Help string }
