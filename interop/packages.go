package interop

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// EnvPackages names the folder of the packages that `go run ./interop/packages` installs; without it that is
// .packages in the root of the module.
const EnvPackages = "MPBRIDGE_PACKAGES"

// Packages are those that tests use with one version of Python, numpy for example: clients may send what they
// make. A server of ours needs none.
type Packages struct {
	Version      Version
	Requirements string // the file for pip, which names each package with its version
	Dir          string // where they are, or should be: PYTHONPATH has to name it
}

// PackagesFor returns the packages of a version, and false where tests use none with it.
func PackagesFor(v Version) (Packages, bool, error) { return packagesFor(v, v.String()) }

// ArrowPackagesFor is PackagesFor for what only the module sharedmem/arrow uses, besides the others: pyarrow, which is large.
func ArrowPackagesFor(v Version) (Packages, bool, error) { return packagesFor(v, "arrow-"+v.String()) }

func packagesFor(v Version, name string) (Packages, bool, error) {
	root, err := moduleRoot()
	if err != nil {
		return Packages{}, false, err
	}
	all := os.Getenv(EnvPackages)
	if all == "" {
		all = filepath.Join(root, ".packages")
	}
	p := Packages{v, filepath.Join(root, "interop", "packages", name+".txt"), filepath.Join(all, name)}
	_, err = os.Stat(p.Requirements)
	if errors.Is(err, os.ErrNotExist) {
		return Packages{}, false, nil
	}
	return p, err == nil, err
}

// moduleRoot looks for the folder of the requirements upwards from the working directory.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "interop", "packages")); err == nil {
			return dir, nil
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		err = errors.New("interop: no folder interop/packages above the working directory")
	}
	return "", err
}

// Installed is the name of the file that says what is in Dir: the Requirements as they were.
const Installed = "installed.txt"

// Complete tells whether Dir has what Requirements name.
func (p Packages) Complete() bool {
	want, err := os.ReadFile(p.Requirements)
	if err != nil {
		return false
	}
	have, err := os.ReadFile(filepath.Join(p.Dir, Installed))
	return err == nil && bytes.Equal(want, have)
}

// Has tells whether a package is among them, by the name that pip knows.
func (p Packages) Has(name string) bool {
	text, err := os.ReadFile(p.Requirements)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		if n, _, ok := strings.Cut(line, "=="); ok && n == name {
			return true
		}
	}
	return false
}
