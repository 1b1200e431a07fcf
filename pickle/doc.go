// Package pickle reads and writes Python's pickles, protocols 0 to 5, without Python. It imports only
// the standard library, and does no I/O but that of time.LoadLocation, for the time zones of datetimes.
//
//	var task struct {
//		Name string `pickle:"name"`
//		Args []int  `pickle:"args"`
//	}
//	err := pickle.Unmarshal(data, &task)
//	data, err = pickle.Marshal(task)
//
// [Unmarshal] and [Marshal] convert to and from Go types. Unmarshal into an any gives the lossless
// graph: the values of the table below, from which Marshal makes a pickle that Python loads as an
// equal value, with everything that was shared still shared and everything that contains itself
// still doing so. A [Raw] is a value that was never opened.
//
// # Python and Go
//
//	Python                  the lossless graph       Unmarshal also into
//	None                    nil                      pointer, slice, map, interface: nil
//	bool                    bool                     any integer type, *big.Int
//	int                     int64, *big.Int          any integer or float type it fits, complex, *big.Float
//	float                   float64                  float32, complex, *big.Float
//	complex                 complex128               complex64
//	str                     string                   named string types
//	bytes                   []byte                   [n]byte
//	str of Python 2         ByteString               string, []byte
//	bytearray               *ByteArray               []byte, [n]byte
//	tuple                   Tuple                    slice, array, struct (field by field)
//	list                    *List                    slice, array
//	dict                    *Dict                    map, struct
//	set, frozenset          *Set, *FrozenSet         slice
//	slice, range            Slice, Range
//	Ellipsis                Ellipsis{}
//	NotImplemented          NotImplemented{}
//	class, function         Global
//	anything else           *Object                  struct or map (its attributes), and:
//	  datetime, date        *Object                  time.Time, see below
//	  timedelta, time       *Object                  time.Duration (time: since midnight)
//	  Decimal, Fraction     *Object                  *big.Rat, *big.Float, float64, string
//	  UUID                  *Object                  [16]byte, string
//	  pathlib's paths       *Object                  string
//	  enum's members        *Object                  what their value fits
//	  subclasses of int...  *Object                  what the int fits
//	  deque                 *Object                  slice, array
//	  namedtuple            *Object                  slice, array, struct (field by field)
//	  OrderedDict, Counter  *Object                  map, struct
//	  numpy scalar          *Object                  what the number, text or bytes fit
//	  numpy array           *Object                  slices and arrays, nested as its dimensions are
//	  datetime64            *Object                  time.Time, as a datetime without time zone
//	  timedelta64           *Object                  time.Duration
//	  pandas.Timestamp      *Object                  time.Time
//	  pandas.Timedelta      *Object                  time.Duration
//
// What does not fit is a [*TypeError] that says where, and wraps [ErrRange], [ErrInexact] or [ErrNaive]
// where that is the reason: a number beyond the type, a negative one into an unsigned type, an integer
// that a float would change, a time in a unit below nanoseconds. A float is never truncated to an integer.
//
// A pickle has no names for the fields of a tuple or a namedtuple: they fill a struct in the order of its
// fields (those with the tag "-" do not count), of which there must be as many. Dicts and objects fill it by
// names. Members of enums are pickled as their class and value, signal.SIGINT and its like below Python 3.11
// as a name alone: those are known whose value is the same on all systems. An array of the same type as the
// slice's elements is copied in one piece. Structured arrays and those of longdouble are refused.
//
// A datetime with a time zone becomes that moment: the zones of zoneinfo, pytz and dateutil by their keys in
// the database that [time.LoadLocation] finds, with fold; fixed offsets as they are. A program that may
// run where there is no database imports time/tzdata. A datetime without time zone, a date and a datetime64
// name no moment: they are refused unless [DecodeOptions].Naive says whose clock they show.
//
// A str holds single surrogates, which UTF-8 cannot, as the three bytes that Python's
// "surrogatepass" writes. Names are spelled as Python 3 spells them, whatever the protocol of the
// pickle.
//
// Marshal takes the middle column as it is, and of Go's types:
//
//	Go                                    Python
//	integers, *big.Int                    int
//	floats, complex                       float, complex
//	string                                str; bytes that are no UTF-8 are an error
//	[]byte, [n]byte                       bytes
//	other slices and arrays               list
//	map                                   dict, sorted by key where Go's keys have an order
//	struct                                dict of its fields by name, see below
//	pointer, interface                    what it holds, or None
//	time.Time                             datetime.datetime with a fixed offset; see NaiveDatetime
//	time.Duration                         datetime.timedelta
//	*big.Rat                              fractions.Fraction
//	Raw                                   the value that it is
//	Marshaler                             what MarshalPickle returns
//
// Fields of a struct have their Go name, or that of the tag `pickle:"name,omitempty"`; the tag "-"
// leaves one out. Embedded structs are flattened as in encoding/json.
//
// # Protocols
//
// All that CPython's picklers of Python 2.7 and 3 write is read, in any protocol. Written is
// protocol 4 unless [EncodeOptions] say otherwise. Lower protocols spell names as Python 2 does and
// use older forms of bytes, sets and objects; what a protocol has no form for is an
// [*UnsupportedError]. A reader whose native string is a byte string, a Python 2, is written for
// with NativeBytes. Frames are not written; no reader needs them.
//
// # What is refused
//
// What any of CPython's unpicklers takes, of Python 2.7 and 3.6 to 3.15, is taken, opcode by opcode, also what no
// pickler writes: a PUT of number 10**12, which takes no memory, SETITEMS without a pair, BUILD of None. What all of
// them refuse is refused. Where they understand it differently, it is as in the newest: an INT of 010 is ten.
//
// Refused, but taken by Python, are:
//
//   - Calls whose result is thrown away (REDUCE, POP), which a graph of values could not hold. The
//     one such call that picklers make, the setter of a six-element __reduce__, is kept as
//     Object.Setter.
//   - A second state for one object, and elements or items after the state: no pickler writes them,
//     and they would lose their order. So would what SETITEM does to a list, and ADDITEMS to an object.
//     APPEND and SETITEM on a bytearray, and the attributes that BUILD would give to a class or a function.
//   - READONLY_BUFFER of a bytearray, which is a memoryview. Out-of-band buffers, NEXT_BUFFER, travel beside a
//     pickle, and nothing in multiprocessing carries them.
//   - A frame in a frame, and an opcode that goes on behind the end of its frame: pickle.py refuses them, and so does
//     its sibling in C from Python 3.14 on.
//   - What Python 2 alone makes of nonsense: values from below a mark, DICT of an odd number, memo numbers that are
//     none, names that are not UTF-8. Numbers that end in a zero byte.
//
// Taken, but refused by Python, is what cannot be known without running anything: what a class takes as arguments and
// state, unless it is one of Python's own that is known not to; whether what a call returns is a class, or a name
// exists. Persistent ids and codes of copyreg's extension registry become an Object, whoever knows them. Unhashable
// dict keys and set elements are refused, as in Python.
//
// # Hostile input
//
// A pickle is a program, and CPython runs it. This package does not: a GLOBAL is a name and an
// Object a record of what Python would have called. Nothing is imported, looked up or called.
//
// A peer can send anything without making this package panic, run out of memory or hang. Each
// length is compared with the bytes that are there before memory is taken. A pickle takes memory in
// proportion to its size, some hundred times it at worst, and time likewise; [DecodeOptions] bound
// what cannot be bounded by size, such as open marks, and exceeding one is a [*LimitError]. No
// function recurses on depth that a pickle chooses without counting it: a list nested 100,000 deep
// decodes, prints truncated and compares, and Marshal and Assign refuse it.
//
// [Examine] and [Disassemble] show a pickle to who wants to know what it would do, also where Unmarshal refuses it.
//
// What a value means is another matter: who decodes into a Go type takes what fits the type.
//
// # Concurrency
//
// Functions may be called from any goroutine. A decoded value may be read by several goroutines as
// long as none changes it; options must not be changed while in use.
package pickle
