package values

import (
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"

	"mpbridge/pickle"
)

// object shows an object as its class does, where the class is known here.
func (r *repr) object(o *pickle.Object) error {
	g, args, named := classOf(o)
	if !named {
		return r.put("<object object at ", address(o), ">")
	}
	if m, ok := mappingObject(r.budget, o); ok {
		return r.mapping(m)
	}
	if s, ok := sequenceOf(o); ok {
		return r.sequence(s)
	}
	if s, ok := sliceOf(o); ok {
		return r.open(s)
	}
	if m, ok := momentOf(o); ok {
		return r.moment(m)
	}
	if n, ok := numberObject(o); ok {
		return r.exact(g, args, n)
	}
	if id, ok := pickle.UUIDOf(o); ok {
		return r.put("UUID('", uuidText(id), "')")
	}
	if p, ok := pickle.PathOf(o); ok && !p.Windows {
		if err := r.put(p.Class, "("); err != nil {
			return err
		}
		if err := r.native(p.Text); err != nil {
			return err
		}
		return r.put(")")
	}
	if isException(o) {
		return r.exception(lastName(g), args)
	}
	if data, ok := userData(o); ok {
		return r.value(data)
	}
	if isNamespace(g) {
		return r.namespace(o)
	}
	if text, ok := memberText(o, r.style); ok {
		return r.put(text)
	}
	if c, items, ok := tupleOf(o); ok {
		return r.tuple(c, items)
	}
	if key, ok := zoneKey(o); ok {
		return r.zoneInfo(g, key)
	}
	if m, ok := zonedOf(o); ok {
		return r.moment(m)
	}
	if done, err := r.numpy(o); done || err != nil {
		return err
	}
	return r.unknown(g, o)
}

func dotsOfObject(o *pickle.Object) string {
	if _, ok := sequenceOf(o); ok {
		return "[...]"
	}
	if g, args, ok := classOf(o); ok {
		switch {
		case isException(o):
			return lastName(g) + "(...)"
		case isNamespace(g):
			return "namespace(...)"
		case len(args) > 0 && g.Name == "defaultdict":
			return "defaultdict(...)"
		}
	}
	return "..."
}

func (r *repr) mapping(m mapping) error {
	if err := r.put(m.Kind, "("); err != nil {
		return err
	}
	if m.Kind == "defaultdict" {
		if err := r.value(m.Factory); err != nil {
			return err
		}
		if err := r.put(", "); err != nil {
			return err
		}
	} else if m.Dict.Len() == 0 {
		return r.put(")")
	}
	if m.Kind == "Counter" {
		sorted, err := r.mostCommon(m.Dict)
		if err != nil {
			return err
		}
		m.Dict = sorted
	}
	if m.Kind == "OrderedDict" && (r.style.Python2 || r.style.Python3) {
		if err := r.list("[", pairsOf(m.Dict), "]"); err != nil {
			return err
		}
	} else if err := r.dict(m.Dict); err != nil {
		return err
	}
	return r.put(")")
}

func pairsOf(d *pickle.Dict) []any {
	pairs := make([]any, 0, d.Len())
	for k, v := range d.All() {
		pairs = append(pairs, pickle.Tuple{k, v})
	}
	return pairs
}

// mostCommon sorts by count, or leaves the order where counts have none.
func (r *repr) mostCommon(d *pickle.Dict) (*pickle.Dict, error) {
	var keys, counts []any
	for k, v := range d.All() {
		keys, counts = append(keys, k), append(counts, v)
	}
	order, err := r.budget.SortedPermutation(counts, true)
	if noOrder := (*Error)(nil); errors.As(err, &noOrder) {
		return d, nil
	} else if err != nil {
		return nil, err
	}
	sorted := new(pickle.Dict)
	for _, i := range order {
		_ = sorted.Set(keys[i], counts[i]) // the key was in a dict already
	}
	return sorted, nil
}

func (r *repr) sequence(s sequence) error {
	if s.Typecode != "" {
		return r.array(s)
	}
	if s.Maxlen == nil {
		return r.list("deque([", s.Items, "])")
	}
	if err := r.list("deque([", s.Items, "], maxlen="); err != nil {
		return err
	}
	if err := r.value(s.Maxlen); err != nil {
		return err
	}
	return r.put(")")
}

// exact shows a Decimal or a Fraction.
func (r *repr) exact(g pickle.Global, args pickle.Tuple, n any) error {
	if g.Name == "Decimal" {
		text, _ := pickle.Text(args[0])
		return r.put("Decimal('", text, "')")
	}
	num, den, err := fractionText(n)
	if err != nil {
		return err
	}
	return r.put("Fraction(", num, ", ", den, ")")
}

func isNamespace(g pickle.Global) bool {
	return g == pickle.Global{Module: "types", Name: "SimpleNamespace"}
}

func (r *repr) namespace(o *pickle.Object) error {
	if err := r.put("namespace("); err != nil {
		return err
	}
	between := ""
	attrs, _ := o.State.(*pickle.Dict)
	for k, v := range attrs.All() {
		name, _ := pickle.Text(k)
		if err := r.put(between, name, "="); err != nil {
			return err
		}
		if err := r.value(v); err != nil {
			return err
		}
		between = ", "
	}
	return r.put(")")
}

// isException guesses from how its class is named and made.
func isException(o *pickle.Object) bool {
	g, _, ok := classOf(o)
	if !ok || o.Kind != pickle.Reduce || len(o.Items) > 0 || len(o.Pairs) > 0 {
		return false
	}
	return isExceptionName(g)
}

func isExceptionName(g pickle.Global) bool {
	name := lastName(g)
	for _, end := range []string{"Error", "Exception", "Warning"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	others := []string{
		"StopIteration", "StopAsyncIteration", "KeyboardInterrupt", "SystemExit", "GeneratorExit",
	}
	return g.Module == "builtins" && slices.Contains(others, name) ||
		g.Module == "queue" && (name == "Empty" || name == "Full" || name == "ShutDown")
}

func (r *repr) exception(name string, args pickle.Tuple) error {
	end := ")"
	if len(args) == 1 && r.style.Python2 {
		end = ",)"
	}
	if isOSError(name) && len(args) > 2 && len(args) <= osErrorArgs(r.style) {
		args = args[:2]
	}
	return r.list(name+"(", args, end)
}

// osErrorArgs is with how many arguments an OSError holds a number, a text and names of files.
func osErrorArgs(style ReprStyle) int {
	if style.Python2 {
		return 3
	}
	return 5
}

func isOSError(name string) bool {
	names := []string{
		"OSError", "IOError", "EnvironmentError", "BlockingIOError", "ChildProcessError",
		"ConnectionError", "BrokenPipeError", "ConnectionAbortedError", "ConnectionRefusedError",
		"ConnectionResetError", "FileExistsError", "FileNotFoundError", "InterruptedError",
		"IsADirectoryError", "NotADirectoryError", "PermissionError", "ProcessLookupError",
		"TimeoutError",
	}
	return slices.Contains(names, name)
}

// exceptionText is BaseException.__str__, and those of KeyError and OSError.
func (w *Budget) exceptionText(name string, args pickle.Tuple, style ReprStyle) (string, error) {
	switch {
	case len(args) == 0:
		return "", nil
	case len(args) == 1 && name == "KeyError":
		return w.Repr(args[0], style)
	case len(args) == 1:
		return w.Str(args[0], style)
	case isOSError(name) && len(args) <= osErrorArgs(style):
		return w.osErrorText(args, style)
	}
	return w.Repr(args, style)
}

func (w *Budget) osErrorText(args pickle.Tuple, style ReprStyle) (string, error) {
	number, err := w.Str(args[0], style)
	if err != nil {
		return "", err
	}
	text, err := w.Str(args[1], style)
	if err != nil {
		return "", err
	}
	text = "[Errno " + number + "] " + text
	if len(args) > 2 && args[2] != nil {
		name, err := w.Repr(args[2], style)
		if err != nil {
			return "", err
		}
		text += ": " + name
	}
	if len(args) > 4 && args[4] != nil {
		name, err := w.Repr(args[4], style)
		if err != nil {
			return "", err
		}
		text += " -> " + name
	}
	return text, nil
}

// strObject is str() where it is not repr().
func (w *Budget) strObject(o *pickle.Object, style ReprStyle) (text string, done bool, err error) {
	g, args, ok := classOf(o)
	if !ok {
		return "", false, nil
	}
	if n, ok := numberObject(o); ok {
		if g.Name == "Decimal" {
			text, _ = pickle.Text(args[0])
			return text, true, nil
		}
		num, den, err := fractionText(n)
		if den != "1" {
			num += "/" + den
		}
		return num, true, err
	}
	if m, ok := momentOf(o); ok {
		return m.text(), true, nil
	}
	if m, ok := zonedOf(o); ok && m.aware {
		return m.text(), true, nil
	}
	if key, ok := zoneKey(o); ok {
		return key, true, nil
	}
	if id, ok := pickle.UUIDOf(o); ok {
		return uuidText(id), true, nil
	}
	if p, ok := pickle.PathOf(o); ok && !p.Windows {
		return p.Text, true, nil
	}
	if isException(o) {
		text, err = w.exceptionText(lastName(g), args, style)
		return text, true, err
	}
	return "", false, nil
}

func uuidText(id [16]byte) string {
	s := hex.EncodeToString(id[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func fractionText(n any) (num, den string, err error) {
	r, _ := n.(*big.Rat)
	if num, err = intText(r.Num()); err != nil {
		return "", "", err
	}
	den, err = intText(r.Denom())
	return num, den, err
}
