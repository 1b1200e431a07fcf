package xmlrpc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"mpbridge/pickle"
)

// Unmarshal returns the one value that a message holds. The error is an *Error, a *LimitError for what
// nests too deep, or a *Fault. Nothing of the result aliases data.
func Unmarshal(data []byte) (any, error) {
	in := xml.NewDecoder(bytes.NewReader(data))
	var d decoder
	for {
		token, err := in.Token()
		if err == io.EOF {
			return d.result()
		}
		if err == nil {
			err = d.token(token)
		} else {
			err = syntaxError(err)
		}
		if err != nil {
			return nil, err
		}
	}
}

// syntaxError is what encoding/xml found. Its text names the place and what is wrong there.
func syntaxError(err error) error {
	if syntax := (*xml.SyntaxError)(nil); errors.As(err, &syntax) {
		return errSyntax(fmt.Sprintf("%.120s: line %d", syntax.Msg, syntax.Line))
	}
	return errSyntax(fmt.Sprintf("%.120s", err))
}

// decoder makes a value of XML's events, as Unmarshaller in Lib/xmlrpc/client.py does: values go on a
// stack, and the end of an array or struct takes those from its mark on.
type decoder struct {
	stack   []any
	marks   []int
	text    []byte // since the last element began
	untyped bool   // in a value in which no element began
	kind    string // the last of params, fault and methodName
	depth   int
	over    bool // the outermost element has ended
}

func (d *decoder) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return d.start(t.Name.Local)
	case xml.EndElement:
		return d.end(t.Name.Local)
	case xml.CharData:
		if d.depth > 0 {
			d.text = append(d.text, t...)
		} else if len(bytes.TrimSpace(t)) > 0 {
			return errSyntax("text outside of the document element")
		}
	}
	return nil
}

func (d *decoder) start(tag string) error {
	switch {
	case d.over:
		return errSyntax("junk after document element")
	case d.depth == maxElements:
		return &LimitError{"levels of elements", maxElements}
	case tag == "array" || tag == "struct":
		if len(d.marks) == MaxDepth {
			return &LimitError{"levels of arrays and structs", MaxDepth}
		}
		d.marks = append(d.marks, len(d.stack))
	}
	if _, known := ends[tag]; d.untyped && !known {
		return &Error{ErrResponse.Exception, fmt.Sprintf("unknown tag %+.40q", tag)}
	}
	d.depth++
	d.text = d.text[:0]
	d.untyped = tag == "value"
	return nil
}

func (d *decoder) end(tag string) error {
	d.depth--
	d.over = d.depth == 0
	end, known := ends[tag]
	if !known {
		return nil
	}
	err := end(d, tag)
	// CPython keeps the text for the element around, where it has no meaning.
	d.text, d.untyped = d.text[:0], false
	return err
}

func (d *decoder) push(v any) { d.stack = append(d.stack, v) }

// cut takes the values from the last mark on off the stack.
func (d *decoder) cut() []any {
	mark := d.marks[len(d.marks)-1]
	d.marks = d.marks[:len(d.marks)-1]
	items := append([]any(nil), d.stack[mark:]...)
	clear(d.stack[mark:])
	d.stack = d.stack[:mark]
	return items
}

// ends says what the end of an element does: Unmarshaller.dispatch, of Python 2.7 and 3. It is filled
// in by init, for endValue leads back to it.
var ends map[string]func(d *decoder, tag string) error

func init() {
	ends = map[string]func(d *decoder, tag string) error{
		"nil": (*decoder).endNil, "boolean": (*decoder).endBoolean,
		"int": (*decoder).endInt, "biginteger": (*decoder).endInt,
		"i1": (*decoder).endInt, "i2": (*decoder).endInt,
		"i4": (*decoder).endInt, "i8": (*decoder).endInt,
		"double": (*decoder).endDouble, "float": (*decoder).endDouble,
		"bigdecimal": (*decoder).endDecimal,
		"string":     (*decoder).endString, "name": (*decoder).endString,
		"base64": (*decoder).endBase64, "dateTime.iso8601": (*decoder).endDateTime,
		"array": (*decoder).endArray, "struct": (*decoder).endStruct, "value": (*decoder).endValue,
		"params": (*decoder).endMessage, "fault": (*decoder).endMessage,
		"methodName": (*decoder).endMessage,
	}
}

func (d *decoder) endArray(string) error {
	d.push(&pickle.List{Items: d.cut()})
	return nil
}

func (d *decoder) endStruct(string) error {
	items := d.cut()
	if len(items)%2 != 0 {
		return &Error{"IndexError", "list index out of range"}
	}
	dict := new(pickle.Dict)
	for i := 0; i < len(items); i += 2 {
		if err := dict.Set(items[i], items[i+1]); err != nil {
			return err
		}
	}
	d.push(dict)
	return nil
}

// endValue takes a value without a type for a string.
func (d *decoder) endValue(tag string) error {
	if d.untyped {
		return d.endString(tag)
	}
	return nil
}

func (d *decoder) endMessage(tag string) error {
	d.kind = tag
	return nil
}

// result is Unmarshaller.close, and the one value that _xml_loads in multiprocessing/connection.py
// expects.
func (d *decoder) result() (any, error) {
	switch {
	case !d.over:
		return nil, errSyntax("no element found")
	case d.kind == "":
		return nil, ErrResponse
	case d.kind == "fault":
		return nil, d.fault()
	case len(d.stack) != 1:
		return nil, &Error{"ValueError", fmt.Sprintf("a message holds one value, not %d", len(d.stack))}
	}
	return d.stack[0], nil
}

func (d *decoder) fault() error {
	if len(d.stack) > 0 {
		if members, ok := d.stack[0].(*pickle.Dict); ok {
			code, _ := members.Get("faultCode")
			text, _ := members.Get("faultString")
			return &Fault{code, text}
		}
	}
	return ErrResponse
}
