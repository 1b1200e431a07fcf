package queues

import (
	"errors"

	"mpbridge/internal/pipeend"
	"mpbridge/pickle"
	"mpbridge/synchronize"
)

// pipeState is what the states of all queues have: (reader, writer, rlock, wlock).
func (p *Pickler) pipeState(q *pipeQueue) (pickle.Tuple, error) {
	r, err := p.end(q.in.end, true, false)
	if err != nil {
		return nil, err
	}
	w, err := p.end(q.out.end, false, true)
	if err != nil {
		return nil, err
	}
	rlock, err := p.sync().Object(q.rlock)
	if err != nil {
		return nil, err
	}
	wlock, err := p.sync().Object(q.wlock)
	if err != nil {
		return nil, err
	}
	return pickle.Tuple{r, w, rlock, wlock}, nil
}

// pipeQueue makes live what pipeState makes.
func (u *Unpickler) pipeQueue(class string, state pickle.Tuple) (*pipeQueue, error) {
	o, err := u.Options.check()
	if err != nil {
		return nil, err
	}
	rlock, err := opened[*synchronize.Lock](u, class, state[2])
	if err != nil {
		return nil, err
	}
	wlock, err := opened[*synchronize.Lock](u, class, state[3])
	if err != nil {
		_ = rlock.Close()
		return nil, err
	}
	r, w, err := u.ends(class, state)
	if err != nil {
		_ = rlock.Close()
		_ = wlock.Close()
		return nil, err
	}
	return newPipeQueue(r, w, rlock, wlock, o), nil
}

// opened opens what should be a T of package synchronize.
func opened[T any](u *Unpickler, class string, v any) (x T, _ error) {
	got, err := u.sync().Object(v)
	if err != nil {
		return x, err
	}
	x, ok := got.(T)
	if !ok {
		return x, &StateError{class, "its locks are not of the classes that Python gives it"}
	}
	return x, nil
}

// ends makes both ends of a queue.
func (u *Unpickler) ends(class string, state pickle.Tuple) (r, w *pipeend.End, err error) {
	if r, err = u.end(class, state[0]); err != nil {
		return nil, nil, err
	}
	if w, err = u.end(class, state[1]); err != nil {
		_ = r.Close()
		return nil, nil, err
	}
	readable, _, err := r.Access()
	_, writable, err2 := w.Access()
	if err = errors.Join(err, err2); err == nil && !(readable && writable) {
		err = &StateError{class, "reader and writer are open for the other direction"}
	}
	if err != nil {
		_ = r.Close()
		_ = w.Close()
		return nil, nil, err
	}
	return r, w, nil
}
