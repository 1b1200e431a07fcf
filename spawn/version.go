package spawn

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// majors are the major versions of interpreters by their paths, each of which is asked once.
var majors sync.Map

var errNoPython = errors.New("spawn: that does not say a version, and is no Python")

// majorVersion is 2 or 3.
func majorVersion(ctx context.Context, path string) (int, error) {
	if n, ok := majors.Load(path); ok {
		return n.(int), nil
	}
	out, err := exec.CommandContext(ctx, path, "-S", "-E", "-c", "import sys; print(sys.version_info[0])").Output()
	if err != nil {
		return 0, fmt.Errorf("spawn: asking %s for its version: %w", path, err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil || n != 2 && n != 3 {
		return 0, fmt.Errorf("%w: %s", errNoPython, path)
	}
	majors.Store(path, n)
	return n, nil
}
