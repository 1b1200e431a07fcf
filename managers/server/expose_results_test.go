package server_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/internal/testing/testwait"
	"mpbridge/managers"
	"mpbridge/managers/client"
	"mpbridge/managers/queue"
	"mpbridge/managers/server"
	"mpbridge/pickle"
)

// wrapper is a value that says itself what it is to Python, and fills itself.
type wrapper struct{ text string }

func (w wrapper) MarshalPickle() (any, error) { return "<" + w.text + ">", nil }

func (w *wrapper) UnmarshalPickle(v any) error {
	w.text, _ = pickle.Text(v)
	if w.text == "" {
		return errors.New("no text")
	}
	return nil
}

// mixture has methods whose results become objects, rightly or not.
type mixture struct{}

func (mixture) Wrong() *bank                 { return newBank() }
func (mixture) Unknown() *bank               { return newBank() }
func (mixture) Queue() *queue.Queue          { return testwait.Must(queue.New(nil)) }
func (mixture) NoQueue() int                 { return 1 }
func (mixture) NilQueue() *queue.Queue       { return nil }
func (mixture) Wrap(w wrapper) wrapper       { return w }
func (mixture) WrapAll(w []wrapper) *wrapper { return &w[0] }

func (mixture) Rename() error {
	err := &os.LinkError{Op: "rename", Old: "/secret/old", New: "/secret/new", Err: os.ErrExist}
	return errors.Join(errors.New("first"), err)
}

func withMixture(t *testing.T) *client.Proxy {
	t.Helper()
	_, c := exposing(t, server.Options{}, func(s *server.Server) {
		require.NoError(t, s.RegisterSyncManager())
		require.NoError(t, s.Register("Account", func() *account { return nil }, nil))
		require.NoError(t, s.Register("mixture", mixture{}, &server.RegisterOptions{
			MethodToTypeid: map[string]string{"wrong": "Account", "unknown": "nothing",
				"queue": "Queue", "no_queue": "Queue", "nil_queue": "Queue"}}))
		require.NoError(t, s.Register("no_queue", func() *queue.Queue { return nil }, nil))
	})
	_, err := c.Open(soon(t), "Account")
	require.ErrorContains(t, err, "nil instead of an object")
	_, err = c.Open(soon(t), "no_queue")
	require.ErrorContains(t, err, "nil instead of an object")
	p, err := c.Open(soon(t), "mixture")
	require.NoError(t, err)
	return p
}

func TestAnExposedResultMustBeOfItsTypeid(t *testing.T) {
	p := withMixture(t)
	for method, want := range map[string]string{
		"wrong":     "a server_test.bank where a server_test.account is registered",
		"unknown":   "KeyError: nothing",
		"no_queue":  "method no_queue made no Queue",
		"nil_queue": "nil instead of an object",
	} {
		_, err := p.Call(soon(t), method)
		require.ErrorContains(t, err, want)
	}
	v, err := p.Call(soon(t), "queue")
	require.NoError(t, err)
	assert.Equal(t, "Queue", v.(*client.Proxy).Token().Typeid)
}

func TestExposedValuesMayPickleThemselves(t *testing.T) {
	p := withMixture(t)
	v, err := p.Call(soon(t), "wrap", "a")
	require.NoError(t, err)
	assert.Equal(t, "<a>", v)
	v, err = p.Call(soon(t), "wrap_all", []string{"b"})
	require.NoError(t, err)
	assert.Equal(t, "<b>", v)
	_, err = p.Call(soon(t), "wrap", 1)
	require.ErrorIs(t, err, managers.ErrTypeError)
	assert.ErrorContains(t, err, "mixture.wrap() argument 1: no text")
}

func TestAnErrorOfSeveralNamesNoPathsWhereItIsExposed(t *testing.T) {
	_, err := withMixture(t).Call(soon(t), "rename")
	require.ErrorContains(t, err, "first\nrename: file already exists")
	assert.NotContains(t, err.Error(), "secret")
}

func TestStepsOfAnExposedSequenceWaitForEachOther(t *testing.T) {
	b, s, p := withBank(t)
	it := iterator(t, p, "sleep")
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := it.Call(context.Background(), "__next__")
		first <- err
	}()
	<-b.began
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := it.Call(ctx, "__next__")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	before := s.Stats().Requests
	go func() {
		_, err := it.Call(context.Background(), "__next__")
		second <- err
	}()
	waitFor(t, func() bool { return s.Stats().Requests > before })
	_, err = it.Call(soon(t), "close")
	require.NoError(t, err)
	require.ErrorIs(t, <-first, managers.ErrStopIteration)
	require.ErrorIs(t, <-second, managers.ErrStopIteration)
}
