// Package snapshots keeps what a server.Server shares by name in files, from one server to the next.
//
//	store, err := snapshots.Open(ctx, "jobs.state", nil) // before Serve
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	found, err := store.Load(srv)
//	go store.Every(ctx, srv, time.Minute)
//	err = srv.Serve(ctx)
//	_, err = srv.Shutdown(shutdownCtx)
//	_, err = store.SaveLast(shutdownCtx, srv)
//
// For the path jobs.state there are, in one folder:
//
//	jobs.state           the newest generation, whole
//	jobs.state.previous  the one before
//	jobs.state.new       one that is being written; after a crash, a torn one
//	jobs.state.lock      locked while a server owns the files; who that is, and how the last one ended
//
// A new generation is written beside the newest, synced, read again and compared with its checksum, and only
// then takes its place by a rename, after which the folder is synced. The newest becomes the previous by a
// hard link, or by a rename where the file system has none. At no moment is there no whole generation, and at
// no moment is the number of whole ones less than before.
//
// A generation from which an object was left out, because a method that did not end held it, does not drive
// out a previous one without gaps: Load takes from there what is missing.
//
// Nothing that a server did not write whole itself is ever deleted or overwritten: what Options.From puts out
// of the way gets another name.
//
// # What a crash loses
//
// What changed after the newest generation was begun: items that were put are gone, items that were taken are
// there again and are delivered again. So are items that a client had taken when the generation was begun, and
// since when it had asked for nothing else: they might have come back.
//
// # Who owns what
//
//	goroutine      owns                    ends when
//	Store.Every    its saves, and a timer  its context ends
package snapshots
