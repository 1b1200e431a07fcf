// Package managers speaks the protocol of Python's multiprocessing.managers, as a server and as a
// client, with stock Python on the other side.
//
// # The conversation
//
// A connection is authenticated (package connection), then carries pickled tuples, one reply to each
// request. The first request says what the connection is for (Lib/multiprocessing/managers.py,
// Server._handle_request and serve_client):
//
//	request   (ident, method, args, kwds)
//	reply     (kind, payload)
//
//	first method       then
//	accept_connection  any number of calls on idents, until the client closes
//	any other          one reply, and the server closes
//
//	kind             payload
//	#RETURN          the result
//	#ERROR           an exception instance, raised by the method
//	#PROXY           (exposed methods, Token) of an object that the method made
//	#TRACEBACK       text: the request itself failed
//	#UNSERIALIZABLE  text: the result could not be pickled
//
// # Delivery
//
// What a Queue promises:
//
//  1. When put has returned, the item is in the queue. Order is FIFO per queue, also with maxsize,
//     many producers, waiters and timeouts.
//  2. A waiter that is gone never receives. A reply that could not be written puts its item back at
//     the head; several go back in their order.
//  3. An item whose reply was written is the worker's. Written means taken by the worker's process:
//     where its system says afterwards that the reply was thrown away unread (the process was killed
//     before it read, and the connection came back reset), rule 2 holds. A connection that is reset
//     by something else than its owner's death, right after the reply was read and before the next
//     request, looks the same: then the item is delivered again. Where items are lent, such a handing
//     out counts in Delivery.Deliveries and in receipts, but not towards the dead letters. One whose reply
//     left in part, because it is larger than what the sockets hold and its worker ended meanwhile, counts
//     there too: the worker may have died of the item. One of which nothing left counts nowhere.
//  4. join() counts items, not deliveries: an item that went back is still one unfinished task.
//  5. A queue with leases lends: an item stays the worker's until task_done on the connection that took it,
//     ack of its receipt, or the end of the lease. When the connection ends or the lease does, the item
//     returns to the place that it had, and its next receipt says that it was handed out before. After
//     MaxDeliveries it moves to the dead letters, and counts as done here. Acknowledging twice, or after
//     the lease has ended, counts once: an item that waits to be handed out again is taken out, one that
//     somebody else has does not come back from there.
//  6. A put waits for room of any kind, if it may wait: for MaxSize, MaxBytes, or the server's budget, which
//     counts each item as the length of its pickle and ItemOverhead. Items that are lent keep their room. An
//     item that comes back, or becomes a dead letter, is taken whether there is room or not.
//  7. Stopping the server: no new connections; who waits for an item, a lock or the like, or for a value in
//     a channel, sees the end of the connection; calls that work, as methods of registered values, workers of
//     pools and steps of sequences do, finish within the deadline; and Shutdown reports what is left.
//
// Items are never decoded on their way through, but for two reasons: a reader that cannot load the
// pickle as it is gets it rewritten for its Python, and a priority queue looks at what it orders by.
//
// # References
//
// An object of the server lives while something refers to it: a client (create, incref and decref
// count those), a proxy that is stored in another object or in a queue, a reply on its way, or a name
// that it is shared under. Python's server counts the references of stored proxies as clients do; here
// they are counted apart, so that a stored proxy lives exactly as long as it is stored, and objects that
// only store each other are found and removed. After the last reference an object stays for
// Limits.ObjectGrace: a client may have sent its proxy to another process just before it let go.
//
// A queue of a family, get_queue('orders'), is made by whoever asks for it first. It goes as an object does
// that has no name, but never while there is an item in it or lent of it, a call on it, a reply on its way
// that may bring an item back, or somebody who joins or counts its items off. One from which items were taken
// that nobody ever counts, such as a queue for one reply, goes when another needs the room. Its dead letters
// stay as long as it does, and as long as there are any. Who asks for a queue that is gone gets a new one of
// that name. No key but an admin's makes more than its share of objects and of such queues.
//
// What clients store stays pickled, as items in queues do. A proxy in it is rewritten on its way out to
// lead to the address by which the reading client came. Python 2's server stores the object itself
// where a proxy is stored; a client of Python 2 that reads what Python 2 stored gets a copy, as there.
//
// # Who owns what
//
//	goroutine                 owns                          ends when
//	Server.Serve              the listeners' end            Shutdown or Close
//	one per listener          its accept loop               the listener closes
//	one per connection        the connection and its call   the client closes, an error, Shutdown
//	context watcher           nothing; it waits             its call returns
//	one timer per server      the sweep of objects          nothing is left to sweep, Shutdown
//	                          to which nobody refers
//	one timer per queue with  the return of items           nothing is lent, Shutdown
//	leases
//	a sequence's coroutine    what the sequence took        its Iterator is removed
//
// A call that waits inside a queue keeps no goroutine of its own: its connection's goroutine waits for
// the connection to become readable, which is how it learns that the client is gone, and whoever has
// something for it wakes it through the read deadline.
package managers
