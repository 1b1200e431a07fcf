// Package xmlrpc reads and writes the messages of multiprocessing's serializer "xmlrpclib": the body
// that xmlrpc.client.dumps((obj,), allow_none=1) makes and xmlrpc.client.loads reads. It does no I/O;
// values are those of package pickle.
//
//	Python                XML                 written from              read as
//	None                  nil                 nil                       nil
//	bool                  boolean             bool                      bool
//	int of 32 bits        int                 int64, *big.Int           int64, *big.Int
//	float                 double              float64                   float64
//	str                   string              string, pickle.ByteString string
//	bytes, bytearray      base64              []byte, *pickle.ByteArray []byte
//	list, tuple           array               *pickle.List, Tuple       *pickle.List
//	dict with str keys    struct              *pickle.Dict              *pickle.Dict
//	datetime              dateTime.iso8601    *pickle.Object            *pickle.Object
//	plain instance        struct              *pickle.Object            *pickle.Dict
//
// What is written is what CPython writes, byte for byte; what CPython cannot write is an error with
// CPython's class and text. Read is what Python 2.7 and 3 read between them: other names of int
// (i1, i2, i4, i8, biginteger), float and bigdecimal, names with a prefix (ex:nil), text without a type,
// elements that mean nothing, any white space between.
//
// # Departures from CPython
//
//   - Text with characters that XML has no form for (most control characters) is an error here and not
//     a message that nobody can read.
//   - base64 is read as bytes and dateTime as datetime.datetime, which is what loads gives with
//     use_builtin_types, where a manager gets the wrappers Binary and DateTime. A dateTime that is no
//     datetime stays the wrapper. Both wrappers are written as CPython writes them.
//   - An object that its class's own recipe makes (__reduce__: an exception, a Fraction) is an error.
//     CPython writes such an instance's __dict__ where it has one, which loses what it is.
//   - A document type is skipped, and entities that it defines are an error: nothing is expanded.
//
// A carriage return is written as it is, as in CPython, and so arrives as a line feed: XML has it so.
//
// # Hostile input
//
// Reading takes memory in proportion to the message. Elements nest at most as deep as MaxDepth allows,
// and no function recurses on what a message holds; writing counts its depth and its length, since a
// value may hold one list many times.
package xmlrpc
