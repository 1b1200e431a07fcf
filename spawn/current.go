package spawn

import (
	"mpbridge/pickle"
)

// CurrentProcess is what a child was told about itself: what multiprocessing.current_process() is in Python. A
// function that has a parameter of the type *CurrentProcess before those that Python passes gets it.
type CurrentProcess struct {
	Name       string
	Identity   []int  // its number below that of its parent, and so on
	Class      string // of the process, as Targets have it; "multiprocessing.context:SpawnProcess" unless the program derived one
	Daemon     bool
	ParentPid  int
	ParentName string // "" below Python 3.8
	// Authkey is the key that the processes of one program share: for the managers and listeners of the parent.
	// It is a secret.
	Authkey []byte
	// SysArgv and SysPath are sys.argv and sys.path of the parent.
	SysArgv, SysPath []string
	// Attributes are what the object of the process holds besides, where its class is the program's own.
	Attributes *pickle.Dict
	// Protocol is the pickle protocol that the parent writes.
	Protocol int
}

// prepare fills in what the preparation data say: prepare in Lib/multiprocessing/spawn.py.
func (c *CurrentProcess) prepare(v any) error {
	data, ok := v.(*pickle.Dict)
	if !ok {
		return bootstrapError("the preparation data are no dict")
	}
	c.Name = textIn(data, "name")
	c.Authkey = keyOf(get(data, "authkey"))
	c.SysArgv, c.SysPath = textsIn(data, "sys_argv"), textsIn(data, "sys_path")
	return nil
}

// job is what a child is to do.
type job struct {
	class  pickle.Global
	target any // a Global, or a callable that is an object; nil for what the class does
	args   any
	kwargs any
}

// own are the attributes that BaseProcess has itself, and that are not the program's.
var own = []string{"_identity", "_config", "_parent_pid", "_parent_name", "_popen", "_closed", "_name", "_target", "_args",
	"_kwargs"}

// describe fills in what the object of the process says, and returns what there is to do. Source: BaseProcess in
// Lib/multiprocessing/process.py.
func (c *CurrentProcess) describe(v any) (*job, error) {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil, bootstrapError("the process is no object")
	}
	_, callable, _ := o.Made()
	class, ok := callable.(pickle.Global)
	state := o.Attrs()
	if !ok || state == nil {
		return nil, bootstrapError("the process is no object of a class with attributes")
	}
	c.Class = spelled(class)
	if name := textIn(state, "_name"); name != "" {
		c.Name = name
	}
	c.ParentName = textIn(state, "_parent_name")
	c.ParentPid = intOf(get(state, "_parent_pid"))
	if identity, ok := get(state, "_identity").(pickle.Tuple); ok {
		for _, n := range identity {
			c.Identity = append(c.Identity, intOf(n))
		}
	}
	if config, ok := get(state, "_config").(*pickle.Dict); ok {
		c.Daemon, _ = get(config, "daemon").(bool)
		if key := keyOf(get(config, "authkey")); key != nil {
			c.Authkey = key
		}
	}
	c.Attributes = &pickle.Dict{}
	for key, v := range state.All() {
		if name, _ := pickle.Text(key); !isOwn(name) {
			if err := c.Attributes.Set(key, v); err != nil {
				return nil, err
			}
		}
	}
	return &job{class, get(state, "_target"), get(state, "_args"), get(state, "_kwargs")}, nil
}

func isOwn(name string) bool {
	for _, o := range own {
		if o == name {
			return true
		}
	}
	return false
}

func get(d *pickle.Dict, key string) any {
	v, _ := d.Get(key)
	return v
}

func textIn(d *pickle.Dict, key string) string {
	s, _ := pickle.Text(get(d, key))
	return s
}

func textsIn(d *pickle.Dict, key string) (out []string) {
	list, _ := get(d, key).(*pickle.List)
	if list == nil {
		return nil
	}
	for _, v := range list.Items {
		s, _ := pickle.Text(v)
		out = append(out, s)
	}
	return out
}

func intOf(v any) int {
	n, _ := v.(int64)
	return int(n)
}

// keyOf reads an authkey: bytes, or the AuthenticationString that it is while a process is started.
func keyOf(v any) []byte {
	if o, ok := v.(*pickle.Object); ok {
		if args, ok := o.Args.(pickle.Tuple); ok && len(args) == 1 && o.IsA("multiprocessing.process", "AuthenticationString") {
			v = args[0]
		}
	}
	key, _ := v.([]byte)
	return key
}
