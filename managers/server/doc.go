// Package server is a manager server for stock Python: what BaseManager.get_server().serve_forever() is there. It never
// runs what a pickle says.
//
//	srv, err := server.New(&server.Options{Authkey: key})
//	if err != nil {
//		return err
//	}
//	jobs, err := srv.RegisterQueue("get_jobs", nil)     // clients: register("get_jobs"), manager.get_jobs()
//	err = srv.Register("calculator", &sums{}, nil) // a Go value: manager.calculator().add(1, 2)
//	_, err = srv.Listen("127.0.0.1:50000")
//	go srv.Serve(ctx)
//	err = jobs.Put(ctx, "job")
//
// RegisterSyncManager offers what SyncManager does: dict, list, deque, Lock, Queue and the others. Keys say who may do what,
// Limits what clients can make the server spend, and an Observer is told of each call.
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
// that has no name, but never while there is an item in it or leased from it, a call on it, a reply on its way
// that may bring an item back, or somebody who joins or counts its items off. One from which items were taken
// that nobody ever counts, such as a queue for one reply, goes when another needs the room. Its dead letters
// stay as long as it does, and as long as there are any. Whoever asks for a queue that is gone gets a new one of
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
//	one timer per queue with  the return of items           nothing is leased, Shutdown
//	leases
//	a sequence's coroutine    what the sequence took        its Iterator is removed
//
// A call that waits inside a queue keeps no goroutine of its own: its connection's goroutine waits for
// the connection to become readable, which is how it learns that the client is gone, and whoever has
// something for it wakes it through the read deadline.
package server
