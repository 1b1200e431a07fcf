package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed" // for the scripts
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"mpbridge/interop"
	"mpbridge/interop/bench/placement"
)

//go:embed server.py
var serverScript []byte

//go:embed client.py
var clientScript []byte

//go:embed handover.py
var handoverScript []byte

// bench holds the servers that are compared.
type bench struct {
	python, dir string
	binary      string
	sites       map[string]*site
	closers     []func()
}

// server is a process that is measured.
type server struct {
	cmd     *exec.Cmd
	address string
}

func newBench(ctx context.Context, python string) (*bench, error) {
	dir, err := os.MkdirTemp("", "mpb")
	if err != nil {
		return nil, err
	}
	b := &bench{python: python, dir: dir}
	b.closers = append(b.closers, func() { _ = os.RemoveAll(dir) })
	if err := b.prepare(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) prepare(ctx context.Context) error {
	if b.python == "" {
		for _, v := range []interop.Version{{Major: 3, Minor: 13}, {Major: 3, Minor: 11}} {
			if py, ok := interop.Find()[v]; ok && b.python == "" {
				b.python = py.Path
			}
		}
	}
	if b.python == "" {
		return errors.New("no Python 3.13 or 3.11 was found: name one with -python")
	}
	for name, text := range map[string][]byte{
		"server.py": serverScript, "client.py": clientScript, "handover.py": handoverScript,
	} {
		if err := os.WriteFile(filepath.Join(b.dir, name), text, 0o600); err != nil {
			return err
		}
	}
	b.binary = filepath.Join(b.dir, "mpbridge")
	build := exec.CommandContext(ctx, "go", "build", "-o", b.binary, "mpbridge/cmd/mpbridge")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	return b.openSites()
}

func (b *bench) startCPython(ctx context.Context, network string) (*server, error) {
	return b.startCPythonOn(ctx, network, -1)
}

// startCPythonOn starts CPython's server on one processor; -1 means any.
func (b *bench) startCPythonOn(ctx context.Context, network string, cpu int) (*server, error) {
	return b.run(b.command(ctx, filepath.Join(b.dir, "server.py"), b.address(network, "cpython")), cpu)
}

func (b *bench) startOurs(ctx context.Context, network string, flags ...string) (*server, error) {
	return b.startOursOn(ctx, network, -1, flags...)
}

// startOursOn starts our server on one processor; -1 means any.
func (b *bench) startOursOn(ctx context.Context, network string, cpu int, flags ...string) (*server, error) {
	flags = append([]string{"serve", "--queue", "q", "--log-level", "error", "--address",
		b.address(network, "ours")}, flags...)
	return b.run(exec.CommandContext(ctx, b.binary, flags...), cpu)
}

// address gives each server a socket of its own, also when one network is started twice.
func (b *bench) address(network, name string) string {
	if network == "tcp" {
		return "127.0.0.1:0"
	}
	return filepath.Join(b.dir, name+strconv.Itoa(len(b.closers)))
}

// run starts a server on a processor and waits for its ready line.
func (b *bench) run(cmd *exec.Cmd, cpu int) (*server, error) {
	cmd.Env = append(os.Environ(), "MPBRIDGE_AUTHKEY=bench")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := placement.Start(cpu, cmd); err != nil {
		return nil, err
	}
	b.closers = append(b.closers, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) < 2 || words[0] != "ready" {
		return nil, fmt.Errorf("%s did not start: %q %w", filepath.Base(cmd.Path), line, err)
	}
	return &server{cmd, words[len(words)-1]}, nil
}

func (b *bench) close() {
	for i := len(b.closers) - 1; i >= 0; i-- {
		b.closers[i]()
	}
}

// client runs one measurement of a server.
func (b *bench) client(ctx context.Context, address string, args ...string) (float64, error) {
	return b.clientOn(ctx, -1, address, args...)
}

// clientOn is client on one processor; -1 means any.
func (b *bench) clientOn(ctx context.Context, cpu int, address string, args ...string) (float64, error) {
	return b.measureOn(ctx, cpu, filepath.Join(b.dir, "client.py"), append([]string{address}, args...)...)
}

func (b *bench) command(ctx context.Context, script string, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, b.python, append([]string{script}, args...)...)
}

// measure runs a script that prints seconds.
func (b *bench) measure(ctx context.Context, script string, args ...string) (float64, error) {
	return b.measureOn(ctx, -1, script, args...)
}

// measureOn is measure on one processor; -1 means any.
func (b *bench) measureOn(ctx context.Context, cpu int, script string, args ...string) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := b.command(ctx, script, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := placement.Start(cpu, cmd)
	if err == nil {
		err = cmd.Wait()
	}
	if err != nil {
		return 0, fmt.Errorf("%s %v: %w\n%s", filepath.Base(script), args, err, stderr.String())
	}
	return strconv.ParseFloat(strings.TrimSpace(stdout.String()), 64)
}

// echo sends frames back as they come, without looking at more than their length.
func echo(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			var buf []byte
			for {
				var header [4]byte
				if _, err := io.ReadFull(c, header[:]); err != nil {
					return
				}
				n := 4 + int(header[0])<<24 + int(header[1])<<16 + int(header[2])<<8 + int(header[3])
				if cap(buf) < n {
					buf = make([]byte, n)
				}
				buf = append(buf[:0], header[:]...)[:n]
				if _, err := io.ReadFull(c, buf[4:]); err != nil {
					return
				}
				if _, err := c.Write(buf); err != nil {
					return
				}
			}
		}()
	}
}
