package values

import (
	"math/big"

	"mpbridge/pickle"
)

// Truth returns bool(v). What has none, as an array of several elements, is false; what cannot be opened is true, and
// so is NotImplemented, of which Python 3.14 does not say.
func Truth(v any) bool {
	yes, _ := (*Budget)(nil).Truth(v)
	return yes
}

// Truth is the function Truth within the budget, with the ValueError of what has no truth.
func (w *Budget) Truth(v any) (bool, error) {
	m := w.Mark()
	defer w.Free(m)
	err := w.opens(v)
	if err != nil {
		return false, err
	}
	yes := false
	if o, ok := v.(*pickle.Object); ok {
		yes, err = truthOfObject(w, o)
	} else if isNA(v) {
		err = typeError("boolean value of NA is ambiguous")
	} else {
		yes = truth(v)
	}
	if err != nil {
		return false, err
	}
	return yes, w.Step(1)
}

// isNA tells whether a value is pandas.NA.
func isNA(v any) bool {
	g, ok := v.(pickle.Global)
	return ok && g.Name == "NA" && (g.Module == "pandas" || g.Module == "pandas._libs.missing")
}

// truth is bool() of what is no object.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case string:
		return v != ""
	case pickle.ByteString:
		return v != ""
	case []byte:
		return len(v) > 0
	case *pickle.ByteArray:
		return len(v.Bytes) > 0
	case pickle.Tuple:
		return len(v) > 0
	case *pickle.List:
		return len(v.Items) > 0
	case *pickle.Dict:
		return v.Len() > 0
	case *pickle.Set:
		return v.Len() > 0
	case *pickle.FrozenSet:
		return v.Len() > 0
	case pickle.Range:
		return bigOf(v.Stop).Cmp(bigOf(v.Start))*bigOf(v.Step).Sign() > 0
	case pickle.Global:
		n, ok := pickle.NamedMember(v)
		return !ok || n != 0
	}
	if n, ok := number(v); ok {
		return !equalNumbers(n, int64(0))
	}
	return true
}

func bigOf(v any) *big.Int {
	switch n, _ := number(v); n := n.(type) {
	case int64:
		return big.NewInt(n)
	case *big.Int:
		return n
	}
	return new(big.Int)
}
