package values

import (
	"strconv"
	"strings"
	"sync"

	"mpbridge/pickle"
)

// This file shows members of enums: those of the standard library by their names.

// enumClass is one class of enumClasses.
type enumClass struct {
	module, class string
	looks         byte
	members       []enumMember
}

// enumMember has its value as text.
type enumMember struct{ name, value string }

type enumNames struct {
	classes map[pickle.Global]*enumClass
	named   map[pickle.Global]*enumClass // by module and name of a member, and by that behind the class's
}

// knownNames reads enumClasses.
var knownNames = sync.OnceValue(func() enumNames {
	all := enumNames{make(map[pickle.Global]*enumClass), make(map[pickle.Global]*enumClass)}
	for _, row := range tableRows(enumClasses) {
		c := &enumClass{module: row.module, class: row.name, looks: row.label[0]}
		for _, field := range row.fields {
			name, value, _ := strings.Cut(field, "=")
			c.members = append(c.members, enumMember{name, value})
			all.named[pickle.Global{Module: c.module, Name: name}] = c
			all.named[pickle.Global{Module: c.module, Name: c.class + "." + name}] = c
		}
		all.classes[pickle.Global{Module: c.module, Name: c.class}] = c
	}
	return all
})

// tableRow is "module.Name label: field field".
type tableRow struct {
	module, name, label string
	fields              []string
}

// tableRows reads a table in which lines that begin with a tab go on with the row before.
func tableRows(table string) []tableRow {
	var rows []tableRow
	for _, line := range strings.Split(strings.ReplaceAll(table, "\n\t", " "), "\n") {
		head, fields, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		class, label, _ := strings.Cut(head, " ")
		i := strings.LastIndexByte(class, '.')
		rows = append(rows, tableRow{class[:i], class[i+1:], label, strings.Fields(fields)})
	}
	return rows
}

// memberText shows an object that may be a member of an enum that is known.
func memberText(o *pickle.Object, style ReprStyle) (string, bool) {
	g, args, ok := classOf(o)
	if !ok || o.Kind != pickle.Reduce || len(args) != 1 || o.HasState || len(o.Items)+len(o.Pairs) > 0 {
		return "", false
	}
	c := knownNames().classes[g].in(style)
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
	for _, m := range c.members {
		if m.value == value {
			return c.text(m, isText), true
		}
	}
	n, isInt := args[0].(int64)
	if !isInt || n < 0 || c.looks != 'F' && c.looks != 'R' {
		return "", false
	}
	return c.combined(n), true
}

// in returns the class as it looks in a style: up to 3.7 the flags of re were like others.
func (c *enumClass) in(style ReprStyle) *enumClass {
	if c == nil || c.looks != 'R' || !style.Python3 {
		return c
	}
	old := *c
	old.looks = 'F'
	return &old
}

// text shows one member.
func (c *enumClass) text(m enumMember, quoted bool) string {
	switch {
	case c.looks == 'M':
		return "<" + c.class + "." + m.name + ">"
	case c.looks == 'G' || c.looks == 'R':
		return c.module + "." + m.name
	case quoted:
		return "<" + c.class + "." + m.name + ": '" + m.value + "'>"
	}
	return "<" + c.class + "." + m.name + ": " + m.value + ">"
}

// combined shows flags that no member stands for alone, as Python 3.11 does: Flag.__repr__ of Lib/enum.py.
func (c *enumClass) combined(n int64) string {
	var names []string
	left := n
	for _, m := range c.members { // in the order of their definition
		v, err := strconv.ParseInt(m.value, 10, 64)
		if err == nil && v&(v-1) == 0 && n&v != 0 {
			names, left = append(names, m.name), left&^v
		}
	}
	if c.looks == 'R' {
		for i := range names {
			names[i] = c.module + "." + names[i]
		}
		if left != 0 {
			names = append(names, "0x"+strconv.FormatInt(left, 16))
		}
		return strings.Join(names, "|")
	}
	if left != 0 && len(names) > 0 {
		names = append(names, strconv.FormatInt(left, 10))
	}
	text := "<" + c.class
	if len(names) > 0 {
		text += "." + strings.Join(names, "|")
	}
	return text + ": " + strconv.FormatInt(n, 10) + ">"
}

// namedMemberText shows a member that is pickled by its name, in the module or in the class.
func namedMemberText(g pickle.Global, style ReprStyle) (string, bool) {
	c := knownNames().named[g].in(style)
	if c == nil {
		return "", false
	}
	name := lastName(g)
	for _, m := range c.members {
		if m.name == name {
			_, err := strconv.ParseInt(m.value, 10, 64)
			return c.text(m, err != nil && m.value != "None"), true
		}
	}
	return "", false
}
