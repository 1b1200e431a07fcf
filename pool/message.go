package pool

import (
	"fmt"
	"math"

	"mpbridge/connection"
	"mpbridge/pickle"
)

// newTask pickles the message (job, index, fn, args, kwds).
func (p *Pool) newTask(j *job, index, items int, fn any, args pickle.Tuple, kw Kwargs) (*task, error) {
	kwargs := pickle.NewDict()
	if len(kw) > 0 {
		raw, err := pickle.NewRaw(map[string]any(kw), p.encode)
		if err != nil {
			return nil, fmt.Errorf("pool: %s: %w", j.fn.name, err)
		}
		return p.pickled(j, index, items, pickle.Tuple{j.id, int64(index), fn, args, raw})
	}
	return p.pickled(j, index, items, pickle.Tuple{j.id, int64(index), fn, args, kwargs})
}

func (p *Pool) pickled(j *job, index, items int, message pickle.Tuple) (*task, error) {
	body, err := p.encode.Buffers(message)
	if err != nil {
		return nil, fmt.Errorf("pool: %s: %w", j.fn.name, err)
	}
	t := &task{job: j, index: index, items: items, body: body}
	for _, part := range body {
		t.size += len(part)
	}
	if t.size > math.MaxInt32 && !p.long {
		return nil, &connection.LimitError{What: "task", Limit: math.MaxInt32, Got: int64(t.size)}
	}
	return t, nil
}
