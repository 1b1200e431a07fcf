// Package certs makes certificates for tests: an authority, and what it signs. None is good for anything
// else: keys are new each time and everything ends within a day.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Authority signs certificates.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// lifetime of all certificates, and how long before now it begins: clocks differ.
const (
	lifetime = 24 * time.Hour
	headroom = time.Hour
)

// NewAuthority makes an authority.
func NewAuthority(name string) (*Authority, error) {
	a := &Authority{}
	c := template(name, time.Now().Add(lifetime))
	c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	der, key, err := a.sign(c)
	if err != nil {
		return nil, err
	}
	a.key = key
	a.cert, err = x509.ParseCertificate(der)
	return a, err
}

// Issue makes a certificate for a server at 127.0.0.1 and localhost, or for a client, which is valid
// until the given time.
func (a *Authority) Issue(name string, until time.Time) (tls.Certificate, error) {
	c := template(name, until)
	c.KeyUsage = x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	c.DNSNames = []string{"localhost"}
	c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	der, key, err := a.sign(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// Pool holds the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// Write writes ca.pem to a folder.
func (a *Authority) Write(dir string) error {
	return writePEM(filepath.Join(dir, "ca.pem"), "CERTIFICATE", a.cert.Raw)
}

// WritePair writes a certificate and its key to a folder, as NAME.pem and NAME.key.
func WritePair(dir, name string, pair tls.Certificate) error {
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		return err
	}
	return errors.Join(
		writePEM(filepath.Join(dir, name+".key"), "PRIVATE KEY", key),
		writePEM(filepath.Join(dir, name+".pem"), "CERTIFICATE", pair.Certificate[0]))
}

// WriteAll makes an authority, a server's pair and a client's, and writes them to a folder: ca.pem,
// server.pem, server.key, client.pem, client.key.
func WriteAll(dir string) error {
	a, err := NewAuthority("tests of " + filepath.Base(dir))
	if err != nil {
		return err
	}
	for _, name := range []string{"server", "client"} {
		pair, err := a.Issue(name, time.Now().Add(lifetime))
		if err != nil {
			return err
		}
		if err := WritePair(dir, name, pair); err != nil {
			return err
		}
	}
	return a.Write(dir)
}

func template(name string, until time.Time) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    until.Add(-lifetime - headroom), NotAfter: until,
	}
}

// sign makes a key and signs c, with c's own key while the authority has none.
func (a *Authority) sign(c *x509.Certificate) ([]byte, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	return der, key, err
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
