package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"mpbridge/connection"
	"mpbridge/managers/server"
	"mpbridge/tunnel"

	"github.com/spf13/cobra"
)

// tunnelOptions are the flags of tunnel.
type tunnelOptions struct {
	listen, to string
	cert, key  string
	ca         string
	clientCA   string
	serverName string
	halfClose  bool
	max        int
	dial       time.Duration
	stall      time.Duration
	grace      time.Duration
	logs       logFlags
}

func tunnelCommand(ui *ui) *cobra.Command {
	var o tunnelOptions
	cmd := &cobra.Command{
		Use:   "tunnel --listen ADDRESS --to ADDRESS",
		Short: "Carry connections of stock Python over TLS",
		Long: `Carry connections over TLS 1.3 with certificates on both sides, for Python programs, which cannot speak
it themselves. Beside the Python client, and where the server is:

  mpbridge tunnel --listen unix:/run/jobs.sock --to tls://server.example:5443 \
    --cert client.pem --key client.key --ca ca.pem
  mpbridge tunnel --listen tls://0.0.0.0:5443 --to 127.0.0.1:50000 \
    --cert server.pem --key server.key --client-ca ca.pem

In place of the second, "mpbridge serve --address tls://0.0.0.0:5443 --tls-cert ..." speaks TLS itself.
The tunnel copies bytes and knows no key: clients prove to the server that they have it, through the
tunnel. Where the far end is down, clients see their connection close at once.

Proxies that travel inside values name the server's address as the server sees it; they work where the
tunnel listens on the same address, such as 127.0.0.1:50000 at both ends. A worker that is killed loses
no item, if the tunnel reaches the server by TCP; on a unix socket there is no way to tell the server.

Prints "ready unix /run/jobs.sock", "ready tcp HOST:PORT" or "ready tls HOST:PORT" on stdout when it
listens, and logs on stderr. Certificates are read again when their files change, and at SIGHUP. SIGINT and
SIGTERM stop it: connections may go on for --grace, the rest is cut off, and it exits with 0. A second
signal ends the grace.`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), ui) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "", "HOST:PORT, unix:/path, unix:@abstract or tls://HOST:PORT")
	f.StringVar(&o.to, "to", "", "where the bytes go: an address of the same kinds")
	f.StringVar(&o.cert, "cert", "", "certificate (PEM) that this end shows")
	f.StringVar(&o.key, "key", "", "its key (PEM)")
	f.StringVar(&o.ca, "ca", "", "authorities (PEM) one of which has to vouch for the TLS server of --to")
	f.StringVar(&o.clientCA, "client-ca", "",
		"authorities (PEM) one of which has to vouch for each TLS client of --listen")
	f.StringVar(&o.serverName, "server-name", "", "name in the server's certificate, if not the host of --to")
	f.BoolVar(&o.halfClose, "half-close", false,
		"answer clients that ended their stream, for other protocols than multiprocessing's")
	f.IntVar(&o.max, "max-connections", tunnel.DefaultMaxConnections, "connections at once")
	f.DurationVar(&o.dial, "dial-timeout", tunnel.DefaultDialTimeout, "time to reach the far end")
	f.DurationVar(&o.stall, "stall", server.DefaultWriteStall,
		"time for which a peer may take no byte of what is for it")
	f.DurationVar(&o.grace, "grace", 10*time.Second, "time for open connections when stopping (0: none)")
	o.logs.flags(cmd)
	return cmd
}

func (o *tunnelOptions) run(ctx context.Context, ui *ui) error {
	log, err := o.logs.logger(ui)
	if err != nil {
		return err
	}
	from, to, err := o.endpoints()
	if err != nil {
		return err
	}
	for _, e := range []endpoint{from, to} {
		if !e.tls && !e.Loopback() {
			log.Warn("plain bytes on a network", "address", e.String())
		}
	}
	raiseFileLimit(log)
	// From here on a signal drains: a script may send one as soon as it reads the ready line.
	signals := catchSignals(ctx, log)
	defer signals.stop()
	near := &tlsFiles{cert: o.cert, key: o.key, ca: o.clientCA, flags: tlsFlags{"cert", "key", "client-ca"}, log: log}
	far := &tlsFiles{cert: o.cert, key: o.key, ca: o.ca, flags: tlsFlags{"cert", "key", "ca"}, log: log}
	l, err := o.open(from, near, log)
	if err != nil {
		return err
	}
	defer l.Close()
	dial, err := o.dialer(to, far)
	if err != nil {
		return err
	}
	t, err := tunnel.New(l, dial, &tunnel.Options{MaxConnections: o.max, DialTimeout: o.dial,
		HalfClose: o.halfClose, Logger: log})
	if err != nil {
		return err
	}
	from.Address = t.Addr()
	signals.reloadOnHangup(near.reloader(), far.reloader())
	fmt.Fprintln(ui.out, from.ready())
	return o.serve(signals, t, log)
}

// serve runs until a signal, then drains.
func (o *tunnelOptions) serve(signals *serverSignals, t *tunnel.Tunnel, log *slog.Logger) error {
	_ = t.Serve(signals.running) // its error is the signal
	signals.beginStop()
	log.Info("stopping", "grace", o.grace, "connections", t.Open())
	grace, cancel := context.WithTimeout(signals.grace, o.grace)
	defer cancel()
	cut, err := t.Shutdown(grace)
	if err != nil && grace.Err() == nil {
		return err
	}
	log.Info("stopped", "connections_cut", cut)
	return nil
}

// endpoints reads both addresses and sees that the flags fit them.
func (o *tunnelOptions) endpoints() (from, to endpoint, err error) {
	if o.listen == "" || o.to == "" {
		return from, to, &usageError{errors.New("--listen and --to are needed")}
	}
	if from, err = parseEndpoint(o.listen); err != nil {
		return from, to, flagError("listen", err)
	}
	if to, err = parseEndpoint(o.to); err != nil {
		return from, to, flagError("to", err)
	}
	switch {
	case !from.tls && !to.tls:
		err = errors.New("neither --listen nor --to begins with " + tlsScheme)
	case o.cert == "" || o.key == "":
		err = errors.New("TLS needs --cert and --key")
	case from.tls != (o.clientCA != ""):
		err = errors.New("--client-ca goes with a --listen that begins with " + tlsScheme)
	case to.tls != (o.ca != ""):
		err = errors.New("--ca goes with a --to that begins with " + tlsScheme)
	}
	if err != nil {
		return from, to, &usageError{err}
	}
	return from, to, nil
}

func (o *tunnelOptions) open(from endpoint, files *tlsFiles, log *slog.Logger) (*connection.Listener, error) {
	lo := &connection.ListenOptions{Options: connection.Options{WriteStall: o.stall}, Logger: log}
	if from.tls {
		var err error
		if lo.TLS, err = files.listening(); err != nil {
			return nil, err
		}
	}
	l, err := connection.Listen(from.Address.String(), lo)
	return l, flagValueError("listen", o.listen, err)
}

// dialer returns what reaches the far end, which shows that the files are of use.
func (o *tunnelOptions) dialer(to endpoint, files *tlsFiles) (tunnel.Dial, error) {
	options := func() (*connection.DialOptions, error) {
		do := &connection.DialOptions{Options: connection.Options{WriteStall: o.stall}}
		if !to.tls {
			return do, nil
		}
		var err error
		do.TLS, err = files.dialling(o.serverName)
		return do, err
	}
	if _, err := options(); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*connection.Conn, error) {
		do, err := options()
		if err != nil {
			return nil, err
		}
		return connection.Dial(ctx, to.Address.String(), do)
	}, nil
}
