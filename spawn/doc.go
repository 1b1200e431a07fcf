// Package spawn makes Go programs children of Python's multiprocessing, and stock Pythons children of Go programs.
//
// # A Go program as a child
//
// Main is the first line of the program's main. A stock Python program that names the executable starts it as it would
// start itself:
//
//	func main() {                                             ctx = multiprocessing.get_context('spawn')
//		spawn.Main(spawn.Targets{                             ctx.set_executable('/path/of/the/program')
//			"images:resize": func(name string) error {        ctx.Process(target=images.resize, args=('a.png',)).start()
//				...                                           # resize is any function that Python can import:
//			},                                                # its name travels, and nothing of what it does
//		})
//		... // what the program is when it is started otherwise
//	}
//
// Nothing is installed on Python's side. It works with Python 3.6 to 3.15 on Linux.
//
// # What a target gets
//
// Arguments are converted to the types of the function's parameters as pickle.Unmarshal converts. These are live, wherever in
// the arguments they stand, and however often: what is one object in Python is one here. They are closed
// when the function has returned.
//
//	Python                                                    Go
//	Lock, Semaphore, BoundedSemaphore and their like          *synchronize.Lock and so on
//	Queue, JoinableQueue, SimpleQueue                         *queues.Queue, *queues.JoinableQueue, *queues.SimpleQueue
//	an end of a Pipe                                          *connection.Conn
//	Value, Array, RawValue, RawArray, SharedMemory            those of package sharedmem
//	a bare descriptor (reduction.DupFd)                       *os.File
//
// # Pools and executors
//
// The workers of a stock Pool and of a stock ProcessPoolExecutor are processes with a target of Python's own, which every
// program has: multiprocessing.pool.worker and concurrent.futures.process._process_worker. What their tasks call are the
// Targets.
//
//	ctx.set_executable('/path/of/the/program')
//	with ctx.Pool() as pool:
//		pool.map(images.resize, names)
//
// An error of a function is the exception that it is, or a RuntimeError, with a traceback that names the functions of Go; a
// panic is one of its task, and the worker goes on. A function that the program does not have is an AttributeError
// that names it. An unknown initializer of a Pool fails each task in the same way: a stock Pool replaces a worker that
// ends for ever. Leave the executable set for as long as there is a pool, since its workers are replaced.
//
// A worker waits for tasks without holding the lock of their queue, so that one which is killed while it is idle does
// not take the pool along, as a stock one does. A task that a killed worker was at is lost to a stock Pool, and breaks
// an executor, whatever the worker is written in.
//
// # A stock Python as a child
//
//	jobs, err := queues.NewQueue(0, nil)
//	p, err := spawn.Start(ctx, "python3", "images:resize", jobs, lock, pickle.Kwargs{"size": 64})
//	...
//	err = p.Wait(ctx) // an *ExitError unless the status is 0
//
// calls resize(jobs, lock, size=64) in a Python 2.7 or 3.6 to 3.15, where jobs is a multiprocessing.Queue and lock a
// multiprocessing.Lock. Whatever the table above has can be passed; Python 2.7 has no Barrier and no SharedMemory, and it
// is given items by a queue with pickle.EncodeOptions.Protocol 2.
//
// Objects stay those of the Go program: it closes them, and names go when it does (queues) or says so (Unlink). Semaphores that
// a child or its own children made and left behind, because they were killed, are removed when the last of them
// has ended. Segments are not: who merely attaches one registers it, too. A Go program that is itself killed leaves the
// names that it made.
//
// # The bootstrap
//
// Source: Lib/multiprocessing/popen_spawn_posix.py and spawn.py; the same in 3.6 to 3.15, but for the protocol.
//
//	argv  PROGRAM [flags] -c "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=T, pipe_handle=P)"
//	      --multiprocessing-fork
//	P     two pickles without frames: the preparation data, a dict; and the process, an object with _target and _args
//
// Descriptors are inherited by number, without the flag that closes them on exec. Main sets that flag first, so that what
// the program starts does not keep the pipes of queues and the sentinel of the parent open.
//
// The same executable is asked to be the resource tracker and the fork server ("-c" with other words), and there may be
// targets that the program does not have. For those it becomes the interpreter that its parent runs, by exec, with
// the same arguments and descriptors. The name of the target is looked for in the pipe without reading it, so this works as
// long as it is among the first MiB.
//
// # How it ends
//
//	the function                     exit status            Python's own child
//	returns                          0                      0
//	returns an error, panics         1, text on stderr      1
//	returns SystemExit.New(n)        n                      n
//	calls os.Exit(n)                 n, nothing is closed   n
//
// The context of a target ends, with the cause ErrParentDied, when the parent is gone. What does not look at it goes on, as
// a child in Python would.
//
// # Signals
//
// SIGTERM, SIGKILL, SIGINT and SIGHUP end the program as they end Python: exitcode is -15, -9, -2, -1. SIGQUIT and SIGABRT
// print the goroutines and are status 2; SIGALRM, SIGUSR1 and SIGUSR2 do nothing unless the program asks for them
// (os/signal), while they kill a Python that does not. A write to a stdout or stderr that nobody reads fails, as in
// Python, and does not kill. SIGTERM, SIGINT, SIGHUP and SIGCHLD are unblocked even where the parent has blocked them.
//
// # Trust
//
// A child believes its parent: it gets the authkey of the program from it and runs what it is told of, which is no more
// than its own targets and the interpreter. Pickles are decoded, never run.
package spawn
