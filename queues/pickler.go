package queues

import (
	"errors"
	"fmt"
	"os"

	"mpbridge/connection"
	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// A Pickler turns objects of this package, and Conns, into values for [pickle.Marshal], from which a stock Python that is
// being started makes objects of its own classes. An object that is given twice becomes one and the same value: use
// one Pickler for all that goes into one pickle. It is for one goroutine.
type Pickler struct {
	// Synchronize pickles the locks, and says whether it is for Python 2.7; nil means one for Python 3.
	Synchronize *synchronize.Pickler

	// Duplicate takes over a file that blocks, and returns the number of its descriptor in the process that is being
	// started; exec.Cmd.ExtraFiles begin at 3. What has been duplicated when Object fails is its business too.
	Duplicate func(f *os.File) (fd int, err error)

	seen map[any]*pickle.Object
}

// ErrNoDescriptors is returned where a Pickler without Duplicate meets what has descriptors.
var ErrNoDescriptors = errors.New("queues: descriptors go to a process only when it is started")

func (p *Pickler) sync() *synchronize.Pickler {
	if p.Synchronize == nil {
		p.Synchronize = new(synchronize.Pickler)
	}
	return p.Synchronize
}

// Knows tells whether x is something that Object pickles.
func (p *Pickler) Knows(x any) bool {
	switch x.(type) {
	case *SimpleQueue, *Queue, *JoinableQueue, *connection.Conn:
		return true
	}
	return false
}

// Object returns the value for a *SimpleQueue, *Queue, *JoinableQueue or *connection.Conn. This process keeps its own
// descriptors, and closes what it does not use itself. The error is synchronize.ErrNoName for a queue that no other
// program can open, ErrNoDescriptors or that of Duplicate, and ErrClosed.
func (p *Pickler) Object(x any) (*pickle.Object, error) {
	if o := p.seen[x]; o != nil {
		return o, nil
	}
	o, err := p.object(x)
	if errors.Is(err, os.ErrClosed) {
		err = ErrClosed
	}
	if err != nil {
		return nil, err
	}
	if p.seen == nil {
		p.seen = map[any]*pickle.Object{}
	}
	p.seen[x] = o
	return o, nil
}

func (p *Pickler) object(x any) (*pickle.Object, error) {
	switch x := x.(type) {
	case *SimpleQueue:
		return made("SimpleQueue")(p.simpleState(x))
	case *Queue:
		return made("Queue")(p.queueState(x))
	case *JoinableQueue:
		return made("JoinableQueue")(p.joinableState(x))
	case *connection.Conn:
		return p.conn(x)
	}
	return nil, fmt.Errorf("queues: a %T has no counterpart in multiprocessing.queues", x)
}

// made gives an object of a class its state.
func made(class string) func(state pickle.Tuple, err error) (*pickle.Object, error) {
	return func(state pickle.Tuple, err error) (*pickle.Object, error) {
		if err != nil {
			return nil, err
		}
		return &pickle.Object{
			Kind: pickle.NewObj, Class: pickle.Global{Module: moduleQueues, Name: class}, Args: pickle.Tuple{},
			State: state, HasState: true,
		}, nil
	}
}

// The modules of the classes.
const (
	moduleQueues     = "multiprocessing.queues"
	moduleConnection = "multiprocessing.connection"
	moduleSpawn      = "multiprocessing.popen_spawn_posix"
	moduleFutures    = "concurrent.futures.process"
	modulePython2    = "_multiprocessing"
)
