package values

import (
	"strconv"
	"strings"

	"mpbridge/pickle"
)

// This file shows members of enums: those of the standard library by their names.

// enumClass is an enum and how it shows its members.
type enumClass struct{ *pickle.EnumClass }

// memberText shows an object that may be a member of an enum that is known.
func memberText(o *pickle.Object, style ReprStyle) (string, bool) {
	g, args, ok := classOf(o)
	if !ok || o.Kind != pickle.Reduce || len(args) != 1 || o.HasState || len(o.Items)+len(o.Pairs) > 0 {
		return "", false
	}
	c := enumIn(pickle.EnumOf(g), style)
	if c == nil {
		return "", false
	}
	value, isText := pickle.Text(args[0])
	switch v := args[0].(type) {
	case nil:
		value = "None"
	case int64:
		value = strconv.FormatInt(v, 10)
	default:
		if !isText {
			return "", false
		}
	}
	for _, m := range c.Members {
		if m.Value == value {
			return c.text(m, isText), true
		}
	}
	n, isInt := args[0].(int64)
	if !isInt || n < 0 || c.Looks != 'F' && c.Looks != 'R' {
		return "", false
	}
	return c.combined(n), true
}

// enumIn returns the class as it looks in a style: up to 3.7 the flags of re were like others.
func enumIn(c *pickle.EnumClass, style ReprStyle) *enumClass {
	if c == nil || c.Looks != 'R' || !style.Python3 {
		return wrapEnum(c)
	}
	old := *c
	old.Looks = 'F'
	return wrapEnum(&old)
}

func wrapEnum(c *pickle.EnumClass) *enumClass {
	if c == nil {
		return nil
	}
	return &enumClass{c}
}

// text shows one member.
func (c *enumClass) text(m pickle.EnumMember, quoted bool) string {
	switch {
	case c.Looks == 'M':
		return "<" + c.Name + "." + m.Name + ">"
	case c.Looks == 'G' || c.Looks == 'R':
		return c.Module + "." + m.Name
	case quoted:
		return "<" + c.Name + "." + m.Name + ": '" + m.Value + "'>"
	}
	return "<" + c.Name + "." + m.Name + ": " + m.Value + ">"
}

// combined shows flags that no member stands for alone, as Python 3.11 does: Flag.__repr__ of Lib/enum.py.
func (c *enumClass) combined(n int64) string {
	var names []string
	left := n
	for _, m := range c.Members { // in the order of their definition
		v, err := strconv.ParseInt(m.Value, 10, 64)
		if err == nil && v&(v-1) == 0 && left&v != 0 {
			names, left = append(names, m.Name), left&^v
		}
	}
	if c.Looks == 'R' {
		for i := range names {
			names[i] = c.Module + "." + names[i]
		}
		if left != 0 {
			names = append(names, "0x"+strconv.FormatInt(left, 16))
		}
		return strings.Join(names, "|")
	}
	if left != 0 && len(names) > 0 {
		names = append(names, strconv.FormatInt(left, 10))
	}
	text := "<" + c.Name
	if len(names) > 0 {
		text += "." + strings.Join(names, "|")
	}
	return text + ": " + strconv.FormatInt(n, 10) + ">"
}

// namedMemberText shows a member that is pickled by its name, in the module or in the class.
func namedMemberText(g pickle.Global, style ReprStyle) (string, bool) {
	c := enumIn(pickle.EnumOfMember(g), style)
	if c == nil {
		return "", false
	}
	name := lastName(g)
	for _, m := range c.Members {
		if m.Name == name {
			m = c.first(m)
			_, err := strconv.ParseInt(m.Value, 10, 64)
			return c.text(m, err != nil && m.Value != "None"), true
		}
	}
	return "", false
}

// first is the member that has the value of m and stands first: other names of it show as that.
func (c *enumClass) first(m pickle.EnumMember) pickle.EnumMember {
	for _, other := range c.Members {
		if other.Value == m.Value {
			return other
		}
	}
	return m
}
