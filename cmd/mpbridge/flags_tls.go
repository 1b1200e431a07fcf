package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"mpbridge/connection"
	"mpbridge/internal/secret"
)

// tlsScheme is what addresses begin with where TLS is spoken.
const tlsScheme = "tls://"

// endpoint is an address of the command line.
type endpoint struct {
	connection.Address
	tls bool
}

// parseEndpoint reads tls://HOST:PORT, or what connection.ParseAddress does.
func parseEndpoint(s string) (e endpoint, err error) {
	rest, secure := strings.CutPrefix(s, tlsScheme)
	if secure {
		rest = "tcp:" + rest
	}
	e.tls = secure
	if e.Address, err = connection.ParseAddress(rest); err != nil && secure {
		return e, usagef("address %q: want %sHOST:PORT", s, tlsScheme)
	} else if err != nil {
		return e, &usageError{err}
	}
	return e, nil
}

// ready is the line that says where the program listens.
func (e endpoint) ready() string {
	network := e.Network
	if e.tls {
		network = "tls"
	}
	return "ready " + network + " " + strings.TrimPrefix(e.String(), "unix:")
}

// maxCertificates bounds a file of certificates, in bytes: the authorities of a whole system are a fiftieth.
const maxCertificates = 16 << 20

// tlsFiles are a certificate, its key, and the authorities of the peers, as files that somebody renews
// while the program runs: they are looked at in each handshake, and read when they changed.
type tlsFiles struct {
	cert, key string
	ca        string // empty: peers need no certificate
	flags     tlsFlags
	log       *slog.Logger

	mu      sync.Mutex // all below
	current *material
	stamps  []stamp
}

// tlsFlags are the flags that name the files.
type tlsFlags struct{ cert, key, ca string }

// material is what the files held.
type material struct {
	pair  tls.Certificate
	peers *x509.CertPool
}

// stamp tells whether a file changed.
type stamp struct {
	size int64
	time time.Time
}

// files are the flags and what they name.
func (f *tlsFiles) files() [][2]string {
	files := [][2]string{{f.flags.cert, f.cert}, {f.flags.key, f.key}, {f.flags.ca, f.ca}}
	if f.ca == "" {
		return files[:2]
	}
	return files
}

// load returns what the files hold. Where they cannot be used, the renewal of one being perhaps under way,
// what they held before stays good.
func (f *tlsFiles) load() (*material, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	stamps, err := f.look()
	if err == nil && f.current != nil && slices.Equal(stamps, f.stamps) {
		return f.current, nil
	}
	var m *material
	if err == nil {
		m, err = f.read()
	}
	switch {
	case err == nil:
		if f.current != nil {
			f.log.Info("certificates were renewed")
		}
		f.current, f.stamps = m, stamps
	case f.current == nil:
		return nil, err
	default:
		f.log.Warn("the certificates on disk cannot be used, those from before are", "error", err)
	}
	return f.current, nil
}

func (f *tlsFiles) look() (out []stamp, err error) {
	for _, file := range f.files() {
		info, err := os.Stat(file[1])
		if err != nil {
			return nil, flagError(file[0], err)
		}
		out = append(out, stamp{info.Size(), info.ModTime()})
	}
	return out, nil
}

func (f *tlsFiles) read() (*material, error) {
	cert, err := secret.ReadPublic(f.cert, maxCertificates)
	if err != nil {
		return nil, flagError(f.flags.cert, hinted(err))
	}
	key, err := readSecret(f.key, maxCertificates)
	if err != nil {
		return nil, flagError(f.flags.key, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("--%s %s and --%s %s: %w", f.flags.cert, f.cert, f.flags.key, f.key, err)
	}
	m := &material{pair: pair}
	if f.ca == "" {
		return m, nil
	}
	text, err := secret.ReadPublic(f.ca, maxCertificates)
	if err != nil {
		return nil, flagError(f.flags.ca, hinted(err))
	}
	m.peers = x509.NewCertPool()
	if !m.peers.AppendCertsFromPEM(text) {
		return nil, flagError(f.flags.ca, fmt.Errorf("%s: no certificate in it", f.ca))
	}
	return m, nil
}

// listening returns the configuration of a listener: TLS 1.3, and clients with a certificate of the
// authority if there is one. It fails where the files are of no use.
func (f *tlsFiles) listening() (*tls.Config, error) {
	if _, err := f.load(); err != nil {
		return nil, &usageError{err}
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			m, err := f.load()
			if err != nil {
				return nil, err
			}
			cfg := &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{m.pair}}
			if m.peers != nil {
				cfg.ClientAuth, cfg.ClientCAs = tls.RequireAndVerifyClientCert, m.peers
			}
			return cfg, nil
		},
	}, nil
}

// dialling returns the configuration of one connection to a listener that the authority vouches for,
// by the given name or, if empty, by the host of its address.
func (f *tlsFiles) dialling(name string) (*tls.Config, error) {
	m, err := f.load()
	if err != nil {
		return nil, &usageError{err}
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: m.peers, ServerName: name,
		Certificates: []tls.Certificate{m.pair}}, nil
}

// reloader has SIGHUP look at the files at once, so that what is wrong with them is in the log.
func (f *tlsFiles) reloader() *reloader {
	return &reloader{what: "certificates", read: func() { _, _ = f.load() }} // what fails is logged
}
