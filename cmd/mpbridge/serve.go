package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"

	"github.com/spf13/cobra"
)

// defaultAddress is where serve listens unless told otherwise.
const defaultAddress = "127.0.0.1:50000"

// serveOptions are the flags of serve.
type serveOptions struct {
	addresses []string
	key       keySource
	access    accessFlags
	shared    sharedValues
	holding   queueFlags
	logs      logFlags
	tls       tlsFiles
	grace     time.Duration
	limits    server.Limits
	strict    bool
	release   bool
	busyPoll  time.Duration
	snapshot  snapshotFlags
	data      dataFlags
	pool      servePool
}

func serveCommand(ui *ui) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run a manager server",
		Long: `Run a manager server for stock Python clients: BaseManager(address, authkey).connect().

Without --queue and its like it offers the queues of the classic examples: get_queue, with an optional
argument that names one of many queues, get_task_queue and get_result_queue. The types of SyncManager,
of which every client makes its own, are always there: Queue, JoinableQueue, Event, Lock, RLock,
Semaphore, BoundedSemaphore, Condition, Barrier, Value, Array, Namespace, list, dict and set; and
LifoQueue and PriorityQueue. With --pool there is Pool, whose workers run the functions that clients name:
whoever has the key can then run code as the server's user.

With --keys there are several keys, and each says what its clients may do. The file has one key a line,

  NAME  ROLE  SECRET  [PATTERN...]

where ROLE is admin, produce, consume or read-only, or several joined by +, SECRET is hex:..., base64:...
or text:..., and the patterns, as in jobs or get_*, say which names the key reaches: without any, all that
the role does. A pattern may have a role of its own, as in produce:results. Admins need no patterns.
MPBRIDGE_AUTHKEY is not looked at then. SIGHUP reads the file again, for clients that connect afterwards,
and the certificates; without either it does nothing.

At addresses like tls://HOST:PORT clients have to speak TLS 1.3: Go programs do, and Python programs
behind "mpbridge tunnel". The certificates are read again when their files change.

What is written is what is opened: 0.0.0.0:P is IPv4, [::]:P is IPv6, :P is both, and a name is one of its
addresses, of IPv4 if it has any.

Prints one line per address on stdout when it listens, "ready tcp 127.0.0.1:50000", "ready tls HOST:PORT"
or "ready unix /path", and logs on stderr. SIGINT and SIGTERM stop it: calls in flight finish within
--grace, what is left in the queues is reported, and it exits with 0. A second signal ends the grace, a
third one the program.

With --snapshot what is shared by name is saved each --snapshot-every and when the server stops, and is
there again at the next start. A crash loses what changed since the last save: items that were put are
gone, and items that were taken are delivered again. The start says in the log what it found. It refuses,
with exit code 7, a file that is damaged, or gone, or another server's; --snapshot-from says what to do
instead. What cannot be saved when stopping is tried again within --grace, and in --snapshot-fallback;
where all fails the exit code is 8, and the generations before stay.

With --data what is shared by name survives the server, also one that is killed: what put, put_many, ack,
task_done, clear and shutdown of queues have done, and calls that change dicts, lists, sets, namespaces, values,
arrays and events, is on the disk when they return, as --sync says. Locks are not kept. An item that a
client took from a queue without leases may come again after a crash; after an orderly end it does not. When the
disk is full put raises OSError, and get goes on. A folder that is damaged is refused with exit code 7, and when
the disk fails the server stops with 8. The first start takes everything over from --snapshot, if there is
one, which then has only what is not in --data.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmp.Or(o.snapshot.check(cmd.Flags()), o.data.check(cmd.Flags())); err != nil {
				return err
			}
			return o.run(cmd.Context(), ui)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.addresses, "address", []string{defaultAddress},
		"HOST:PORT, /path, unix:/path, unix:@abstract or tls://HOST:PORT; repeatable")
	o.shared.flags(f)
	o.holding.flags(f)
	o.logs.flags(cmd)
	f.StringVar(&o.tls.cert, "tls-cert", "", "certificate (PEM) for addresses that begin with "+tlsScheme)
	f.StringVar(&o.tls.key, "tls-key", "", "its key (PEM)")
	f.StringVar(&o.tls.ca, "tls-client-ca", "",
		"authorities (PEM) one of which has to vouch for a TLS client; without, none has to")
	f.DurationVar(&o.grace, "grace", 10*time.Second, "time for calls in flight when stopping (0: none)")
	limitFlags(f, &o.limits)
	f.BoolVar(&o.strict, "strict-digests", false, "refuse MD5, and with it Python up to 3.11")
	o.snapshot.flags(f)
	o.data.flags(f)
	f.BoolVar(&o.release, "release-on-disconnect", false,
		"let go of the locks and semaphores of a client whose connection ends")
	f.DurationVar(&o.busyPoll, "busy-poll", server.DefaultBusyPoll,
		"look at most so long for the next request of a busy client before waiting for it (0: wait)")
	o.pool.flags(cmd)
	o.key.flags(cmd)
	o.access.flags(f)
	return cmd
}

func (o *serveOptions) run(ctx context.Context, ui *ui) error {
	log, err := o.logs.logger(ui)
	if err != nil {
		return err
	}
	o.tls.log, o.tls.flags = log, tlsFlags{"tls-cert", "tls-key", "tls-client-ca"}
	addrs, err := o.parseAddresses()
	if err != nil {
		return err
	}
	key, made, err := o.authkey(addrs)
	if err != nil {
		return err
	}
	raiseFileLimit(log)
	// From here on a signal drains: a script may send one as soon as it reads the ready line.
	signals := catchSignals(ctx, log)
	defer signals.stop()
	kept, err := o.data.open(log)
	if err != nil {
		return err
	}
	defer kept.close()
	srv, err := o.server(key, addrs, kept, log)
	if err != nil {
		return err
	}
	defer srv.Close()
	endPools, err := o.pool.add(signals.running, srv, key, ui, log)
	if err != nil {
		return err
	}
	defer endPools()
	saved, err := o.snapshot.load(signals.running, srv, log)
	if err != nil && signals.running.Err() != nil {
		return nil // it was stopped while it waited for another server
	} else if err != nil {
		return err
	}
	defer saved.close()
	bound, err := o.listen(srv, addrs)
	if err != nil {
		return err
	}
	if made {
		if err := announceKey(ui, bound, key); err != nil {
			return err
		}
	}
	signals.reloadOnHangup(o.reloaders(srv, log)...)
	for _, a := range bound {
		fmt.Fprintln(ui.out, a.ready()+kept.readySuffix())
	}
	return o.serve(signals, srv, saved, kept, log)
}

// reloaders is what SIGHUP reads again.
func (o *serveOptions) reloaders(srv *server.Server, log *slog.Logger) (out []*reloader) {
	if o.access.keys != "" {
		out = append(out, &reloader{what: "keys", read: func() { o.access.reloadKeys(srv, log) }})
	}
	if o.tls.cert != "" {
		out = append(out, o.tls.reloader())
	}
	return out
}

// serve runs until a signal or a client's request, then drains and saves.
func (o *serveOptions) serve(signals *serverSignals, srv *server.Server, saved *snapshotKeeper, kept *data,
	log *slog.Logger) error {
	endSaving := saved.saveRegularly(srv)
	running, end := kept.until(signals.running)
	defer end()
	_ = srv.Serve(running) // its error is the signal
	signals.beginStop()
	endSaving()
	log.Info("stopping", "grace", o.grace)
	grace, cancel := context.WithTimeout(signals.grace, o.grace)
	defer cancel()
	report, err := srv.Shutdown(grace)
	logItemsLeft(log, report.Queues)
	if err != nil && grace.Err() == nil {
		return err
	}
	if err := cmp.Or(saved.save(grace, srv), kept.close()); err != nil {
		return err
	}
	log.Info("stopped", "items_left", report.Items(), "connections_cut", report.Cut)
	return nil
}

func (o *serveOptions) parseAddresses() (out []endpoint, err error) {
	secure := false
	for _, s := range o.addresses {
		e, err := parseEndpoint(s)
		if err != nil {
			return nil, flagError("address", err)
		}
		secure = secure || e.tls
		out = append(out, e)
	}
	given := o.tls.cert != "" && o.tls.key != ""
	switch {
	case secure && !given:
		return nil, &usageError{errors.New("an address that begins with " + tlsScheme +
			" needs --tls-cert and --tls-key")}
	case !secure && (o.tls.cert != "" || o.tls.key != "" || o.tls.ca != ""):
		return nil, &usageError{errors.New("TLS flags without an address that begins with " + tlsScheme)}
	}
	return out, nil
}

// authkey returns the key, and whether it was made up here. A made-up key is for this machine alone.
func (o *serveOptions) authkey(addrs []endpoint) (key []byte, made bool, err error) {
	if o.access.keys != "" {
		if o.key.flagged() {
			err = &usageError{errors.New("--keys excludes --authkey-file and --authkey-fd")}
		}
		return nil, false, err
	}
	if key, err = o.key.read(); key != nil || err != nil {
		return key, false, err
	}
	for _, a := range addrs {
		if err := checkGeneratedKey(a); err != nil {
			return nil, false, err
		}
	}
	return generateKey(), true, nil
}

// checkGeneratedKey refuses an address that other machines can reach.
func checkGeneratedKey(a endpoint) error {
	if a.Loopback() {
		return nil
	}
	return &hintError{fmt.Errorf("refusing to listen on %s without a key that you chose", a),
		"set " + envAuthkey + ", or use --authkey-file or --authkey-fd"}
}

func announceKey(ui *ui, addrs []endpoint, key []byte) error {
	for _, a := range addrs {
		if err := checkGeneratedKey(a); err != nil { // localhost may have been anything
			return err
		}
		path, err := saveKey(a.Address, key)
		if err != nil {
			return fmt.Errorf("keeping the key: %w", err)
		}
		ui.say("no key was given: made one for %s, kept in %s", a, path)
	}
	return nil
}

// listen opens all addresses and returns them with their ports.
func (o *serveOptions) listen(s *server.Server, addrs []endpoint) (out []endpoint, err error) {
	for _, a := range addrs {
		var cfg *tls.Config
		if a.tls {
			if cfg, err = o.tls.listening(); err != nil {
				return nil, err
			}
		}
		if a.Address, err = s.ListenTLS(a.Address.String(), cfg); err != nil {
			return nil, flagValueError("address", o.addresses[len(out)], err)
		}
		out = append(out, a)
	}
	return out, nil
}

// server makes the server with the types of SyncManager and what the flags share.
func (o *serveOptions) server(key []byte, addrs []endpoint, kept *data,
	log *slog.Logger) (*server.Server, error) {
	so := &server.Options{Authkey: key, Logger: log, Journals: kept.journals()}
	so.Limits, so.ReleaseOnDisconnect, so.BusyPoll = o.limits, o.release, o.busyPoll
	if o.busyPoll == 0 {
		so.BusyPoll = -1
	}
	if err := o.access.apply(so, addrs); err != nil {
		return nil, err
	}
	if o.strict {
		so.Digests = connection.StrictDigests()
	}
	s, err := server.New(so)
	if err != nil {
		return nil, limitError(err)
	}
	if err := s.RegisterSyncManager(); err != nil {
		return nil, err
	}
	sharing := &sharing{Server: s, flags: &o.holding}
	err = o.shared.add(sharing)
	if err == nil && len(sharing.queues) == 0 {
		err = addWellKnownNames(sharing)
	}
	if err == nil {
		err = o.holding.check(sharing.queues)
	}
	if err == nil {
		err = kept.checkOffered()
	}
	return s, err
}

// addWellKnownNames offers the names of the standard library's manual and of the classic master and worker.
func addWellKnownNames(s *sharing) error {
	if err := s.family("get_queue"); err != nil {
		return err
	}
	if err := s.queue("get_task_queue", queue.Options{}); err != nil {
		return err
	}
	return s.queue("get_result_queue", queue.Options{})
}
