package server

import (
	"errors"

	"mpbridge/managers/queue"
)

// RegisterSyncManager registers what SyncManager of Lib/multiprocessing/managers.py offers, except for Pool:
// Queue, JoinableQueue, Event, Lock, RLock, Semaphore, BoundedSemaphore, Condition, Barrier, Value,
// Array, Namespace, list, dict, set, Iterator and AsyncResult, and LifoQueue and PriorityQueue beside
// them. Each create makes an object of its own. It must be called before Serve, and fails where one of
// the typeids is registered already.
func (s *Server) RegisterSyncManager() error {
	err := errors.Join(
		s.RegisterQueueType("Queue", nil),
		s.RegisterQueueType("JoinableQueue", nil),
		s.RegisterQueueType("LifoQueue", &queue.Options{Order: queue.LIFO}),
		s.RegisterQueueType("PriorityQueue", &queue.Options{Order: queue.Priority}),
	)
	for _, c := range syncClasses {
		t := c.make
		t.Concurrent = true // nobody waits for another's large list
		err = errors.Join(err, s.RegisterType(c.typeid, t))
	}
	return err
}

// syncClasses are the types of which every client makes its own, except for queues. A type that is missing here is dead
// code, as lint says.
var syncClasses = []*class{
	arrayClass, constantClass, barrierClass, boundedClass, conditionClass, dequeClass, dictClass, eventClass,
	fixedIteratorClass, listClass, lockClass, namespaceClass, rlockClass, semaphoreClass, setClass, valueClass,
}

// Kind is a type of objects that servers share.
type Kind struct {
	// Name is what listings call it: managers.ObjectInfo.Kind.
	Name string
	// Typeid is what SyncManager calls it; empty for what clients cannot make.
	Typeid string
	// Access says who may call each method, hidden ones of older Pythons and "#GETVALUE" among them.
	Access map[string]Role
	// Saved says whether snapshots have what such an object holds.
	Saved bool
	// Flag is how mpbridge serve offers one; its Name is empty where it does not.
	Flag Flag
}

// Kinds lists the types of SyncManager queues first, the others by their typeid.
func Kinds() (kinds []Kind) {
	for _, c := range append(queueKinds(), syncClasses...) {
		kinds = append(kinds, Kind{c.kind, c.typeid, c.access, c.saved, c.flag})
	}
	return kinds
}
