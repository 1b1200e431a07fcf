package sharedmem

import (
	"errors"
	"io"
	"strings"

	"mpbridge/pickle"
)

// segmentFolder is where a Python of this machine opens the file of a segment.
const segmentFolder = "/dev/shm/"

// The functions that read a LargeItem in Python, 2.7 as well.
var (
	pickleLoad = pickle.Global{Module: "pickle", Name: "load"}
	ioOpen     = pickle.Global{Module: "io", Name: "open"}
)

// LargeItem is a value whose pickle is in a segment, and which itself is pickled as a few bytes: what makes any stock
// Python of this machine, 2.7 and 3.6 to 3.15, load the value from the file of the segment while it unpickles. So
// a payload passes a queue of package managers, and any other server that does not open pickles, without going through its
// sockets. In Go it is loaded by LoadLargeItem.
//
// The segment belongs to who made it, and must be there until the last reader has loaded the value: it is to be unlinked when
// all is done, after task_done or a result, say. In a queue that gives an item to another reader when one dies that is
// what is needed; no reader removes it.
type LargeItem struct{ shm *SharedMemory }

// LargeItemOptions are those of NewLargeItem. They may be shared and must not be changed while in use.
type LargeItemOptions struct {
	// Name of the segment; "" makes one up, as Create does.
	Name string
	// Encode says who reads the value, or nil: Python 3, in protocol 4. A Python 2 needs protocol 2 and NativeBytes.
	Encode *pickle.EncodeOptions
	// Create are the options of the segment, or nil. Fill and Write mean nothing here.
	Create *CreateOptions
}

// NewLargeItem pickles a value into a segment of its own. The options may be nil.
func NewLargeItem(v any, o *LargeItemOptions) (*LargeItem, error) {
	set := LargeItemOptions{}
	if o != nil {
		set = *o
	}
	parts, err := set.Encode.Buffers(v)
	if err != nil {
		return nil, &Error{"create", set.Name, err}
	}
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	create := CreateOptions{}
	if set.Create != nil {
		create = *set.Create
	}
	create.Fill = nil
	create.Write = func(w io.Writer) error {
		for _, p := range parts {
			if _, err := w.Write(p); err != nil {
				return err
			}
		}
		return nil
	}
	shm, err := Create(set.Name, size, &create)
	if err != nil {
		return nil, err
	}
	return &LargeItem{shm}, nil
}

// SharedMemory is the segment, which has to be unlinked, and closed.
func (i *LargeItem) SharedMemory() *SharedMemory { return i.shm }

// MarshalPickle returns pickle.load(io.open(PATH, 'rb')), as something that is called while it is unpickled.
func (i *LargeItem) MarshalPickle() (any, error) {
	return call(pickleLoad, call(ioOpen, segmentFolder+i.shm.name, "rb")), nil
}

// ErrNoLargeItem is returned by LoadLargeItem for any other value.
var ErrNoLargeItem = errors.New("sharedmem: it is no large item")

// LargeItemName returns the name of the segment of a pickled LargeItem, decoded or as a pickle.Raw, and false for any other
// value.
func LargeItemName(v any) (string, bool) {
	if raw, ok := v.(pickle.Raw); ok {
		const most = 1000 // bytes that one has at most
		if raw.Size() > most {
			return "", false
		}
		var err error
		if v, err = raw.Any(); err != nil {
			return "", false
		}
	}
	file, ok := onlyArg(v, pickleLoad, 1).(*pickle.Object)
	if !ok {
		return "", false
	}
	path, ok := onlyArg(file, ioOpen, 2).(string)
	name, inside := strings.CutPrefix(path, segmentFolder)
	if bare, err := fileName(name, maxFileName); !ok || !inside || err != nil || bare != name {
		return "", false
	}
	return name, true
}

// onlyArg returns the first of n arguments of a call of a function, nil for anything else.
func onlyArg(v any, function pickle.Global, n int) any {
	o, ok := v.(*pickle.Object)
	if !ok {
		return nil
	}
	kind, class, _ := o.Made()
	if args := argsOf(o); kind == pickle.Reduce && class == any(function) && len(args) == n {
		return args[0]
	}
	return nil
}

// LoadLargeItem loads the value of a pickled LargeItem, decoded or as a pickle.Raw, into what dst points to, as
// pickle.Unmarshal does. The options may be nil. The error is ErrNoLargeItem for any other value; that of Attach where there
// is no such segment; and a *pickle.LimitError for one that is larger than DecodeOptions.MaxBytes allows.
func LoadLargeItem(v, dst any, o *pickle.DecodeOptions) error {
	name, ok := LargeItemName(v)
	if !ok {
		return ErrNoLargeItem
	}
	shm, err := Attach(name, &AttachOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer shm.Close()
	set := pickle.DecodeOptions{}
	if o != nil {
		set = *o
	}
	most := set.MaxBytes
	if most == 0 {
		most = pickle.DefaultMaxBytes
	}
	if shm.Size() > most {
		return &pickle.LimitError{What: "bytes", Limit: int64(most), Got: int64(shm.Size())}
	}
	data := make([]byte, shm.Size()) // a copy: nobody may change it meanwhile
	if _, err := shm.ReadAt(data, 0); err != nil {
		return err
	}
	set.Alias = true // nor does anybody afterwards
	return set.Unmarshal(data, dst)
}
