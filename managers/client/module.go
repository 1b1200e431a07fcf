package client

import (
	"errors"
	"strings"

	"mpbridge/managers"
	"mpbridge/managers/internal/wire"
)

// spelling returns the module that the manager's own proxies come from. Where no token of the manager was seen
// it is asked for one.
func (c *Client) spelling() string {
	if c.module.Load() == nil {
		c.own.asked.Do(c.askAddress)
	}
	if module := c.module.Load(); module != nil {
		return *module
	}
	return wire.ManagersModule
}

// learnModule finds the manager's module in the traceback of a request that it could not do: its file is the
// one that ran it.
func (c *Client) learnModule(err error) {
	remote := (*managers.RemoteError)(nil)
	if !errors.As(err, &remote) || c.module.Load() != nil {
		return
	}
	for _, module := range wire.ManagersModules {
		file := strings.ReplaceAll(module, ".", "/") + `.py"`
		if strings.Contains(strings.ReplaceAll(remote.Text, `\`, "/"), "/"+file) {
			c.module.Store(&module)
			return
		}
	}
}
