package values

import (
	"math/big"

	"mpbridge/pickle"
)

// weight is how many steps it takes to look at a value that nests in nothing, or to find out what an object
// is.
func weight(v any) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)/stepBytes
	case pickle.ByteString:
		return 1 + len(v)/stepBytes
	case []byte:
		return 1 + len(v)/stepBytes
	case *pickle.ByteArray:
		return 1 + len(v.Bytes)/stepBytes
	case *big.Int:
		if v != nil {
			return 1 + v.BitLen()/8/stepBytes
		}
	case *pickle.Object:
		return 1 + 4*textOf(v)/stepBytes
	}
	return 1
}

// textOf is how many bytes of text and bytes the arguments of an object have.
func textOf(o *pickle.Object) (n int) {
	args, _ := o.Args.(pickle.Tuple)
	for _, a := range args {
		switch a := a.(type) {
		case string:
			n += len(a)
		case pickle.ByteString:
			n += len(a)
		case []byte:
			n += len(a)
		case *big.Int:
			if a != nil {
				n += a.BitLen() / 8
			}
		}
	}
	return n
}

// partBytes is what a part of an object takes while it is looked at: a key in a dict.
const partBytes = 96

// opens counts what is made of an object to look at it as its class does: a dict of a Counter, a list of
// the elements of an array. Whoever calls it frees that once the object was looked at.
func (w *Budget) opens(v any) error {
	o, ok := v.(*pickle.Object)
	if !ok || w == nil {
		return nil
	}
	n, args := len(o.Items)+len(o.Pairs), pickle.Tuple(nil)
	args, _ = o.Args.(pickle.Tuple)
	for _, a := range args {
		switch a := a.(type) {
		case *pickle.Dict:
			n += a.Len()
		case *pickle.List:
			n += len(a.Items)
		case pickle.Tuple:
			n += len(a)
		case []byte:
			n += len(a)
		}
	}
	if err := w.Step(len(args)); err != nil {
		return err
	}
	if err := w.MakeEach(n, partBytes); err != nil {
		return err
	}
	return w.Make(0, int64(2*textOf(o)))
}
