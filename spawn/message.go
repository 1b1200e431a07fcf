package spawn

import (
	"os"

	"mpbridge/pickle"
)

// message is what the child reads: the other direction of payload.
func (l *launch) message(args []any) ([]byte, error) {
	positional, keywords := pickle.SplitKwargs(args)
	o := newPickled(l)
	tuple, err := o.tuple(positional)
	if err != nil {
		return nil, err
	}
	kwargs := &pickle.Dict{}
	for _, name := range keywords.Names() {
		v, err := o.value(keywords[name])
		if err == nil {
			var key any = name
			if l.python2 {
				key = pickle.ByteString(name) // Python 2.7 takes no others for keywords
			}
			err = kwargs.Set(key, v)
		}
		if err != nil {
			return nil, err
		}
	}
	opts := &pickle.EncodeOptions{Protocol: 2, NativeBytes: l.python2}
	if l.python2 {
		return opts.Marshal(pickle.Tuple{
			pickle.ByteString(l.opts.Name), pickle.ByteString(l.opts.Authkey), l.function, tuple, kwargs})
	}
	preparation, err := opts.Marshal(pickle.NewDict("name", l.opts.Name, "authkey", l.opts.Authkey, "log_to_stderr", false,
		"start_method", "spawn"))
	if err != nil {
		return nil, err
	}
	process, err := opts.Marshal(l.process(tuple, kwargs))
	return append(preparation, process...), err
}

// process is the object that the child runs: describe reads it.
func (l *launch) process(args pickle.Tuple, kwargs *pickle.Dict) *pickle.Object {
	key := &pickle.Object{Class: pickle.Global{Module: "multiprocessing.process", Name: "AuthenticationString"},
		Args: pickle.Tuple{l.opts.Authkey}}
	return &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: "multiprocessing.context", Name: "SpawnProcess"}, Args: pickle.Tuple{},
		HasState: true, State: pickle.NewDict(
			"_identity", pickle.Tuple{int64(1)}, "_config", pickle.NewDict("authkey", key, "semprefix", "/mp"),
			"_parent_pid", int64(os.Getpid()), "_parent_name", "MainProcess", "_popen", nil, "_closed", false,
			"_name", l.opts.Name, "_target", l.function, "_args", args, "_kwargs", kwargs),
	}
}
