// Package queue is queue.Queue as multiprocessing managers share it, with JoinableQueue's task_done and join, leases and
// dead letters. A server makes its queues (server.Server.RegisterQueue); a program can have one without a server:
//
//	q, err := queue.New(&queue.Options{MaxSize: 100})
//	if err != nil {
//		return err
//	}
//	err = q.Put(ctx, "job") // waits for room until ctx ends
//	for job, err := range queue.Of[string](q).All(ctx) {
//		...
//	}
//
// Below a Queue is a [Backend], which keeps the items: an [Engine] in this process, with a [Journal] if they are to
// survive it. Package queuetest is what every Backend has to do.
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
//     request, looks the same: then the item is delivered again. Where items are leased, such a handing
//     out counts in Delivery.Deliveries and in receipts, but not towards the dead letters. One whose reply
//     left in part, because it is larger than what the sockets hold and its worker ended meanwhile, counts
//     there too: the worker may have died of the item. One of which nothing left counts nowhere.
//  4. join() counts items, not deliveries: an item that went back is still one unfinished task.
//  5. A queue with leases leases: an item stays the worker's until task_done on the connection that took it,
//     ack of its receipt, or the end of the lease. When the connection ends or the lease does, the item
//     returns to the place that it had, and its next receipt says that it was handed out before. After
//     MaxDeliveries it moves to the dead letters, and counts as done here. Acknowledging twice, or after
//     the lease has ended, counts once: an item that waits to be handed out again is taken out, one that
//     somebody else has does not come back from there.
//  6. A put waits for room of any kind, if it may wait: for MaxSize, MaxBytes, or the server's budget, which
//     counts each item as the length of its pickle and ItemOverhead. Leased items keep their room. An
//     item that comes back, or becomes a dead letter, is taken whether there is room or not.
//  7. Stopping the server: no new connections; who waits for an item, a lock or the like, or for a value in
//     a channel, sees the end of the connection; calls that work, as methods of registered values, workers of
//     pools and steps of sequences do, finish within the deadline; and Shutdown reports what is left.
//
// Items are never decoded on their way through, except for two reasons: a reader that cannot load the
// pickle as it is gets it rewritten for its Python, and a priority queue looks at what it orders by.
package queue
