package values

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math/big"
	"strconv"

	"mpbridge/pickle"
)

// ReprStyleFor returns the style of the Python that writes a dialect, as far as that tells.
func ReprStyleFor(d pickle.Dialect) ReprStyle {
	return ReprStyle{Python2: d.NativeBytes, Python3: !d.NativeBytes && d.Protocol == 3}
}

// Repr returns repr(v). Sets and dicts are shown in the order in which they are held. The addresses
// of objects are made up, though always the same for one object.
func Repr(v any, o ReprStyle) (string, error) { return (*Budget)(nil).Repr(v, o) }

// Repr is the function Repr within the budget.
func (w *Budget) Repr(v any, o ReprStyle) (string, error) {
	r := repr{budget: w, style: o, limit: maxText}
	if err := r.value(v); err != nil {
		return "", err
	}
	return string(r.b), r.grown(0)
}

// ReprStart returns the beginning of Repr(v), up to limit bytes and a little more: what comes after is
// not looked at.
func (w *Budget) ReprStart(v any, o ReprStyle, limit int) (string, error) {
	r := repr{budget: w, style: o, limit: limit, cut: true}
	if err := r.value(v); err != nil && err != errCut {
		return "", err
	}
	return string(r.b), nil
}

// errCut ends the writing of what nobody will read.
var errCut = errors.New("values: enough of the text is there")

// Str returns str(v).
func Str(v any, o ReprStyle) (string, error) { return (*Budget)(nil).Str(v, o) }

// Str is the function Str within the budget.
func (w *Budget) Str(v any, o ReprStyle) (string, error) {
	if text, ok := pickle.Text(v); ok {
		return text, nil
	}
	switch v := v.(type) {
	case []byte:
		if o.Python2 {
			return string(v), nil
		}
	case *pickle.ByteArray:
		if o.Python2 {
			return string(v.Bytes), nil
		}
	case float64:
		if o.Python2 {
			return string(appendFloat(nil, v, digits2, true)), nil
		}
	case complex128:
		if o.Python2 {
			return string(appendComplex(nil, v, digits2)), nil
		}
	case *big.Int:
		o.Python2 = false // no L
	case *pickle.Object:
		if text, done, err := w.strObject(v, o); done {
			return text, err
		}
	}
	return w.Repr(v, o)
}

// digits2 is how many digits str() shows in Python 2.
const digits2 = 12

// proxyModule is no module's name; Global values with it are shown by what their name says.
const proxyModule = "\x00proxy"

// repr writes the text of one value.
type repr struct {
	budget *Budget
	b      []byte
	told   int  // bytes that the budget knows of
	cut    bool // what is beyond the limit is left out, and is no error
	limit  int  // of bytes
	style  ReprStyle
	depth  int
	active map[ident]bool // containers that are being written
}

func (r *repr) put(text ...string) error {
	for _, s := range text {
		if len(r.b)+len(s) > r.limit {
			return r.full(s)
		}
		r.b = append(r.b, s...)
	}
	return nil
}

// full says that s does not fit any more.
func (r *repr) full(s string) error {
	if !r.cut {
		return tooLong(r.limit)
	}
	if room := r.limit - len(r.b); room > 0 {
		r.b = append(r.b, s[:min(room, len(s))]...)
	}
	return errCut
}

// grownBytes is how much text is written before it is counted.
const grownBytes = 16 << 10

// grown counts the text, if there is enough that is not counted yet: twice, for it is copied as it grows.
func (r *repr) grown(least int) error {
	n := len(r.b) - r.told
	if n <= least {
		return nil
	}
	r.told = len(r.b)
	return r.budget.Make(0, 2*int64(n))
}

func (r *repr) value(v any) error {
	if err := r.budget.Step(weight(v)); err != nil {
		return err
	}
	if len(r.b) > r.limit {
		return r.full("")
	}
	if err := r.grown(grownBytes); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		return r.put("None")
	case bool:
		if v {
			return r.put("True")
		}
		return r.put("False")
	case int64:
		r.b = strconv.AppendInt(r.b, v, 10)
		return nil
	case string:
		return r.text(v)
	case pickle.ByteString:
		return r.native(string(v))
	case []byte:
		return r.bytes(v)
	case *pickle.ByteArray:
		return r.byteArray(v)
	case float64:
		r.b = appendFloat(r.b, v, -1, true)
		return nil
	case complex128:
		r.b = appendComplex(r.b, v, -1)
		return nil
	case long:
		text, err := intText(bigOf(v.value))
		if err != nil {
			return err
		}
		return r.put(text, "L")
	case pickle.Global:
		return r.global(v)
	case pickle.Ellipsis:
		return r.put("Ellipsis")
	case pickle.NotImplemented:
		return r.put("NotImplemented")
	case pickle.Range:
		return r.span(v)
	}
	if _, isObject := v.(*pickle.Object); !isObject {
		if n, ok := number(v); ok {
			return r.number(n)
		}
	}
	return r.container(v)
}

func (r *repr) number(n any) error {
	if b, ok := n.(*big.Int); ok {
		text, err := intText(b)
		if err != nil {
			return err
		}
		if r.style.Python2 {
			text += "L"
		}
		return r.put(text)
	}
	return r.value(n)
}

// maxDigits is sys.get_int_max_str_digits(): turning longer integers into decimals takes time.
const maxDigits = 4300

func intText(b *big.Int) (string, error) {
	const maxBits = maxDigits*3322/1000 + 8
	if b.BitLen() <= maxBits {
		if text := b.String(); len(text) <= maxDigits || len(text) == maxDigits+1 && b.Sign() < 0 {
			return text, nil
		}
	}
	return "", raise("ValueError", "Exceeds the limit (%d digits) for integer string conversion;"+
		" use sys.set_int_max_str_digits() to increase the limit", maxDigits)
}

func (r *repr) span(v pickle.Range) error {
	start, stop, step := bigOf(v.Start), bigOf(v.Stop), bigOf(v.Step)
	name, parts := "range(", []any{start, stop, step}
	one := step.IsInt64() && step.Int64() == 1
	if one {
		parts = parts[:2]
	}
	if r.style.Python2 {
		if name = "xrange("; one && start.Sign() == 0 {
			parts = parts[1:2]
		}
	}
	return r.list(name, parts, ")")
}

// global shows classes and functions.
func (r *repr) global(g pickle.Global) error {
	name := g.Module + "." + g.Name
	if g.Module == "builtins" {
		name = g.Name
	}
	if text, ok := namedMemberText(g, r.style); ok {
		return r.put(text)
	}
	switch {
	case g.Module == proxyModule:
		return r.put(g.Name)
	case isMemberName(g):
		return r.put("<", g.Name, ">")
	case pickle.BuiltinFunction(g):
		return r.put("<built-in function ", g.Name, ">")
	case !isClass(g):
		return r.put("<function ", g.Name, " at ", address(g), ">")
	case r.style.Python2 && g.Module == "builtins" && isExceptionName(g):
		return r.put("<type 'exceptions.", name, "'>")
	case r.style.Python2 && (g.Module == "builtins" || compiled[g] && !pureInPython2[g]):
		return r.put("<type '", name, "'>")
	}
	return r.put("<class '", name, "'>")
}

// addressSeed makes addresses that say nothing of where our memory lies.
var addressSeed = maphash.MakeSeed()

func address[T comparable](v T) string {
	return fmt.Sprintf("%#x", 0x7f0000000000|maphash.Comparable(addressSeed, v)&0xfffffffff0)
}

// container shows what nests: as dots where it is inside of itself.
func (r *repr) container(v any) error {
	id, ok := identOf(v)
	if ok && r.active[id] {
		return r.put(dots(v))
	}
	if r.depth >= maxDepth {
		return tooDeep()
	}
	r.depth++
	if ok {
		if r.active == nil {
			r.active = make(map[ident]bool)
		}
		r.active[id] = true
		defer delete(r.active, id)
	}
	m := r.budget.Mark()
	err := r.budget.opens(v)
	made := r.budget.since(m)
	if err == nil {
		err = r.open(v)
	}
	r.budget.giveBack(made)
	r.depth--
	return err
}

func dots(v any) string {
	switch v := v.(type) {
	case pickle.Tuple:
		return "(...)"
	case *pickle.List:
		return "[...]"
	case *pickle.Dict:
		return "{...}"
	case *pickle.Set, *pickle.FrozenSet:
		return TypeName(v) + "(...)"
	case *pickle.Object:
		return dotsOfObject(v)
	}
	return "..."
}

func (r *repr) open(v any) error {
	switch v := v.(type) {
	case pickle.Tuple:
		end := ")"
		if len(v) == 1 {
			end = ",)"
		}
		return r.list("(", v, end)
	case *pickle.List:
		return r.list("[", v.Items, "]")
	case *pickle.Dict:
		return r.dict(v)
	case *pickle.Set, *pickle.FrozenSet:
		return r.set(v)
	case pickle.Slice:
		return r.list("slice(", []any{v.Start, v.Stop, v.Step}, ")")
	case *pickle.Object:
		return r.object(v)
	}
	return r.put("<", TypeName(v), " object>")
}

func (r *repr) list(start string, items []any, end string) error {
	if err := r.put(start); err != nil {
		return err
	}
	for i, v := range items {
		if i > 0 {
			if err := r.put(", "); err != nil {
				return err
			}
		}
		if err := r.value(v); err != nil {
			return err
		}
	}
	return r.put(end)
}

func (r *repr) dict(d *pickle.Dict) error {
	if err := r.put("{"); err != nil {
		return err
	}
	between := ""
	for k, v := range d.All() {
		if err := r.put(between); err != nil {
			return err
		}
		between = ", "
		if err := r.pair(k, ": ", v); err != nil {
			return err
		}
	}
	return r.put("}")
}

func (r *repr) pair(k any, between string, v any) error {
	if err := r.value(k); err != nil {
		return err
	}
	if err := r.put(between); err != nil {
		return err
	}
	return r.value(v)
}

func (r *repr) set(v any) error {
	n, all, _ := setOf(v)
	m := r.budget.Mark()
	err := r.budget.MakeEach(n, ValueBytes)
	defer r.budget.giveBack(r.budget.since(m))
	if err != nil {
		return err
	}
	items := make([]any, 0, n)
	for item := range all {
		items = append(items, item)
	}
	name := TypeName(v)
	switch {
	case r.style.Python2:
		return r.list(name+"([", items, "])")
	case n == 0:
		return r.put(name, "()")
	case name == "set":
		return r.list("{", items, "}")
	}
	return r.list(name+"({", items, "})")
}
