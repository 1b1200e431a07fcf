// Package pool calls Python functions from Go. It drives the workers of Python's
// multiprocessing.pool, stock processes of any version 2.7 or 3.6 to 3.15, over the pool's own wire
// format. Nothing is installed on their side.
//
//	p, err := pool.New(ctx, &pool.Options{Workers: 4, Path: []string{"/srv/app"}})
//	n, err := pool.Call[int](ctx, p, "math:factorial", 20)
//	roots, err := pool.Map[float64](ctx, p, "math:sqrt", []int{1, 4, 9}, nil)
//	result := p.With(&pool.CallOptions{Timeout: time.Minute}).Go(ctx, "tasks:train", pool.Kwargs{"rounds": 5})
//	err = result.Wait(ctx)
//	p.Close() // no new calls; Join waits for those that there are
//	err = p.Join(ctx)
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
// # Start methods
//
// With Forkserver (CPython's start method of that name, with set_forkserver_preload), one interpreter
// has worker number 0: it is greeted as a worker is, loads Options.Main and Options.Preload, and from
// then on forks workers when asked. Those are greeted again, and have everything from it but
// sys.path and the main script, which they have already: Initializer runs in each. Prints of the
// fork server itself are those of number 0. On its socket travel three numbers of 32 bits, big endian,
// without a frame towards it and in one towards the pool; see forkserver.py:
//
//	from    message                                       meaning
//	pool    (0, worker, 0), four descriptors beside it    fork; for socket, stdout, stderr, lifeline
//	server  (0, worker, pid or -errno)                    the answer
//	pool    (1, pid, signal)                              to the process group of a child
//	server  (1, pid, 0)                                   the answer
//	server  (2, pid, status)                              a child has ended
//
// Signals go that way because the fork server alone knows which numbers are still its children's.
// The lifeline is a pipe of which only this process has the other end: when that closes, for this
// process ends or for its fork server has died, Linux kills the worker (F_SETSIG of fcntl(2)).
// Elsewhere such a worker ends when it next looks at its socket. A fork server that dies takes its
// workers along: their tasks fail with a *WorkerError that wraps a *ForkServerError. The next start
// starts a new one; so it does where one has not answered for Options.StartTimeout. One that does
// not start, for a module is missing or the main script raises an exception, ends the pool as a
// failing initializer does.
//
// It pays where workers import much: 8 workers that import for a tenth of a second were ready after
// 0.1 s in place of 0.3 s and took 40 MB in place of 140 MB, and with MaxTasksPerChild 1 they did
// thirty times as many short tasks (interop/bench/pool, two cores). It does not pay for workers that
// import little and live long, and it is wrong where modules start threads or open connections when
// they are imported: a fork has the forking thread alone (Python 3.12 and newer warn), and all
// workers share the connections. The state of numpy.random is the same in each of them unless
// Initializer seeds it; Python's own random is seeded anew. Handlers that modules registered with
// atexit run in the fork server alone, as in CPython since 3.14.
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
// goroutine, locked to its thread for as long as there are workers, starts them all, and fork servers.
//
// # Who owns what
//
//	goroutine                    owns                               ends when
//	spawner, one for each pool   the thread that starts processes   the last process is gone
//	one for each worker's place  the process, its socket, reading   Close and no tasks left, Terminate,
//	                             results                            Resize, a broken pool
//	its sendLoop                 sending what may have to wait      the results of its process end
//	three for each process       stdout, stderr, reaping            the process is gone
//	one that ends a process      the signals                        the process is gone
//	one for each fork server     the process, its socket            it dies, or the last worker is gone
//	the caller of a map          cutting chunks, decoding results   the map ends
//
// Windows, where a child inherits no socket as descriptor 3, has no pools: New returns
// ErrNotSupported.
package pool
