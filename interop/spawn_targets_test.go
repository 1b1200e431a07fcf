package interop_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"

	"mpbridge/connection"
	"mpbridge/managers"
	"mpbridge/pickle"
	"mpbridge/queues"
	"mpbridge/spawn"
	"mpbridge/synchronize"
)

// goTargets are what this program does as the worker of testdata/peers/spawning.py.
var goTargets = spawn.Targets{
	"add": spawn.Function{Func: func(a, b int) error {
		if a+b != 3 {
			return fmt.Errorf("the sum is %d", a+b)
		}
		return nil
	}, Params: []string{"a", "b"}},
	"length": func(path string, data []byte) error {
		return os.WriteFile(path, strconv.AppendInt(nil, int64(len(data)), 10), 0o600)
	},
	"fail":  fail,
	"leave": func(status int) error { return spawn.SystemExit.New(status) },
	"wait_for_parent": func(ctx context.Context, path string) error {
		if err := os.WriteFile(path+".ready", nil, 0o600); err != nil {
			return err
		}
		<-ctx.Done()
		return os.WriteFile(path, []byte(context.Cause(ctx).Error()), 0o600)
	},
	"describe": func(self *spawn.CurrentProcess, path string, kw pickle.Kwargs) error {
		text, err := json.Marshal(map[string]any{
			"name": self.Name, "parent": self.ParentPid, "getppid": os.Getppid(), "authkey": len(self.Authkey),
			"identity": self.Identity, "class": self.Class, "keywords": kw.Names(), "daemon": self.Daemon,
			"stdin": stdinIsEmpty(),
		})
		return errors.Join(err, os.WriteFile(path, text, 0o600))
	},
	"grandchild": func(path string) error {
		cmd := exec.Command("sleep", "60")
		if err := cmd.Start(); err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strconv.Itoa(cmd.Process.Pid)), 0o600)
	},
	"relay":            spawn.Function{Func: relay, Params: []string{"jobs", "results", "conn", "locks"}},
	"idle":             func() { select {} },
	"__main__:Resizer": resizer,

	"triple": func(x any, kw pickle.Kwargs) (any, error) { return triple(x, kw) },
	"power": func(base, exponent int) int {
		product := 1
		for range exponent {
			product *= base
		}
		return product
	},
	"panics":       panics,
	"pid":          func(...any) int { return os.Getpid() },
	"set_up":       func(value string) { setUp.Store(&value) },
	"set_up_badly": func(string) error { return errors.New("it cannot be set up") },
	"was_set_up":   func() *string { return setUp.Load() },
	"unpicklable":  func() any { return make(chan int) },
	"echo":         func(x pickle.Raw) pickle.Raw { return x },
	"wait": func(ctx context.Context, path string) error {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		<-ctx.Done()
		return context.Cause(ctx)
	},
}

// setUp is what an initializer has set.
var setUp atomic.Pointer[string]

func panics() { panic("no way") }

// triple is 3*x, for numbers and texts.
func triple(x any, kw pickle.Kwargs) (any, error) {
	factor, ok := kw["factor"].(int64)
	if !ok {
		factor = 3
	}
	switch x := x.(type) {
	case int64:
		return x * factor, nil
	case string:
		return strings.Repeat(x, int(factor)), nil
	}
	return nil, managers.ErrTypeError.New("it is no number and no text")
}

func fail(kind string) error {
	if kind == "plain" {
		return errors.New("it failed")
	}
	return managers.ErrLookupError.New(kind)
}

func resizer(attributes struct {
	Path string `pickle:"path"`
	Size int    `pickle:"size"`
}) error {
	return os.WriteFile(attributes.Path, []byte(strings.Repeat("x", attributes.Size)), 0o600)
}

func stdinIsEmpty() bool {
	n, err := os.Stdin.Read(make([]byte, 1))
	return n == 0 && err != nil
}

// relay triples what comes, and then says that it could take the lock.
func relay(
	ctx context.Context, jobs *queues.Queue, results *queues.SimpleQueue, conn *connection.Conn, locks []*synchronize.Lock,
) error {
	for n, err := range queues.Of[*int](jobs).All(ctx) {
		if err != nil {
			return err
		}
		if n == nil {
			break
		}
		if err := results.Put(ctx, 3**n); err != nil {
			return err
		}
	}
	if err := locks[0].Acquire(ctx); err != nil {
		return err
	}
	return conn.Send(ctx, fmt.Sprintf("same lock: %t", locks[0] == locks[1]))
}
