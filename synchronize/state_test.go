//go:build linux && (amd64 || arm64)

package synchronize_test

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"time"

	"mpbridge/pickle"
	"mpbridge/synchronize"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// memories stands for the arenas of multiprocessing.heap: memory by a number, which is pickled.
type memories [][]byte

func (m *memories) pickle(b []byte) (any, error) {
	*m = append(*m, b)
	return int64(len(*m) - 1), nil
}

func (m *memories) find(v any) ([]byte, error) {
	i, ok := v.(int64)
	if !ok || i < 0 || i >= int64(len(*m)) {
		return nil, errors.New("no memory")
	}
	return (*m)[i], nil
}

func (m *memories) pickler() *synchronize.Pickler {
	return &synchronize.Pickler{Buffer: m.pickle}
}

func (m *memories) unpickler() *synchronize.Unpickler {
	return &synchronize.Unpickler{Buffer: m.find}
}

// oneOfEach is an object of each class.
func oneOfEach(t testing.TB, mem []byte) map[string]any {
	lock, err := synchronize.NewLock(nil)
	kept(t, lock, err)
	rlock, err := synchronize.NewRLock(nil)
	kept(t, rlock, err)
	s, err := synchronize.NewSemaphore(2, nil)
	kept(t, s, err)
	bounded, err := synchronize.NewBoundedSemaphore(2, nil)
	kept(t, bounded, err)
	c, err := synchronize.NewCondition(nil, nil)
	kept(t, c, err)
	e, err := synchronize.NewEvent(nil)
	kept(t, e, err)
	b, err := synchronize.NewBarrier(2, mem, &synchronize.BarrierOptions{Timeout: 1500 * time.Millisecond})
	kept(t, b, err)
	return map[string]any{
		"Lock": lock, "RLock": rlock, "Semaphore": s, "BoundedSemaphore": bounded, "Condition": c, "Event": e, "Barrier": b,
	}
}

// names are the semaphores that something is made of.
func names(x any) []string {
	switch x := x.(type) {
	case interface{ Names() []string }:
		return x.Names()
	case interface{ Name() string }:
		return []string{x.Name()}
	}
	return nil
}

func TestEveryObjectIsTheSameAfterPickling(t *testing.T) {
	for class, x := range oneOfEach(t, shared(t)) {
		t.Run(class, func(t *testing.T) {
			var m memories
			o, err := m.pickler().Object(x)
			require.NoError(t, err)
			assert.True(t, o.IsA("multiprocessing.synchronize", class))
			data, err := pickle.Marshal(o)
			require.NoError(t, err)
			var v any
			require.NoError(t, pickle.Unmarshal(data, &v))
			u := m.unpickler()
			defer u.Close()
			assert.True(t, u.Knows(v))
			y, err := u.Object(v)
			require.NoError(t, err)
			assert.IsType(t, x, y)
			assert.Equal(t, names(x), names(y))
			again, err := m.pickler().Object(y)
			require.NoError(t, err)
			if class != "Barrier" { // whose memory has another number
				assert.True(t, pickle.Equal(o, again))
			}
		})
	}
}

func TestTheStateOfALockIsThatOfPython(t *testing.T) {
	lock, err := synchronize.NewLock(nil)
	kept(t, lock, err)
	doc := "\x80\x02cmultiprocessing.synchronize\nLock\n)\x81(K\x00K\x01K\x01X" +
		string([]byte{byte(len(lock.Name())), 0, 0, 0}) + lock.Name() + "tb."
	var want, got any
	require.NoError(t, pickle.Unmarshal([]byte(doc), &want))
	data, err := pickle.Marshal(lock)
	require.NoError(t, err)
	require.NoError(t, pickle.Unmarshal(data, &got))
	assert.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
}

func TestWhatIsSharedInAPickleIsSharedHere(t *testing.T) {
	rlock, err := synchronize.NewRLock(nil)
	kept(t, rlock, err)
	cond, err := synchronize.NewCondition(rlock, nil)
	kept(t, cond, err)
	var p synchronize.Pickler
	a, err := p.Object(rlock)
	require.NoError(t, err)
	b, err := p.Object(cond)
	require.NoError(t, err)
	data, err := pickle.Marshal(pickle.Tuple{a, b})
	require.NoError(t, err)
	var v any
	require.NoError(t, pickle.Unmarshal(data, &v))
	var u synchronize.Unpickler
	defer u.Close()
	x, err := u.Object(v.(pickle.Tuple)[0])
	require.NoError(t, err)
	y, err := u.Object(v.(pickle.Tuple)[1])
	require.NoError(t, err)
	assert.Same(t, x, y.(*synchronize.Condition).Locking())
	require.NoError(t, y.(*synchronize.Condition).Close())
	assert.True(t, x.(*synchronize.RLock).TryAcquire(synchronize.NewOwner()), "the lock is not the condition's alone")
}

func TestWhatHasNoNameIsNotPickled(t *testing.T) {
	s, err := synchronize.Place(shared(t), 1, 1, nil)
	require.NoError(t, err)
	defer s.Close()
	_, err = pickle.Marshal(&synchronize.Lock{SemLock: s})
	require.ErrorIs(t, err, synchronize.ErrNoName)
}

// lockState is a pickled object of a class with a state.
func lockState(class string, state any) *pickle.Object {
	return &pickle.Object{
		Kind: pickle.NewObj, Class: pickle.Global{Module: "multiprocessing.synchronize", Name: class},
		Args: pickle.Tuple{}, State: state, HasState: true,
	}
}

// lockNameOf is the name of the lock of a pickled condition.
func lockNameOf(condition any) any {
	lock := condition.(*pickle.Object).State.(pickle.Tuple)[0].(*pickle.Object)
	return lock.State.(pickle.Tuple)[3]
}

func TestStatesThatPythonDoesNotWriteAreRefused(t *testing.T) {
	lock, err := synchronize.NewLock(nil)
	kept(t, lock, err)
	name := lock.Name()
	good := lockState("Lock", pickle.Tuple{int64(0), int64(1), int64(1), name})
	semaphore := lockState("Semaphore", pickle.Tuple{int64(0), int64(1), int64(synchronize.SemValueMax), name})
	condition, err := new(synchronize.Pickler).Object(newCondition(t, nil))
	require.NoError(t, err)
	event, err := new(synchronize.Pickler).Object(newEvent(t, nil))
	require.NoError(t, err)
	ofALock, _ := event.Attrs().Get("_cond")
	itself := lockState("Condition", nil)
	itself.State = pickle.Tuple{itself, semaphore, semaphore, semaphore}
	for what, v := range map[string]any{
		"None":                      nil,
		"another class":             &pickle.Object{Kind: pickle.NewObj, Class: pickle.Global{Module: "queue", Name: "Queue"}},
		"a class that is not there": lockState("Mutex", pickle.Tuple{}),
		"a call":                    &pickle.Object{Class: pickle.Global{Module: "multiprocessing.synchronize", Name: "Lock"}},
		"no tuple":                  lockState("Lock", pickle.NewDict()),
		"too short":                 lockState("Lock", pickle.Tuple{int64(0)}),
		"a kind that is a str":      lockState("Lock", pickle.Tuple{int64(0), "1", int64(1), name}),
		"another kind":              lockState("Lock", pickle.Tuple{int64(0), int64(0), int64(1), name}),
		"another limit":             lockState("Lock", pickle.Tuple{int64(0), int64(1), int64(2), name}),
		"a negative limit":          lockState("BoundedSemaphore", pickle.Tuple{int64(0), int64(1), int64(-1), name}),
		"a huge limit":              lockState("BoundedSemaphore", pickle.Tuple{int64(0), int64(1), int64(1) << 40, name}),
		"a name that is an int":     lockState("Lock", pickle.Tuple{int64(0), int64(1), int64(1), int64(1)}),
		"a condition on a semaphore": lockState("Condition",
			pickle.Tuple{semaphore, semaphore, semaphore, semaphore}),
		"a condition on itself":        itself,
		"a condition of one semaphore": lockState("Condition", pickle.Tuple{good, semaphore, semaphore, semaphore}),
		"an event whose flag is its lock": lockState("Event", pickle.NewDict("_cond", ofALock,
			"_flag", lockState("Semaphore", pickle.Tuple{int64(0), int64(1), int64(synchronize.SemValueMax),
				lockNameOf(ofALock)}))),
		"an event on an RLock":           lockState("Event", pickle.NewDict("_cond", condition, "_flag", semaphore)),
		"a barrier on a Lock":            lockState("Barrier", pickle.Tuple{int64(1), nil, nil, ofALock, int64(0)}),
		"a condition of a lock too many": lockState("Condition", pickle.Tuple{good, good, semaphore, semaphore}),
		"an event without a flag":        lockState("Event", pickle.NewDict("_cond", ofALock)),
		"an event of a lock":             lockState("Event", pickle.NewDict("_cond", good, "_flag", semaphore)),
		"a barrier of nobody":            lockState("Barrier", pickle.Tuple{int64(0), nil, nil, condition, int64(0)}),
		"a barrier without memory":       lockState("Barrier", pickle.Tuple{int64(1), nil, nil, condition, int64(0)}),
		"a barrier with an action":       lockState("Barrier", pickle.Tuple{int64(1), "f", nil, condition, int64(0)}),
	} {
		t.Run(what, func(t *testing.T) {
			u := synchronize.Unpickler{Buffer: func(any) ([]byte, error) { return make([]byte, 8), nil }}
			if what == "a barrier without memory" {
				u.Buffer = nil
			}
			_, err := u.Object(v)
			var state *synchronize.StateError
			require.ErrorAs(t, err, &state)
			t.Log(err)
		})
	}
	for what, state := range map[string]pickle.Tuple{
		"of the fork context": {int64(139872), int64(1), int64(1), nil},
		"of Python 2":         {int64(139872), int64(1), int64(1)},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := new(synchronize.Unpickler).Object(lockState("Lock", state))
			require.ErrorIs(t, err, synchronize.ErrNoName)
		})
	}
}

func TestAConditionOfWhichAPartIsMissingLeavesNothingOpen(t *testing.T) {
	lock, err := synchronize.NewLock(nil)
	kept(t, lock, err)
	o, err := new(synchronize.Pickler).Object(lock)
	require.NoError(t, err)
	gone := lockState("Semaphore", pickle.Tuple{int64(0), int64(1), int64(synchronize.SemValueMax), "/mp-mpbridge-none"})
	var u synchronize.Unpickler
	_, err = u.Object(lockState("Condition", pickle.Tuple{o, gone, gone, gone}))
	require.ErrorIs(t, err, fs.ErrNotExist)
	x, err := u.Object(o)
	require.NoError(t, err, "it was closed, and can be opened again")
	defer u.Close()
	assert.True(t, x.(*synchronize.Lock).TryAcquire())
}

func TestAnEventWithoutItsFlagLeavesNothingOpen(t *testing.T) {
	e := newEvent(t, nil)
	o, err := new(synchronize.Pickler).Object(e)
	require.NoError(t, err)
	cond, _ := o.Attrs().Get("_cond")
	var u synchronize.Unpickler
	defer u.Close()
	var state *synchronize.StateError
	_, err = u.Object(lockState("Event", pickle.NewDict("_cond", cond)))
	require.ErrorAs(t, err, &state)
	x, err := u.Object(o)
	require.NoError(t, err, "what it was made of was closed, and can be opened again")
	require.NoError(t, x.(*synchronize.Event).Set(soon(t)))
}

func TestABarrierOfAnActionIsPickledWithPythonsOnly(t *testing.T) {
	var m memories
	b := newBarrier(t, 2, &synchronize.BarrierOptions{Action: func() error { return nil }})
	_, err := m.pickler().Object(b)
	require.Error(t, err)
	action := pickle.Global{Module: "tasks", Name: "begin"}
	b = newBarrier(t, 1, &synchronize.BarrierOptions{Action: func() error { return nil }, PythonAction: action})
	o, err := m.pickler().Object(b)
	require.NoError(t, err)
	called := false
	u := m.unpickler()
	u.Action = func(v any) (func() error, error) {
		return func() error {
			called = v == any(action)
			return nil
		}, nil
	}
	defer u.Close()
	x, err := u.Object(o)
	require.NoError(t, err)
	_, err = x.(*synchronize.Barrier).Wait(soon(t))
	require.NoError(t, err)
	assert.True(t, called)
}

func TestPython2HasNoBarrier(t *testing.T) {
	var m memories
	p := m.pickler()
	p.Python2 = true
	_, err := p.Object(newBarrier(t, 2, nil))
	require.ErrorContains(t, err, "Python 2")
}

// FuzzState opens what nobody has looked at: it fails, or gives what can be pickled and opened again.
func FuzzState(f *testing.F) {
	var m memories
	for _, x := range oneOfEach(f, make([]byte, 8)) {
		o, err := m.pickler().Object(x)
		require.NoError(f, err)
		data, err := pickle.Marshal(o)
		require.NoError(f, err)
		f.Add(data)
		f.Add([]byte(strings.Replace(string(data), "/mp-", "/xx-", 1)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if pickle.Unmarshal(data, &v) != nil {
			return
		}
		m := memories{make([]byte, 16)}
		u := m.unpickler()
		defer u.Close()
		x, err := u.Object(v)
		if err != nil {
			return
		}
		require.True(t, u.Knows(v))
		o, err := m.pickler().Object(x)
		require.NoError(t, err)
		again := m.unpickler()
		defer again.Close()
		y, err := again.Object(o)
		require.NoError(t, err)
		require.Equal(t, reflect.TypeOf(x), reflect.TypeOf(y))
		require.Equal(t, names(x), names(y))
	})
}
