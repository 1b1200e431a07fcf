package managers

import (
	"errors"
	"slices"
	"strings"

	"mpbridge/pickle"
)

// managersModules are the modules whose managers and proxies speak alike: that of the standard library, that
// of multiprocess (which pathos uses, and which pickles with dill) and that of billiard (which celery uses).
// Each has a current_process() of its own with an authkey, so that a proxy only works where it is rebuilt by
// the module that it came from: one that is stored is handed out as it came.
var managersModules = []string{managersModule, "multiprocess.managers", "billiard.managers"}

// managersModuleOf returns the module of the object's class, if that is called name in one of the modules
// of managers.
func managersModuleOf(o *pickle.Object, name string) (string, bool) {
	class, ok := o.Class.(pickle.Global)
	return class.Module, ok && class.Name == name && slices.Contains(managersModules, class.Module)
}

// spelling returns the module that the manager's own proxies come from. Where no token of the manager was seen
// it is asked for one.
func (c *Client) spelling() string {
	if c.module.Load() == nil {
		c.own.asked.Do(c.askAddress)
	}
	if module := c.module.Load(); module != nil {
		return *module
	}
	return managersModule
}

// learnModule finds the manager's module in the traceback of a request that it could not do: its file is the
// one that ran it.
func (c *Client) learnModule(err error) {
	remote := (*RemoteError)(nil)
	if !errors.As(err, &remote) || c.module.Load() != nil {
		return
	}
	for _, module := range managersModules {
		file := strings.ReplaceAll(module, ".", "/") + `.py"`
		if strings.Contains(strings.ReplaceAll(remote.Text, `\`, "/"), "/"+file) {
			c.module.Store(&module)
			return
		}
	}
}
