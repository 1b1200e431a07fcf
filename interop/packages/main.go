// Packages installs what tests use with Pythons of several versions, numpy for example, into .packages: the
// versions that the files beside it name, no others, and only as wheels. What is there already is left alone.
// A Python that is not found is passed over; packages that cannot be installed are an error where
// MPBRIDGE_REQUIRED names the version, and else said aloud.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"mpbridge/interop"
)

// Limits of one version.
const (
	patience = 5 * time.Minute
	atOnce   = 3
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "packages:", err)
		os.Exit(1)
	}
}

func run() error {
	pythons := interop.Find()
	pip := sync.OnceValues(func() (interop.Python, error) { return withPip(pythons) })
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	slots := make(chan struct{}, atOnce)
	for v, python := range pythons {
		for _, of := range []func(interop.Version) (interop.Packages, bool, error){interop.PackagesFor, interop.ArrowPackagesFor} {
			p, ok, err := of(v)
			if err != nil {
				return err
			}
			if !ok || p.Complete() {
				continue
			}
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				began := time.Now()
				err := install(p, python, pip)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					fmt.Printf("packages: Python %s: installed in %.0f s\n", v, time.Since(began).Seconds())
				case interop.Required(v):
					failed = errors.Join(failed, fmt.Errorf("for Python %s: %w", v, err))
				default:
					fmt.Fprintf(os.Stderr, "packages: Python %s: NOT INSTALLED: %v\n", v, err)
				}
			})
		}
	}
	wg.Wait()
	return failed
}

// withPip returns the newest Python that has pip. It can install for those that have none.
func withPip(pythons map[interop.Version]interop.Python) (interop.Python, error) {
	versions := make([]interop.Version, 0, len(pythons))
	for v := range pythons {
		versions = append(versions, v)
	}
	slices.SortFunc(versions, func(a, b interop.Version) int { return b.Compare(a) })
	for _, v := range versions {
		if hasPip(pythons[v]) {
			return pythons[v], nil
		}
	}
	return interop.Python{}, errors.New("no Python with pip")
}

func hasPip(p interop.Python) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return exec.CommandContext(ctx, p.Path, "-m", "pip", "--version").Run() == nil
}

// install fills a folder beside the one that is wanted, and gives it its name when it is complete.
func install(p interop.Packages, python interop.Python, newest func() (interop.Python, error)) error {
	if err := os.MkdirAll(filepath.Dir(p.Dir), 0o777); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(p.Dir), p.Version.String()+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	args := []string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
		"--only-binary=:all:", "--target", fresh, "-r", p.Requirements}
	if !hasPip(python) {
		args = append(args, "--python-version", p.Version.String())
		if python, err = newest(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, python.Path, args...)
	cmd.Env = append(os.Environ(), "PYTHONPATH=", "PIP_ROOT_USER_ACTION=ignore", "PIP_REQUIRE_VIRTUALENV=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pip: %w: %s", err, out[max(0, len(out)-2000):])
	}
	text, err := os.ReadFile(p.Requirements)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(fresh, interop.Installed), text, 0o666); err != nil {
		return err
	}
	if err := os.Chmod(fresh, 0o777); err != nil { // MkdirTemp's is its owner's alone
		return err
	}
	if err := os.RemoveAll(p.Dir); err != nil {
		return err
	}
	return os.Rename(fresh, p.Dir)
}
