package server_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"mpbridge/managers/client"
	"mpbridge/managers/server"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mill is a value whose methods work until they are told to be done, and watch their context.
type mill struct {
	began  chan struct{}
	finish chan struct{}
	ctx    context.Context // of the last call
}

func (m *mill) work(ctx context.Context) (string, error) {
	m.ctx = ctx
	m.began <- struct{}{}
	select {
	case <-m.finish:
		return "flour", nil
	case <-ctx.Done():
		return "", errors.New("cut")
	}
}

func (m *mill) Grind(ctx context.Context) (string, error) { return m.work(ctx) }

func (m *mill) Sacks(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) { yield(m.work(ctx)) }
}

func TestWhatWorksWhenTheServerStopsIsFinished(t *testing.T) {
	for name, begin := range map[string]func(t *testing.T, p *client.Proxy) (*client.Proxy, string){
		"a method": func(_ *testing.T, p *client.Proxy) (*client.Proxy, string) { return p, "grind" },
		"a step of a sequence": func(t *testing.T, p *client.Proxy) (*client.Proxy, string) {
			return iterator(t, p, "sacks"), "__next__"
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := &mill{began: make(chan struct{}, 1), finish: make(chan struct{})}
			s, c := exposing(t, server.Options{}, func(s *server.Server) {
				require.NoError(t, s.Register("get_mill", m, nil))
			})
			p, err := c.Open(soon(t), "get_mill")
			require.NoError(t, err)
			p, method := begin(t, p)
			type answer struct {
				v   any
				err error
			}
			got := make(chan answer, 1)
			go func() {
				v, err := p.Call(context.Background(), method)
				got <- answer{v, err}
			}()
			<-m.began
			over := make(chan error, 1)
			go func() {
				_, err := s.Shutdown(soon(t))
				over <- err
			}()
			waitFor(t, func() bool { return server.AllTold(s) })
			assert.Never(t, func() bool { return m.ctx.Err() != nil }, 30*time.Millisecond, time.Millisecond)
			close(m.finish)
			a := <-got
			require.NoError(t, a.err)
			assert.Equal(t, "flour", a.v)
			require.NoError(t, <-over)
		})
	}
}
