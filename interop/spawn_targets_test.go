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

	"mpbridge/managers"
	"mpbridge/pickle"
	"mpbridge/spawn"
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
	"fail":   func(text string) error { return managers.ErrLookupError.New(text) },
	"leave":  func(status int) error { return spawn.SystemExit.New(status) },
	"panics": func() { panic("no way") },
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
	"idle":             func() { select {} },
	"__main__:Resizer": resizer,
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
