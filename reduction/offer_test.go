package reduction

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/connection"
	"mpbridge/pickle"
)

var at = connection.Address{Network: connection.Unix, Name: "/tmp/s"}

func newObj(module, name string, state any) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: module, Name: name},
		Args: pickle.Tuple{}, State: state, HasState: state != nil,
	}
}

func TestFormsOfAnOffer(t *testing.T) {
	dupFd := Python3.fdForm(at, 7)
	handle := Python2.fdForm(at, 7)
	info := socketInfo{2, 1, 6}
	for name, test := range map[string]struct {
		form any
		want kind
	}{
		"DupFd":                  {dupFd, aFile},
		"rebuild_handle":         {call(moduleReduction, "rebuild_handle", handle), aFile},
		"socket":                 {Python3.socketForm(dupFd, info), aSocket},
		"socket of Python 2":     {Python2.socketForm(handle, info), aSocket},
		"Connection":             {Python3.connectionForm(dupFd, true, false), aConnection},
		"Connection of Python 2": {Python2.connectionForm(handle, true, true), aConnection},
		"in the words of a Python 2": {call(moduleReduction, "rebuild_handle",
			pickle.Tuple{pickle.ByteString("/tmp/s"), int64(7), false}), aFile},
	} {
		o, ok, err := offerIn(test.form.(*pickle.Object))
		require.NoError(t, err, name)
		assert.True(t, ok, name)
		assert.Equal(t, offer{test.want, at, 7}, o, name)
	}
}

func TestFormsThatCannotBeRedeemed(t *testing.T) {
	id := func(address, key any) *pickle.Dict {
		return pickle.NewDict("_id", pickle.Tuple{address, key})
	}
	handle := func(parts ...any) *pickle.Object {
		return call(moduleReduction, "rebuild_handle", pickle.Tuple(parts))
	}
	for name, test := range map[string]struct {
		form *pickle.Object
		want error
	}{
		"no attributes": {newObj(moduleSharer, "DupFd", nil), ErrMalformed},
		"no _id":        {newObj(moduleSharer, "DupFd", pickle.NewDict()), ErrMalformed},
		"a key of text": {newObj(moduleSharer, "DupFd", id("/tmp/s", "7")), ErrMalformed},
		"a TCP port": {newObj(moduleSharer, "DupFd",
			id(pickle.Tuple{"h", int64(80)}, int64(7))), ErrMalformed},
		"a pair":          {handle("/tmp/s", int64(7)), ErrMalformed},
		"no bool":         {handle("/tmp/s", int64(7), "no"), ErrMalformed},
		"inherited":       {handle(nil, int64(7), true), ErrInherited},
		"spawned":         {newObj("multiprocessing.popen_spawn_posix", "_DupFd", nil), ErrInherited},
		"forkserver":      {newObj("multiprocessing.popen_forkserver", "_DupFd", nil), ErrInherited},
		"a socket of one": {call(moduleReduction, "_rebuild_socket", nil), ErrMalformed},
		"a socket of None": {call(moduleReduction, "_rebuild_socket", nil, nil, nil, nil),
			ErrMalformed},
		"a socket of a C()": {call(moduleReduction, "_rebuild_socket",
			newObj("m", "C", nil), nil, nil, nil), ErrMalformed},
		"a spawned socket": {call(moduleReduction, "_rebuild_socket",
			newObj("multiprocessing.popen_spawn_posix", "_DupFd", nil), nil, nil, nil), ErrInherited},
		"a named pipe": {call(moduleConnection, "rebuild_pipe_connection", nil),
			errors.ErrUnsupported},
		"a socket of Windows": {newObj(moduleSharer, "DupSocket", nil), errors.ErrUnsupported},
		"a handle of Windows": {newObj(moduleReduction, "DupHandle", nil), errors.ErrUnsupported},
	} {
		_, ok, err := offerIn(test.form)
		require.ErrorIs(t, err, test.want, name)
		assert.False(t, ok, name)
	}
}

func FuzzOffer(f *testing.F) {
	for _, v := range []any{
		Python3.fdForm(at, 1), Python2.socketForm(Python2.fdForm(at, 2), socketInfo{}),
		Python3.connectionForm(Python3.fdForm(at, 3), true, true), pickle.Tuple{1, 2},
	} {
		p, err := pickle.Marshal(v)
		require.NoError(f, err)
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		if key, err := parseRequest(p); err != nil {
			assert.Zero(t, key)
		}
		var v any
		if pickle.Unmarshal(p, &v) != nil {
			return
		}
		switch v := v.(type) {
		case *pickle.Object:
			o, ok, err := offerIn(v)
			if ok {
				assert.NoError(t, err)
				assert.Equal(t, connection.Unix, o.at.Network)
			}
		case pickle.Tuple:
			if o, err := handleOffer(v); err == nil {
				assert.Equal(t, connection.Unix, o.at.Network)
			}
		}
	})
}
