package main

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func allPickles(in io.Reader) (docs []string, err error) {
	for r, e := range pickles(in) {
		if err = e; err == nil {
			docs = append(docs, string(r.Bytes()))
		}
	}
	return docs, err
}

func TestPicklesAreCutWhereTheyEnd(t *testing.T) {
	var stream bytes.Buffer
	var want []string
	for _, v := range []any{nil, "text with . in it", []byte("...."), []int{1, 2}, bytes.Repeat([]byte("."), 200_000)} {
		doc, err := pickle.Marshal(v)
		require.NoError(t, err)
		stream.Write(doc)
		want = append(want, string(doc))
	}
	for name, in := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader,
		"halves": iotest.HalfReader, "the end with the last": iotest.DataErrReader,
	} {
		got, err := allPickles(in(bytes.NewReader(stream.Bytes())))
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func TestAStreamThatEndsWithinAPickleIsAnError(t *testing.T) {
	_, err := allPickles(bytes.NewReader([]byte("N.\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00N")))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	broken := errors.New("broken")
	_, err = allPickles(io.MultiReader(bytes.NewReader([]byte("N.X")), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
}

func FuzzPickles(f *testing.F) {
	f.Add([]byte("N.I1\n.\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N.]."))
	f.Add([]byte("N.X"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		whole, err1 := allPickles(bytes.NewReader(stream))
		parts, err2 := allPickles(iotest.OneByteReader(bytes.NewReader(stream)))
		require.Equal(t, whole, parts)
		require.Equal(t, err1 == nil, err2 == nil, "%v, %v", err1, err2)
	})
}
