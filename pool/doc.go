// Package pool calls Python functions from Go. It drives the workers of Python's
// multiprocessing.pool, stock processes of any version 2.7 or 3.6 to 3.15, over the pool's own wire
// format. Nothing is installed on their side.
//
//	p, err := pool.New(ctx, pool.Options{Workers: 4})
//	n, err := pool.Call[int](ctx, p, "math:factorial", 20)
//	roots, err := pool.Map[float64](ctx, p, "math:sqrt", []int{1, 4, 9}, nil)
//
// A function is named "package.module:name" and imported by the worker. Arguments and results go as
// pickles; a pickle.Raw, either way, is never opened here.
//
// # The conversation
//
// A worker is an interpreter that runs worker.py, given to it with -c: it makes a Connection of
// descriptor 3, one end of a socketpair, and calls worker of Lib/multiprocessing/pool.py with it.
// Each message is a frame of package connection that holds one pickle:
//
//	from    message                                       source
//	worker  (highest protocol, whether str is bytes)      worker.py
//	pool    (number, sys.path, main script, maxtasks)     worker.py
//	pool    (initializer or None, initargs)               worker.py
//	worker  (None, 0, (True, None)): ready                worker.py
//	pool    (job, i, function, args, kwargs): a task      pool.py: Pool._guarded_task_generation
//	worker  (job, i, (True, value))                       pool.py: worker
//	worker  (job, i, (False, exception))                  pool.py: worker
//	pool    None: no more tasks                           pool.py: Pool._handle_tasks
//
// An exception is rebuild_exc(exception, traceback) where Python wraps it, which 2.7 does not:
// worker.py adds the traceback as a fourth element there. A result that cannot be pickled is a
// MaybeEncodingError. A task that cannot be unpickled kills a worker of CPython's Pool; worker.py
// answers (None, None, (False, exception)) in its place, and goes on.
//
// A chunk of a map is one task that calls chunk of worker.py with the function and the items. It
// does what mapstar of pool.py does, but that an exception ends its item and not its chunk: the
// value is the list of results and the list of (index, exception, traceback).
//
// # What a death takes
//
// A worker has a socket of its own, works on one task at a time, and answers in order. So when it
// dies, the oldest task without an answer is the one that died with it, and no other: that one
// fails with a *WorkerError, the others go back to the queue. Where the system says that the dead
// process had not read its task (it was reset, or not written whole), it goes back as well. A task
// is never run twice unless Options.Retries says so.
//
// Chunks of one map are sent ahead, so that a worker need not wait for the next: as many as take
// about a millisecond, judged by those before, up to Options.SendAhead and never more than a
// worker's share of what there is. A chunk that then takes long holds up those behind it, at most a
// worker's share of tasks that were short so far; where that matters, as for tasks that wait for
// one another, set SendAhead to a negative number. Calls, chunks with a timeout, and chunks of
// several maps at once are never sent ahead. Jobs take turns, task by task.
//
// # Ends
//
// A task whose time is up, or whose context ends, has its worker killed: SIGINT, which raises
// KeyboardInterrupt, then SIGTERM, then SIGKILL, to the worker's process group, with
// Options.InterruptGrace and Options.TerminateGrace between. The task fails at once; the place of
// the worker is taken by a new one when it is gone. A worker that dies is replaced, at once the
// first time, then after pauses of up to a second until one has answered something. Workers that
// fail to start are tried again after pauses; when Options.StartAttempts are used up and there is
// no other, the pool ends with the *StartError of the last.
//
// When this process is killed, a worker that waits for a task sees the end of its socket and
// leaves, on every system. One that computes does not look at its socket. On Linux it is killed
// then by the parent-death signal. That signal comes when the thread that forked ends, and Go's
// threads come and go, so that set alone it would kill workers of a living process; here one
// goroutine, locked to its thread for as long as there are workers, starts them all.
//
// # Who owns what
//
//	goroutine                    owns                               ends when
//	spawner, one for each pool   the thread that starts processes   the last process is gone
//	one for each worker's place  the process, its socket, reading   Close and no tasks left, Terminate,
//	                             results                            Resize, a broken pool
//	its feed                     sending what may have to wait      the results of its process end
//	three for each process       stdout, stderr, reaping            the process is gone
//	one that ends a process      the signals                        the process is gone
//	the caller of a map          cutting chunks, decoding results   the map ends
//
// Windows, where a child inherits no socket as descriptor 3, has no pools: New returns
// ErrNotSupported.
package pool
