package pickle

import (
	"reflect"
	"strings"
	"sync"
)

// field is one field of a struct, as pickles see it.
type field struct {
	name      string
	index     []int
	omitEmpty bool
}

// structFields are the fields of a struct type, in order, and by name.
type structFields struct {
	list   []field
	byName map[string]int
}

var fieldCache sync.Map // reflect.Type → *structFields

// fieldsOf returns the fields of t. Embedded structs without a tag are flattened, and of several
// fields of one name the least embedded counts, as in encoding/json; if there are several of those,
// none does.
func fieldsOf(t reflect.Type) *structFields {
	if c, ok := fieldCache.Load(t); ok {
		return c.(*structFields)
	}
	f := &structFields{byName: make(map[string]int)}
	level := map[string]int{}
	for _, sf := range reflect.VisibleFields(t) {
		name, omit, ok := fieldName(sf)
		if !ok || len(sf.Index) > 1 && !flattened(t, sf.Index) {
			continue
		}
		if seen, twice := level[name]; twice && seen <= len(sf.Index) {
			if seen == len(sf.Index) {
				delete(f.byName, name)
			}
			continue
		}
		level[name] = len(sf.Index)
		f.byName[name] = len(f.list)
		f.list = append(f.list, field{name, sf.Index, omit})
	}
	f.prune()
	c, _ := fieldCache.LoadOrStore(t, f)
	return c.(*structFields)
}

// prune drops fields that another one hides.
func (f *structFields) prune() {
	kept := make([]field, 0, len(f.list))
	for i, fl := range f.list {
		if at, ok := f.byName[fl.name]; ok && at == i {
			f.byName[fl.name] = len(kept)
			kept = append(kept, fl)
		}
	}
	f.list = kept
}

// fieldName returns the name that a field has in pickles; ok is false for fields that have none.
func fieldName(sf reflect.StructField) (name string, omitEmpty, ok bool) {
	tag, tagged := sf.Tag.Lookup("pickle")
	name, opts, _ := strings.Cut(tag, ",")
	switch {
	case tag == "-":
		return "", false, false
	case sf.Anonymous && name == "" && embedded(sf.Type):
		return "", false, false
	case !sf.IsExported():
		return "", false, false
	}
	if !tagged || name == "" {
		name = sf.Name
	}
	return name, opts == "omitempty", true
}

// embedded tells whether a field of this type is flattened when it has no name of its own.
func embedded(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && !special(t)
}

// flattened tells whether each struct on the way to a field is embedded without a name.
func flattened(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		sf := t.Field(i)
		if tag := sf.Tag.Get("pickle"); tag != "" || !embedded(sf.Type) {
			return false
		}
		// Fields behind a pointer to an unexported struct cannot be set.
		if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
			return false
		}
		t = sf.Type
	}
	return true
}

// fieldFor returns a field for writing, making the embedded structs on its way.
func fieldFor(v reflect.Value, index []int) reflect.Value {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}

// readField returns a field, or false where an embedded struct on its way is missing.
func readField(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}
