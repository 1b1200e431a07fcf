// Package queues is Python's multiprocessing.queues, and the Pipe of multiprocessing.connection: SimpleQueue, Queue,
// JoinableQueue and Conns that this process shares with stock Pythons of the same machine.
//
//	q, err := queues.NewQueue(100, nil)
//	if err != nil {
//		return err
//	}
//	defer q.Close()
//	err = q.Put(ctx, "job")
//	for job, err := range queues.Of[string](q).All(ctx) {
//		...
//	}
//
// A queue is a pipe, and locks by which its processes take turns. So it is handed over only when a process is started,
// as in Python: with a [Pickler] to a Python that this process starts, and from the pickle with an [Unpickler] where
// Python has started this one. Package spawn does both.
//
// # The pipe
//
// An item is a pickle in a frame of package connection, in one pipe for all processes:
//
//	SimpleQueue.get   rlock: frame                         SimpleQueue.put  wlock: frame
//	Queue.get         rlock: frame, sem + 1                Queue.put        sem - 1, wlock: frame
//	task_done         cond: unfinished - 1, notify at 0    JoinableQueue.put  sem - 1, cond: unfinished + 1, wlock: frame
//	join              cond: wait unless unfinished is 0
//
// A pipe takes 4096 bytes whole or not at all, and more than that in parts, so that nobody may write without wlock.
//
// # The states
//
//	SimpleQueue       (reader, writer, rlock, wlock)
//	Queue             (ignore_epipe, maxsize, reader, writer, rlock, wlock, sem, opid); 2.7: without the first
//	JoinableQueue     the same and (cond, unfinished_tasks)
//	Connection        rebuild_connection(_DupFd(fd), readable, writable); 2.7: _multiprocessing.Connection(fd, ...)
//
// concurrent.futures' _SafeQueue has the state of a Queue and becomes one.
//
// # What dies
//
// A stock process that is killed while it waits in get takes rlock with it, and nobody can get any more. One of this
// package waits without the lock and takes nothing with it. Both leave a queue of use to nobody when they
// are killed in the middle of an item that does not fit into the pipe at once: a get then ends with its context,
// with ErrStalled.
//
// # Goroutines
//
//	goroutine               owns                      ends when
//	writer of a queue       what was put and does     all has left, or CancelJoinThread after Close; there is none
//	                        not fit into the pipe     while nothing waits
//
// A call with a context borrows one while ctx ends it.
package queues
