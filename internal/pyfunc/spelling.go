package pyfunc

import (
	"errors"
	"reflect"
	"strings"

	"mpbridge/pickle"
)

// maxDepth bounds how deep values may nest that are gone over level by level.
const maxDepth = 1000

var errTooDeep = errors.New("a value nests too deep")

// Fields without a tag are known to package pickle by their Go names. Python code writes them in
// snake case, so the keys of dicts that are to fill structs are spelled in Go's way first.

// Spelled tells whether t has fields whose Python names are others than their Go names.
func Spelled(t reflect.Type) bool {
	seen := map[reflect.Type]bool{}
	var look func(t reflect.Type) bool
	look = func(t reflect.Type) bool {
		if seen[t] || reflect.PointerTo(t).Implements(unmarshalerType) {
			return false
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			return look(t.Elem())
		case reflect.Map:
			return look(t.Elem())
		case reflect.Struct:
			for _, f := range spelledFields(t) {
				if _, tagged := fieldTag(f); !tagged || look(f.Type) {
					return true
				}
			}
		}
		return false
	}
	return look(t)
}

// spelledFields returns the fields of a struct that clients can fill, those of embedded structs
// too.
func spelledFields(t reflect.Type) (out []reflect.StructField) {
	for _, f := range reflect.VisibleFields(t) {
		if f.IsExported() && !f.Anonymous && f.Tag.Get("pickle") != "-" {
			out = append(out, f)
		}
	}
	return out
}

// speller spells the keys of one argument. What is shared stays shared, so that a few bytes cannot
// ask for more than a few steps.
type speller struct {
	depth int
	done  map[visit]any
}

// visit is a list, dict, object, or first element of a tuple, where a type is to be filled.
type visit struct {
	at any
	t  reflect.Type
}

// Spell returns v with the keys of dicts that fill structs of t as package pickle knows them.
func Spell(v any, t reflect.Type) (any, error) {
	s := speller{done: make(map[visit]any)}
	return s.spell(v, t)
}

func (s *speller) spell(v any, t reflect.Type) (any, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if s.depth++; s.depth > maxDepth {
		return nil, errTooDeep
	}
	defer func() { s.depth-- }()
	switch k := t.Kind(); {
	case reflect.PointerTo(t).Implements(unmarshalerType):
	case k == reflect.Slice || k == reflect.Array:
		return s.sequence(v, t)
	case k == reflect.Map:
		known := func(any) (string, reflect.Type) { return "", t.Elem() }
		return s.attributes(v, t, known)
	case k == reflect.Struct:
		if tuple, ok := v.(pickle.Tuple); ok {
			return s.places(tuple, t)
		}
		return s.attributes(v, t, fieldsByPythonName(t))
	}
	return v, nil
}

func (s *speller) sequence(v any, t reflect.Type) (any, error) {
	switch v := v.(type) {
	case *pickle.List:
		out := &pickle.List{Items: make([]any, len(v.Items))}
		return s.once(visit{v, t}, out, func() error { return s.all(out.Items, v.Items, t.Elem()) })
	case pickle.Tuple:
		if len(v) == 0 {
			return v, nil
		}
		out := make(pickle.Tuple, len(v))
		return s.once(visit{&v[0], t}, out, func() error { return s.all(out, v, t.Elem()) })
	}
	return v, nil
}

// places spells what a tuple has for the fields of a struct, in their order.
func (s *speller) places(v pickle.Tuple, t reflect.Type) (any, error) {
	fields := spelledFields(t)
	if len(v) == 0 || len(v) != len(fields) {
		return v, nil // package pickle says what is wrong
	}
	out := make(pickle.Tuple, len(v))
	return s.once(visit{&v[0], t}, out, func() (err error) {
		for i := range v {
			if out[i], err = s.spell(v[i], fields[i].Type); err != nil {
				return err
			}
		}
		return nil
	})
}

// once returns what was made of a value before, or fills out.
func (s *speller) once(at visit, out any, fill func() error) (any, error) {
	if done, ok := s.done[at]; ok {
		return done, nil
	}
	s.done[at] = out
	return out, fill()
}

func (s *speller) all(out, items []any, t reflect.Type) (err error) {
	for i, it := range items {
		if out[i], err = s.spell(it, t); err != nil {
			return err
		}
	}
	return nil
}

// attributes spells a dict, or the attributes of an object. known says which name a key stands for,
// if another, and of which type its value is; no type leaves the value as it is.
func (s *speller) attributes(
	v any, t reflect.Type, known func(key any) (string, reflect.Type),
) (any, error) {
	switch v := v.(type) {
	case *pickle.Object:
		state, ok := v.State.(*pickle.Dict)
		if !ok {
			return v, nil
		}
		out := *v
		return s.once(visit{v, t}, &out, func() (err error) {
			out.State, err = s.attributes(state, t, known)
			return err
		})
	case *pickle.Dict:
		out := &pickle.Dict{}
		return s.once(visit{v, t}, out, func() error { return s.dict(out, v, known) })
	}
	return v, nil
}

func (s *speller) dict(out, d *pickle.Dict, known func(key any) (string, reflect.Type)) error {
	for key, value := range d.All() {
		name, t := known(key)
		if name != "" {
			if _, twice := d.Get(name); twice {
				continue // it is given by its Go name, too
			}
			key = name
		}
		if t != nil {
			var err error
			if value, err = s.spell(value, t); err != nil {
				return err
			}
		}
		if err := out.Set(key, value); err != nil {
			return err
		}
	}
	return nil
}

// fieldTag returns the name by which package pickle knows a field, and whether a tag gives it.
func fieldTag(f reflect.StructField) (name string, tagged bool) {
	name, _, _ = strings.Cut(f.Tag.Get("pickle"), ",")
	if name == "" {
		return f.Name, false
	}
	return name, true
}

// fieldsByPythonName finds the fields of a struct by the keys of a dict.
func fieldsByPythonName(t reflect.Type) func(key any) (string, reflect.Type) {
	fields := spelledFields(t)
	return func(key any) (string, reflect.Type) {
		text, ok := pickle.Text(key)
		if !ok {
			return "", nil
		}
		for _, f := range fields {
			switch name, tagged := fieldTag(f); {
			case text == name:
				return "", f.Type
			case !tagged && text == Snake(f.Name):
				return name, f.Type
			}
		}
		return "", nil
	}
}
