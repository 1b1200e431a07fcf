// Package pools lets a server.Server offer multiprocessing.pool.Pool, as SyncManager.Pool() of a stock
// client asks for it. The workers are stock Python processes that package pool drives: functions, arguments
// and results pass through unopened, and run in the workers alone.
//
//	err := srv.RegisterSyncManager() // AsyncResult and Iterator are among its types
//	p, err := pools.Register(srv, &pools.Options{MaxWorkers: 4})
//	if err != nil {
//		return err
//	}
//	err = srv.Serve(ctx)
//	_, err = srv.Shutdown(shutdownCtx)
//	p.Close()
//
// What differs from a Pool in a manager of Python (Lib/multiprocessing/pool.py):
//
//   - The operator bounds how many workers there are in all pools together. Pool() without a number takes
//     what is left.
//   - A worker that dies fails the task that it was at, where CPython's Pool waits for it for ever.
//   - Callbacks run in a worker, before the result is ready. A bound method of a proxy, callback=names.append,
//     reaches its object in the server.
//   - Functions are imported by the workers, which are no forks of the manager: they find modules where
//     Options.Pool says. Functions of a script that the client runs need it as Options.Pool.Main.
//   - imap runs no further ahead of its reader than the pool's workers need.
//
// # Who owns what
//
//	goroutine or process   owns                         ends when
//	workers                                             their pool is terminated, Pools.Close
//	one per async result   the result, the callback     the result is there, the pool is terminated
//	one per imap           its stream                   its Iterator is removed, the pool is terminated
//	one per removed pool   its end                      its workers are gone; Close waits for it
package pools
