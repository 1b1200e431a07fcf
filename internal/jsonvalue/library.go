package jsonvalue

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"mpbridge/pickle"
)

// This file has the classes of Python's library that are a text: Decimal, Fraction, UUID, paths.

var textClasses = map[string]func(*builder, *members) (any, error){
	"decimal.Decimal": (*builder).decimalValue, "fractions.Fraction": (*builder).fractionValue,
	"uuid.UUID": (*builder).uuidValue,
}

// pathNames are the classes of pathlib.
var pathNames = []string{"Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "WindowsPath"}

func init() {
	for _, name := range pathNames {
		textClasses["pathlib."+name] = (*builder).pathValue
	}
}

// textForm writes an object of these classes, nil for any other.
func (w *Writer) textForm(o *pickle.Object) any {
	class, text, ok := textOf(o)
	if !ok {
		return nil
	}
	if w.Plain {
		return text
	}
	return classed(class, Member{"value", label(text)})
}

func textOf(o *pickle.Object) (class, text string, ok bool) {
	if text, ok = uuidText(o); ok && o.IsA("uuid", "UUID") {
		return "uuid.UUID", text, ok
	}
	g, args, ok := simple(o)
	if !ok {
		return "", "", false
	}
	switch {
	case g.String() == "uuid.UUID" && len(args) == 1: // as put writes it
		text, ok = pickle.Text(args[0])
		return g.String(), strings.ToLower(text), ok && uuidPattern.MatchString(text)
	case g.String() == "decimal.Decimal" && len(args) == 1:
		text, ok = pickle.Text(args[0])
		return g.String(), text, ok && decimalPattern.MatchString(text)
	case g.String() == "fractions.Fraction":
		text, ok = fractionText(args)
		return g.String(), text, ok
	case slices.Contains(pathNames, g.Name) && (g.Module == "pathlib" || g.Module == "pathlib._local"):
		text, ok = pathText(args, strings.Contains(g.Name, "Windows"))
		return "pathlib." + g.Name, text, ok
	}
	return "", "", false
}

var (
	decimalPattern  = regexp.MustCompile(`(?i)^[+-]?((\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,18})?|inf(inity)?|s?nan\d*)$`)
	fractionPattern = regexp.MustCompile(`^[+-]?\d+(/0*[1-9]\d*)?$`)
	uuidPattern     = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// fractionText reads the arguments of Fraction: a text up to Python 3.11, then numerator and denominator.
func fractionText(args pickle.Tuple) (string, bool) {
	switch len(args) {
	case 1:
		text, ok := pickle.Text(args[0])
		return text, ok && len(text) <= 2*maxDigits && fractionPattern.MatchString(text)
	case 2:
		text := fmt.Sprintf("%v/%v", small(args[0]), small(args[1]))
		return strings.TrimSuffix(text, "/1"), fractionPattern.MatchString(text)
	}
	return "", false
}

// small returns an int whose decimal digits are cheap, nil for anything else.
func small(v any) any {
	switch n := v.(type) {
	case int64:
		return n
	case *big.Int:
		if f, ok := bigForm(n).(literal); ok {
			return f
		}
	}
	return nil
}

// uuidText reads a UUID as its __getstate__ gives it, of any version.
func uuidText(o *pickle.Object) (string, bool) {
	attrs := o.Attrs()
	if attrs == nil || attrs.Len() != 1 {
		return "", false
	}
	n, ok := attrs.Get("int")
	if !ok {
		n, _ = attrs.Get(pickle.ByteString("int"))
	}
	var whole *big.Int
	switch n := n.(type) {
	case int64:
		whole = big.NewInt(n)
	case *big.Int:
		whole = n
	}
	if whole == nil || whole.Sign() < 0 || whole.BitLen() > 128 {
		return "", false
	}
	h := hex.EncodeToString(whole.FillBytes(make([]byte, 16)))
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-"), true
}

// pathText joins the parts of a path.
func pathText(args pickle.Tuple, windows bool) (string, bool) {
	sep, text := "/", ""
	if windows {
		sep = `\`
	}
	for i, a := range args {
		part, ok := pickle.Text(a)
		if !ok {
			return "", false
		}
		if i > 0 && !strings.HasSuffix(text, sep) && !(windows && i == 1 && strings.HasSuffix(text, ":")) {
			text += sep
		}
		text += part
	}
	if text == "" {
		text = "."
	}
	return text, true
}

func (b *builder) matching(m *members, pattern *regexp.Regexp, module, name, want string) (any, error) {
	text, err := m.text("value")
	if err != nil {
		return nil, err
	}
	if !pattern.MatchString(text) {
		return nil, m.wrong("value", want)
	}
	return called(module, name, text), nil
}

func (b *builder) decimalValue(m *members) (any, error) {
	return b.matching(m, decimalPattern, "decimal", "Decimal", "a decimal number as a text")
}

func (b *builder) fractionValue(m *members) (any, error) {
	return b.matching(m, fractionPattern, "fractions", "Fraction", "a fraction as 1/3")
}

func (b *builder) uuidValue(m *members) (any, error) {
	return b.matching(m, uuidPattern, "uuid", "UUID", "a UUID as 12345678-1234-5678-1234-567812345678")
}

func (b *builder) pathValue(m *members) (any, error) {
	text, err := m.text("value")
	if err != nil {
		return nil, err
	}
	return called("pathlib", strings.TrimPrefix(m.class, "pathlib."), text), nil
}
