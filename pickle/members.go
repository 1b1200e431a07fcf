package pickle

import (
	"strconv"
	"strings"
	"sync"
)

// EnumClass is an enum of the standard library.
type EnumClass struct {
	Module, Name string
	// Looks says how its members are shown: see enumClasses.
	Looks byte
	// Pure is set where the members are neither numbers nor text, and are equal to themselves only.
	Pure    bool
	Members []EnumMember // in the order of their definition; other names of a value follow behind them all
}

// EnumMember is a member of an EnumClass, its value as text.
type EnumMember struct{ Name, Value string }

// value is the member's value as Python has it.
func (m EnumMember) value() any {
	if n, err := strconv.ParseInt(m.Value, 10, 64); err == nil {
		return n
	}
	return m.Value
}

// member returns the member that has a name.
func (c *EnumClass) member(name string) (EnumMember, bool) {
	for _, m := range c.Members {
		if m.Name == name {
			return m, true
		}
	}
	return EnumMember{}, false
}

// EnumOf returns the enum of the standard library that has a name; nil for anything else.
func EnumOf(class Global) *EnumClass { return enums().classes[class] }

// EnumOfMember returns the enum of the member that is named in its module, as Python up to 3.10 pickles some, or in its
// class, as Python 3.11 does; nil for anything else.
func EnumOfMember(name Global) *EnumClass { return enums().named[name] }

type enumTable struct {
	classes map[Global]*EnumClass
	named   map[Global]*EnumClass // by module and name of a member, and by that behind the class's
}

// enums reads enumClasses.
var enums = sync.OnceValue(func() enumTable {
	all := enumTable{make(map[Global]*EnumClass), make(map[Global]*EnumClass)}
	for _, row := range TableRows(enumClasses) {
		c := &EnumClass{Module: row.Module, Name: row.Name, Looks: row.Label[0], Pure: strings.HasSuffix(row.Label, "!")}
		for _, field := range row.Fields {
			name, value, _ := strings.Cut(field, "=")
			c.Members = append(c.Members, EnumMember{name, value})
			all.named[Global{c.Module, name}] = c
			all.named[Global{c.Module, c.Name + "." + name}] = c
		}
		all.classes[Global{c.Module, c.Name}] = c
	}
	return all
})

// TableRow is "module.Name label: field field".
type TableRow struct {
	Module, Name, Label string
	Fields              []string
}

// TableRows reads a table in which lines that begin with a tab go on with the row before.
func TableRows(table string) []TableRow {
	var rows []TableRow
	for line := range strings.SplitSeq(strings.ReplaceAll(table, "\n\t", " "), "\n") {
		head, fields, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		class, label, _ := strings.Cut(head, " ")
		i := strings.LastIndexByte(class, '.')
		rows = append(rows, TableRow{class[:i], class[i+1:], label, strings.Fields(fields)})
	}
	return rows
}

// attributeMember returns the value of a member that is pickled as an attribute of its class, as early releases of
// Python 3.11 and pickle_by_enum_name do: getattr(HTTPStatus, 'OK'), which is the name http.HTTPStatus.OK here.
func attributeMember(g Global) (any, bool) {
	class, name, ok := strings.Cut(g.Name, ".")
	if !ok {
		return nil, false
	}
	c := EnumOf(Global{g.Module, class})
	if c == nil || c.Pure || systemEnums[g.Module] && !strings.Contains(portableMembers, " "+name+" ") {
		return nil, false
	}
	m, ok := c.member(name)
	return m.value(), ok
}

// NamedMember returns the value of a member of an enum that is pickled by its name in a module, as those of signal,
// socket and ssl are by Python 3.6 to 3.10, where all systems have the same value for it.
func NamedMember(g Global) (int64, bool) {
	if !systemEnums[g.Module] || !strings.Contains(portableMembers, " "+g.Name+" ") {
		return 0, false
	}
	c := EnumOfMember(g)
	if c == nil {
		return 0, false
	}
	m, _ := c.member(g.Name)
	n, ok := m.value().(int64)
	return n, ok
}

// systemEnums are modules whose members have the values of the system, or of a library that it has.
var systemEnums = map[string]bool{"signal": true, "socket": true, "ssl": true}

// portableMembers are those members of systemEnums that have the same value everywhere.
//
// Sources: signal(7), socket(2); Lib/signal.py and Lib/socket.py, which call IntEnum._convert.
const portableMembers = " SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGFPE SIGKILL SIGSEGV SIGPIPE SIGALRM SIGTERM" +
	" SIG_DFL SIG_IGN AF_UNSPEC AF_UNIX AF_INET CERT_NONE CERT_OPTIONAL CERT_REQUIRED SOCK_STREAM SOCK_DGRAM SOCK_RAW" +
	" MINIMUM_SUPPORTED MAXIMUM_SUPPORTED SSLv3 TLSv1 TLSv1_1 TLSv1_2 TLSv1_3 "
