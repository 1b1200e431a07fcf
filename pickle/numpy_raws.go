package pickle

import "bytes"

// Raws returns what NewRaw makes of each row, in a fraction of the time: the pickles of the scalars of one array differ
// in the bytes of their values alone. It returns false where that is not so: for rows that are arrays or objects, and
// for Python 3's readers of protocol 2, to whom bytes are text. The Meter of the options counts what is made.
func (r *NumpyRows) Raws(o *EncodeOptions) ([]Raw, bool, error) {
	a := r.array
	if len(a.shape) != 1 || a.kind == 'O' || a.size == 0 || r.Len() == 0 {
		return nil, false, nil
	}
	model, at, err := r.model(o)
	if err != nil || at < 0 {
		return nil, false, err
	}
	if o != nil && o.Meter != nil {
		if err := o.Meter.Spend(r.Len(), r.Len()*(valueBytes+len(model.code))); err != nil {
			return nil, false, err
		}
	}
	out := make([]Raw, r.Len())
	for i := range out {
		from := i * a.strides[0] * a.size
		raw := model.Clone()
		copy(raw.code[at:], a.data[from:from+a.size])
		out[i] = raw
	}
	return out, true, nil
}

// model returns the pickle of a scalar of the array, and where in it the bytes of the value stand; -1 if they do not
// stand there as they are.
func (r *NumpyRows) model(o *EncodeOptions) (model Raw, at int, err error) {
	var two [2]Raw
	for i, fill := range []byte{0x00, 0xff} {
		data := bytes.Repeat([]byte{fill}, r.array.size)
		two[i], err = NewRaw(&Object{Kind: Reduce, Class: r.scalar, Args: Tuple{r.dtype, data}}, o)
		if err != nil {
			return Raw{}, -1, err
		}
	}
	a, b := two[0].code, two[1].code
	if len(a) != len(b) {
		return Raw{}, -1, nil
	}
	first, differ := -1, 0
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if first < 0 {
			first = i
		}
		if differ++; a[i] != 0x00 || b[i] != 0xff || i-first >= r.array.size {
			return Raw{}, -1, nil
		}
	}
	if differ != r.array.size {
		first = -1
	}
	return two[0], first, nil
}
