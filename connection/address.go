package connection

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
)

// Address is where a Listener listens: a TCP port or a unix socket. It is comparable.
type Address struct {
	Network string // "tcp" or "unix"
	Name    string // host, or path; the name of an abstract unix socket begins with "@"; "" is any host
	Port    int    // TCP only
}

// The networks of an Address; CPython's AF_INET and AF_UNIX.
const (
	TCP  = "tcp"
	Unix = "unix"
)

// ParseAddress reads "host:port", a path (whatever has a slash), "@name" for an abstract unix
// socket, or any of them behind "tcp:" or "unix:".
func ParseAddress(s string) (Address, error) {
	if rest, ok := strings.CutPrefix(s, "unix:"); ok {
		return unixAddress(rest)
	}
	if scheme, _, ok := strings.Cut(s, "://"); ok && !strings.ContainsAny(scheme, "/[") {
		return Address{}, fmt.Errorf("connection: address %q: want host:port or a path, without %s://", s, scheme)
	}
	rest, isTCP := strings.CutPrefix(s, "tcp:")
	if !isTCP && (strings.ContainsRune(s, '/') || strings.HasPrefix(s, "@")) {
		return unixAddress(s)
	}
	host, port, err := net.SplitHostPort(rest)
	if err != nil {
		return Address{}, fmt.Errorf("connection: address %q: want host:port or a path", s)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return Address{}, fmt.Errorf("connection: address %q: the port is not a number from 0 to 65535", s)
	}
	return Address{Network: TCP, Name: host, Port: int(n)}, nil
}

func unixAddress(name string) (Address, error) {
	if name == "" || name == "@" {
		return Address{}, errors.New("connection: address: empty name of a unix socket")
	}
	a := Address{Network: Unix, Name: name}
	return a, a.check()
}

// String returns the form that ParseAddress reads back.
func (a Address) String() string {
	switch {
	case a.Network == TCP && (strings.ContainsAny(a.Name, "/@") || a.Name == TCP || a.Name == Unix): // says what it is
		return "tcp:" + net.JoinHostPort(a.Name, strconv.Itoa(a.Port))
	case a.Network == TCP:
		return net.JoinHostPort(a.Name, strconv.Itoa(a.Port))
	case strings.HasPrefix(a.Name, "/"), strings.HasPrefix(a.Name, "."), plainPath(a.Name):
		return a.Name
	}
	return "unix:" + a.Name
}

// plainPath tells whether ParseAddress takes a name for a path by itself.
func plainPath(name string) bool {
	return strings.Contains(name, "/") && !strings.Contains(name, ":") && !strings.HasPrefix(name, "@")
}

func (a Address) abstract() bool {
	return a.Network == Unix && strings.HasPrefix(a.Name, "@")
}

// check refuses what cannot be dialled or listened on.
func (a Address) check() error {
	switch {
	case a.Network == TCP && a.Port >= 0 && a.Port <= 65535:
		return nil
	case a.Network == Unix && len(a.Name) > maxUnixName(a):
		return fmt.Errorf("connection: %w address: a path of %d bytes is longer than a unix socket's, %d",
			errInvalid, len(a.Name), maxUnixName(a))
	case a.Network == Unix && a.Name != "" && a.Name != "@":
		return nil
	}
	return fmt.Errorf("connection: %w address: network %q, port %d",
		errInvalid, a.Network, a.Port)
}

// maxUnixName is how long the name of a unix socket may be: what the system has room for, in paths with a zero behind.
func maxUnixName(a Address) int {
	room := len(syscall.RawSockaddrUnix{}.Path)
	if a.abstract() {
		return room
	}
	return room - 1
}

var errInvalid = errors.New("invalid")

// dialled returns the network and address for package net.
func (a Address) dialled() (network, address string) {
	if a.Network == Unix {
		return Unix, a.Name
	}
	return TCP, a.String()
}

// hasFile tells whether the address is a unix socket with a path.
func (a Address) hasFile() bool { return a.Network == Unix && !a.abstract() }

// listened is dialled for listening. An IP address is listened on in its own family: package net would have the
// zeros of either mean both.
func (a Address) listened() (network, address string) {
	network, address = a.dialled()
	if ip, err := netip.ParseAddr(a.Name); a.Network == TCP && err == nil {
		if network = "tcp6"; ip.Unmap().Is4() {
			network = "tcp4"
		}
	}
	return network, address
}

// opened is what to call a socket that was opened for this address. Where no host was given and the socket takes
// both families it has none: the zeros of IPv6 are something else.
func (a Address) opened(socket net.Addr) Address {
	is := addressFrom(socket)
	if a.Network == TCP && a.Name == "" && is.Name == net.IPv6unspecified.String() {
		is.Name = ""
	}
	return is
}

// Loopback tells whether only this machine can reach a listener at the address: a unix socket, an IP address of the
// loopback network, or the name localhost.
func (a Address) Loopback() bool {
	if a.Network == Unix || a.Name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(a.Name)
	return err == nil && ip.Unmap().IsLoopback()
}

// addressFrom returns a socket's own idea of its address.
func addressFrom(addr net.Addr) Address {
	switch a := addr.(type) {
	case *net.TCPAddr:
		host := a.IP.String()
		if a.Zone != "" {
			host += "%" + a.Zone
		}
		return Address{Network: TCP, Name: host, Port: a.Port}
	case *net.UnixAddr:
		return Address{Network: Unix, Name: a.Name}
	}
	return Address{}
}
