// Package gopickle converts between the values of package pickle and the types of
// github.com/nlpodyssey/gopickle, for programs that hold those already.
//
// [ToTypes] and [FromTypes] keep what is shared shared, and cycles. [Load] runs gopickle's own
// decoder behind the checks of package pickle: bare, a legal set of bytes panics it, and thirteen
// bytes that announce a terabyte end the process. Programs that hold no gopickle types yet have no
// use for this package: pickle.Unmarshal reads more, faster.
//
//	package pickle              gopickle's types
//	int64                       int
//	*big.Int                    *big.Int
//	string, ByteString          string
//	[]byte                      []byte
//	*ByteArray                  *types.ByteArray
//	Tuple                       *types.Tuple
//	*List                       *types.List
//	*Dict                       *types.Dict
//	*Set, *FrozenSet            *types.Set, *types.FrozenSet
//	Global                      *types.GenericClass
//	*Object: OrderedDict        *types.OrderedDict
//	*Object: Class(*args)       *types.GenericObject
//	*Object with more to it     *Instance
//	complex, slice, range, ...  themselves: gopickle has nothing for them
package gopickle
