package server

import "strings"

// Who may call what, as data. A method that is in no table needs an admin.

// accessTable says which roles may call a method.
type accessTable map[string]Role

// getValue is the name under which proxy._getvalue() asks for a copy of the object.
const getValue = "#GETVALUE"

// table turns roles and the methods that they may call, divided by spaces, round.
func table(of map[Role]string) accessTable {
	t := make(accessTable)
	for role, names := range of {
		for name := range strings.FieldsSeq(names) {
			t[name] |= role
		}
	}
	return t
}

var functionAccess = table(map[Role]string{
	everyone:     "accept_connection create decref dummy get_methods incref",
	RoleReadOnly: "debug_info list_clients list_objects list_segments number_of_objects",
	RoleAdmin:    "kill_client release_segment shutdown snapshot track_segment",
})

// Of what follows the queue, produce and consume reach only what their key names. A worker that may
// use such an object may change it.
var (
	queueAccess = table(map[Role]string{
		everyone:                   "empty full join qsize",
		RoleProduce:                "put put_many put_nowait",
		RoleConsume:                "ack extend get get_many get_nowait lease nack task_done unacked",
		RoleConsume | RoleReadOnly: "peek",
		RoleAdmin:                  "clear shutdown",
	})
	dictAccess = table(map[Role]string{
		everyone: "#GETVALUE __contains__ __getitem__ __iter__ __len__ __or__ __reversed__ __ror__ " +
			"copy fromkeys get has_key items keys values",
		workers: "__delitem__ __ior__ __setitem__ clear pop popitem setdefault update",
	})
	listAccess = table(map[Role]string{
		everyone: "#GETVALUE __add__ __contains__ __getitem__ __getslice__ __len__ __mul__ " +
			"__reversed__ __rmul__ copy count index",
		workers: "__delitem__ __delslice__ __imul__ __setitem__ __setslice__ append clear extend " +
			"insert pop remove reverse sort",
	})
	setAccess = table(map[Role]string{
		everyone: "#GETVALUE __and__ __class_getitem__ __contains__ __ge__ __gt__ __iter__ __le__ " +
			"__len__ __lt__ __or__ __rand__ __ror__ __rsub__ __rxor__ __sub__ __xor__ copy " +
			"difference intersection isdisjoint issubset issuperset symmetric_difference union",
		workers: "__iand__ __ior__ __isub__ __ixor__ add clear difference_update discard " +
			"intersection_update pop remove symmetric_difference_update update",
	})
	namespaceAccess = table(map[Role]string{
		everyone: "#GETVALUE __getattribute__",
		workers:  "__delattr__ __setattr__",
	})
	valueAccess = table(map[Role]string{everyone: "#GETVALUE get", workers: "set"})
	arrayAccess = table(map[Role]string{
		everyone: "#GETVALUE __getitem__ __getslice__ __len__",
		workers:  "__setitem__ __setslice__",
	})
	eventAccess     = table(map[Role]string{everyone: "isSet is_set wait", workers: "clear set"})
	lockAccess      = table(map[Role]string{everyone: "locked", workers: "acquire release"})
	semaphoreAccess = table(map[Role]string{workers: "acquire release"})
	conditionAccess = table(map[Role]string{
		everyone: "locked",
		workers:  "acquire notify notifyAll notify_all release wait",
	})
	barrierAccess = table(map[Role]string{
		everyone: "__getattribute__",
		workers:  "abort reset wait",
	})
	iteratorAccess = table(map[Role]string{everyone: "__next__ close next"})
	constantAccess = table(map[Role]string{everyone: "#GETVALUE"})
)

// accessOf returns the table of an object.
func accessOf(o Object, t Type) accessTable {
	if t.Access != nil {
		return t.Access
	}
	switch o.(type) {
	case *queueObject:
		return queueAccess
	case *dict:
		return dictAccess
	case *list:
		return listAccess
	case *set:
		return setAccess
	case *namespace:
		return namespaceAccess
	case *valueObject:
		return valueAccess
	case *array:
		return arrayAccess
	case *event:
		return eventAccess
	case *lock:
		return lockAccess
	case *semaphore:
		return semaphoreAccess
	case *condition:
		return conditionAccess
	case *barrier:
		return barrierAccess
	case *dictIterator, *fixedIterator, *goIterator:
		return iteratorAccess
	case *constant:
		return constantAccess
	}
	return nil
}
