package main

import (
	"context"
	"errors"

	"mpbridge/internal/jsonvalue"
	"mpbridge/pickle"
)

// This file shows pickles as JSON that are more, or less, than a value.

// examine prints what is in the pickle that data begins with.
func (i *inspectRun) examine(ctx context.Context, data []byte) (size int, err error) {
	x, err := await(ctx, func() (*pickle.Examination, error) { return pickle.Examine(data), nil })
	if err != nil {
		return 0, err
	}
	if x.Plain() {
		if err = i.show.print(ctx, i.out, x.Value); !errors.Is(err, jsonvalue.ErrTooDeep) {
			return x.Size, err
		}
	}
	whole := *i.show
	whole.Refs, whole.Foreign = true, shownExamination
	return x.Size, joinErrors(x.Err, whole.print(ctx, i.out, x))
}

// shownExamination shows a pickle that a value alone does not show.
func shownExamination(v any) (class string, members []jsonvalue.Member, ok bool) {
	switch v := v.(type) {
	case *pickle.Examination:
		return "pickle", examined(v), true
	case pickle.Step:
		return "step", stepped(v), true
	case pickle.Mark:
		return "mark", nil, true
	}
	return shownProxy(v)
}

func examined(x *pickle.Examination) []jsonvalue.Member {
	var out []jsonvalue.Member
	if x.Whole {
		out = append(out, jsonvalue.Member{Name: "value", Value: x.Value})
	}
	if len(x.Stack) > 0 {
		out = append(out, jsonvalue.Member{Name: "stack", Value: &pickle.List{Items: x.Stack}})
	}
	if len(x.Discarded) > 0 {
		out = append(out, jsonvalue.Member{Name: "discarded", Value: &pickle.List{Items: x.Discarded}})
	}
	if len(x.Steps) > 0 {
		steps := make([]any, len(x.Steps))
		for n, s := range x.Steps {
			steps[n] = s
		}
		out = append(out, jsonvalue.Member{Name: "steps", Value: &pickle.List{Items: steps}})
	}
	if x.Err != nil {
		out = append(out, jsonvalue.Member{Name: "offset", Value: int64(x.Size)})
		if syntax := (*pickle.SyntaxError)(nil); errors.As(x.Err, &syntax) {
			out[len(out)-1].Value = syntax.Offset
		}
		out = append(out, jsonvalue.Member{Name: "error", Value: x.Err.Error()})
	}
	return append(out, jsonvalue.Member{Name: "deeper", Value: jsonvalue.Deeper{}})
}

func stepped(s pickle.Step) []jsonvalue.Member {
	out := []jsonvalue.Member{{Name: "offset", Value: s.Offset}, {Name: "op", Value: s.Op.String()}}
	if s.On != nil || s.With != nil {
		out = append(out, jsonvalue.Member{Name: "on", Value: s.On}, jsonvalue.Member{Name: "with", Value: s.With})
	}
	if s.Err != nil {
		out = append(out, jsonvalue.Member{Name: "error", Value: s.Err.Error()})
	}
	return out
}
