package main

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mpbridge/interop/certs"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serverFiles are freshly written, and log to the buffer.
func serverFiles(t *testing.T) (*tlsFiles, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, certs.WriteAll(dir))
	var log bytes.Buffer
	return &tlsFiles{flags: tlsFlags{"cert", "key", "ca"}, cert: filepath.Join(dir, "server.pem"), key: filepath.Join(dir, "server.key"),
		ca: filepath.Join(dir, "ca.pem"), log: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

// shown returns the certificate that a listener would show now.
func shown(t *testing.T, cfg *tls.Config) []byte {
	t.Helper()
	now, err := cfg.GetConfigForClient(nil)
	require.NoError(t, err)
	return now.Certificates[0].Certificate[0]
}

func TestARenewedCertificateIsShownInTheNextHandshake(t *testing.T) {
	files, log := serverFiles(t)
	cfg, err := files.listening()
	require.NoError(t, err)
	before := shown(t, cfg)
	assert.Equal(t, before, shown(t, cfg), "nothing changed")
	require.NoError(t, certs.WriteAll(filepath.Dir(files.cert)))
	later := time.Now().Add(time.Minute) // on file systems with coarse clocks
	require.NoError(t, os.Chtimes(files.cert, later, later))
	assert.NotEqual(t, before, shown(t, cfg))
	assert.Contains(t, log.String(), "renewed")
}

func TestARenewalThatIsNotWholeLeavesTheOldCertificateInUse(t *testing.T) {
	files, log := serverFiles(t)
	cfg, err := files.listening()
	require.NoError(t, err)
	before := shown(t, cfg)
	require.NoError(t, os.WriteFile(files.key, []byte("half"), 0o600))
	assert.Equal(t, before, shown(t, cfg))
	require.NoError(t, os.Remove(files.ca))
	assert.Equal(t, before, shown(t, cfg))
	assert.Contains(t, log.String(), "cannot be used")
}

func TestFilesThatAreOfNoUseAreWrongUsage(t *testing.T) {
	for name, spoil := range map[string]func(*tlsFiles) error{
		"no certificate":       func(f *tlsFiles) error { return os.Remove(f.cert) },
		"an empty key":         func(f *tlsFiles) error { return os.Truncate(f.key, 0) },
		"no authority in it":   func(f *tlsFiles) error { return os.Truncate(f.ca, 0) },
		"no file of that name": func(f *tlsFiles) error { return os.Remove(f.ca) },
	} {
		t.Run(name, func(t *testing.T) {
			files, _ := serverFiles(t)
			require.NoError(t, spoil(files))
			_, err := files.listening()
			assert.Equal(t, exitUsage, exitCode(err))
			_, err = files.dialling("")
			assert.Equal(t, exitUsage, exitCode(err))
		})
	}
}

func TestTLSFlagsThatDoNotFitAreWrongUsage(t *testing.T) {
	files, _ := serverFiles(t)
	far := "tunnel --listen tls://127.0.0.1:0 --to 127.0.0.1:1"
	near := "tunnel --listen 127.0.0.1:0 --to tls://127.0.0.1:1"
	pair := " --cert " + files.cert + " --key " + files.key
	none := " --cert /none --key /none"
	cases := map[string]string{
		"no addresses":                  "tunnel",
		"no TLS at either end":          "tunnel --listen 127.0.0.1:0 --to 127.0.0.1:1",
		"TLS on a path":                 "tunnel --listen tls:///tmp/s --to 127.0.0.1:1",
		"a far end that is no address":  "tunnel --listen tls://127.0.0.1:0 --to nowhere",
		"no certificate":                far,
		"clients nobody vouches for":    far + pair,
		"a server nobody vouches for":   near + pair,
		"an authority without purpose":  near + pair + " --ca " + files.ca + " --client-ca " + files.ca,
		"a file that is not there":      far + none + " --client-ca /none",
		"the same for the far end":      near + none + " --ca /none",
		"a log format":                  far + pair + " --log-format xml",
		"serve without certificate":     "serve --address tls://127.0.0.1:0",
		"serve with a certificate only": "serve --tls-cert " + files.cert,
		"serve with files of no use":    "serve --address tls://127.0.0.1:0 --tls-cert /none --tls-key /none",
	}
	t.Setenv(envAuthkey, "key")
	for name, line := range cases {
		t.Run(name, func(t *testing.T) {
			args := strings.Fields(line)
			var out, err bytes.Buffer
			assert.Equal(t, exitUsage, run(args, strings.NewReader(""), &out, &err), err.String())
			assert.Empty(t, out.String())
		})
	}
}
