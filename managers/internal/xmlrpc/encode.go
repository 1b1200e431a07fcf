package xmlrpc

import (
	"encoding/base64"
	"math"
	"math/big"
	"strconv"

	"mpbridge/pickle"
)

// Marshal returns the message that holds v, a value of package pickle's graph. The error is an *Error
// for what XML-RPC cannot hold and a *LimitError for what nests too deep or gets too long.
func Marshal(v any) ([]byte, error) { return Append(nil, v, MaxSize) }

// Append appends the message that holds v to dst. It fails with a *LimitError when the message gets
// longer than limit by more than one of the strings in v.
func Append(dst []byte, v any, limit int) ([]byte, error) {
	return AppendWithin(dst, v, limit, nil)
}

// AppendWithin is Append that tells m, which may be nil, how many bytes it writes; m may end it.
func AppendWithin(dst []byte, v any, limit int, m pickle.Meter) ([]byte, error) {
	e := encoder{out: dst, end: len(dst) + limit, limit: limit, meter: m, told: len(dst)}
	e.write("<params>\n<param>\n")
	if err := e.value(v); err != nil {
		return dst, err
	}
	e.write("</param>\n</params>\n")
	return e.out, e.tell(0)
}

// encoder writes one message: Marshaller in Lib/xmlrpc/client.py.
type encoder struct {
	out        []byte
	end, limit int
	depth      int
	meter      pickle.Meter
	told       int              // how much of out the meter knows
	open       map[any]struct{} // the lists and dicts that are being written
}

func (e *encoder) write(s string) { e.out = append(e.out, s...) }

// tellEvery is how many bytes are written before the meter is told.
const tellEvery = 16 << 10

// tell tells the meter what was written since the last time, if that is more than least.
func (e *encoder) tell(least int) error {
	n := len(e.out) - e.told
	if e.meter == nil || n <= least {
		return nil
	}
	e.told = len(e.out)
	return e.meter.Spend(0, n)
}

// value writes one value. Its recursion is counted in enter.
func (e *encoder) value(v any) error {
	if len(e.out) > e.end {
		return &LimitError{"bytes in a message", e.limit}
	}
	if err := e.tell(tellEvery); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		e.write("<value><nil/></value>")
	case bool:
		e.boolean(v)
	case int64:
		return e.int(v)
	case *big.Int:
		if !v.IsInt64() {
			return ErrIntLimits
		}
		return e.int(v.Int64())
	case float64:
		e.write("<value><double>")
		e.out = appendFloat(e.out, v)
		e.write("</double></value>\n")
	case string:
		return e.text("<value><string>", v, "</string></value>\n")
	case pickle.ByteString:
		return e.text("<value><string>", string(v), "</string></value>\n")
	case []byte:
		e.base64(v)
	case *pickle.ByteArray:
		e.base64(v.Bytes)
	default:
		return e.container(v)
	}
	return nil
}

func (e *encoder) container(v any) error {
	switch v := v.(type) {
	case pickle.Tuple:
		return e.array(v)
	case *pickle.List:
		return e.within(v, ErrRecursiveList, func() error { return e.array(v.Items) })
	case *pickle.Dict:
		return e.within(v, ErrRecursiveDict, func() error { return e.structure(v) })
	case *pickle.Object:
		return e.object(v)
	case pickle.Raw:
		x, err := v.Any()
		if err != nil {
			return err
		}
		return e.value(x)
	}
	return errUnsupported(v)
}

// within writes a mutable container, unless it is being written already.
func (e *encoder) within(v any, recursive *Error, write func() error) error {
	if _, inside := e.open[v]; inside {
		return recursive
	}
	if e.open == nil {
		e.open = make(map[any]struct{})
	}
	e.open[v] = struct{}{}
	defer delete(e.open, v)
	return write()
}

func (e *encoder) enter() error {
	if e.depth == MaxDepth {
		return &LimitError{"levels of arrays and structs", MaxDepth}
	}
	e.depth++
	return nil
}

func (e *encoder) boolean(v bool) {
	digit := "0"
	if v {
		digit = "1"
	}
	e.write("<value><boolean>" + digit + "</boolean></value>\n")
}

func (e *encoder) int(v int64) error {
	if v > math.MaxInt32 || v < math.MinInt32 {
		return ErrIntLimits
	}
	e.write("<value><int>")
	e.out = strconv.AppendInt(e.out, v, 10)
	e.write("</int></value>\n")
	return nil
}

func (e *encoder) text(before, s, after string) error {
	if err := checkText(s); err != nil {
		return err
	}
	e.write(before)
	e.out = appendEscaped(e.out, s)
	e.write(after)
	return nil
}

// base64Line is how many bytes base64.encodebytes puts on a line.
const base64Line = 57

func (e *encoder) base64(b []byte) {
	e.write("<value><base64>\n")
	for len(b) > 0 {
		n := min(len(b), base64Line)
		e.out = base64.StdEncoding.AppendEncode(e.out, b[:n])
		e.out = append(e.out, '\n')
		b = b[n:]
	}
	e.write("</base64></value>\n")
}

func (e *encoder) array(items []any) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.write("<value><array><data>\n")
	for _, v := range items {
		if err := e.value(v); err != nil {
			return err
		}
	}
	e.write("</data></array></value>\n")
	e.depth--
	return nil
}

func (e *encoder) structure(d *pickle.Dict) error {
	if err := e.enter(); err != nil {
		return err
	}
	e.write("<value><struct>\n")
	for k, v := range d.All() {
		if r, isRaw := k.(pickle.Raw); isRaw {
			var err error
			if k, err = r.Any(); err != nil {
				return err
			}
		}
		name, ok := pickle.Text(k)
		if !ok {
			return ErrKey
		}
		if err := e.text("<member>\n<name>", name, "</name>\n"); err != nil {
			return err
		}
		if err := e.value(v); err != nil {
			return err
		}
		e.write("</member>\n")
	}
	e.write("</struct></value>\n")
	e.depth--
	return nil
}
