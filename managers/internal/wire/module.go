package wire

import (
	"slices"

	"mpbridge/pickle"
)

// ManagersModules are the modules whose managers and proxies speak alike: that of the standard library, that
// of multiprocess (which pathos uses, and which pickles with dill) and that of billiard (which celery uses).
// Each has a current_process() of its own with an authkey, so that a proxy only works where it is rebuilt by
// the module that it came from: one that is stored is handed out as it came.
var ManagersModules = []string{ManagersModule, "multiprocess.managers", "billiard.managers"}

// ManagersModuleOf returns the module of the object's class, if that is called name in one of the modules
// of managers.
func ManagersModuleOf(o *pickle.Object, name string) (string, bool) {
	class, ok := o.Class.(pickle.Global)
	return class.Module, ok && class.Name == name && slices.Contains(ManagersModules, class.Module)
}
