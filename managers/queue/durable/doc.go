// Package durable makes the queues of a server survive it: a [Store] is a folder of package wal, in which each queue has a
// stream of its own name. Its journals are queue.Journals.
//
//	store, err := durable.Open("jobs.data", nil)
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	srv, err := server.New(&server.Options{Authkey: key, Journals: store})
//
// What a client's put, put_many, ack, task_done, clear or shutdown has done is on stable storage when it returns, as far
// as Options.Sync says. That an item was taken for good, from a queue without leases, is written a little later: after a
// crash it may come again. An orderly end writes everything.
package durable
