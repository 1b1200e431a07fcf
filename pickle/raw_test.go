package pickle_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mpbridge/pickle"
)

// The requests are as CPython's picklers write them: protocol.md's transcripts of put and get.
func put(value string) []byte { return request("\x8c\x03put\x94", value+"\x85\x94") }

func request(method, args string) []byte {
	return []byte("\x80\x04(\x8c\x02id\x94" + method + args + "}\x94t\x94.")
}

func parse(t *testing.T, msg []byte) *pickle.Envelope {
	t.Helper()
	var e pickle.Envelope
	require.NoError(t, e.Parse(msg))
	return &e
}

func TestEnvelopeKeepsArgumentsPickled(t *testing.T) {
	cases := []struct {
		name string
		msg  []byte
		want []any
	}{
		{"one argument", put("\x8c\x05hello\x94"), []any{"hello"}},
		{"no argument", request("\x8c\x03get\x94", ")"), nil},
		{"two arguments", request("\x8c\x03get\x94", "\x88K\x05\x86\x94"), []any{true, int64(5)}},
		{"four arguments behind a mark", request("\x8c\x01f\x94", "(K\x01K\x02K\x03K\x04t\x94"),
			[]any{int64(1), int64(2), int64(3), int64(4)}},
		{"a list that is filled in batches", put("]\x94(K\x01K\x02eK\x03a"),
			[]any{&pickle.List{Items: []any{int64(1), int64(2), int64(3)}}}},
		{"the name of the method as an argument", request("\x8c\x03put\x94", "h\x01\x85\x94"),
			[]any{"put"}},
		{"the same object twice", request("\x8c\x01f\x94", "\x8c\x01a\x94h\x02\x86\x94"),
			[]any{"a", "a"}},
		{"the same list twice", request("\x8c\x01f\x94", "]\x94h\x02\x86\x94"),
			[]any{&pickle.List{Items: []any{}}, &pickle.List{Items: []any{}}}},
		{"protocol 2 of Python 2", []byte("\x80\x02(U\x02idq\x01U\x03putq\x02U\x05helloq\x03\x85q\x04" +
			"}q\x05tq\x06."), []any{pickle.ByteString("hello")}},
		{"arguments in a list", []byte("\x80\x04(\x8c\x02id\x8c\x03put]K\x01a}t."), []any{int64(1)}},
		{"DUP, which no pickler writes", []byte("\x80\x04(\x8c\x02id\x8c\x01fK\x012\x86}t."),
			[]any{int64(1), int64(1)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := parse(t, c.msg)
			assert.Equal(t, "id", string(e.Ident))
			var got []any
			for _, a := range e.Args {
				v, err := a.Any()
				require.NoError(t, err)
				got = append(got, v)
			}
			require.Len(t, got, len(c.want))
			for i := range got {
				assert.EqualValues(t, pickled(t, c.want[i]), pickled(t, got[i]))
			}
		})
	}
}

func pickled(t *testing.T, v any) string {
	t.Helper()
	b, err := pickle.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestEnvelopeReadsKeywordArguments(t *testing.T) {
	e := parse(t, []byte("\x80\x04(\x8c\x02id\x94\x8c\x03get\x94)}\x94\x8c\x07timeout\x94K\x05st\x94."))
	require.Len(t, e.Kwargs, 1)
	assert.Equal(t, "timeout", string(e.Kwargs[0].Name))
	v, err := e.Kwargs[0].Value.Any()
	require.NoError(t, err)
	assert.Equal(t, int64(5), v)
}

func TestEnvelopeTellsTheSendersDialect(t *testing.T) {
	e := parse(t, []byte("\x80\x02(NU\x05dummy)}t."))
	assert.Equal(t, pickle.Dialect{Protocol: 2, NativeBytes: true}, e.Dialect)
	assert.Nil(t, e.Ident)
	e = parse(t, put("N"))
	assert.Equal(t, pickle.Dialect{Protocol: 4}, e.Dialect)
}

func TestEnvelopeRefuses(t *testing.T) {
	cases := []struct{ name, msg string }{
		{"nothing", ""},
		{"garbage", "GET / HTTP/1.1\r\n\r\n"},
		{"a number", "\x80\x04K\x01."},
		{"three parts", "\x80\x04\x8c\x01a\x8c\x01b)\x87."},
		{"an unknown protocol", "\x80\x09N."},
		{"a length beyond the end", "\x80\x04(\x8e\xff\xff\xff\xff\xff\xff\xff\x7f"},
		{"a frame beyond the end", "\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00N."},
		{"an unfinished value", "\x80\x04(\x8c\x02id"},
		{"a pop below the bottom", "\x80\x040."},
		{"a tuple without its mark", "\x80\x04K\x01t."},
		{"two values", "\x80\x04K\x01K\x02."},
		{"a method that is no text", "\x80\x04(NK\x01)}t."},
		{"a memo entry that is not there", "\x80\x04(NX\x01\x00\x00\x00a(h\x09t}t."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var e pickle.Envelope
			err := e.Parse([]byte(c.msg))
			if err == nil { // the outline is right: the argument is not
				require.NotEmpty(t, e.Args)
				_, err = e.Args[0].Any()
			}
			assert.Error(t, err)
		})
	}
}

func TestEnvelopeAllocatesNothing(t *testing.T) {
	msg := put("]\x94(K\x01K\x02K\x03\x8c\x05hello\x94e")
	var e pickle.Envelope
	n := testing.AllocsPerRun(100, func() {
		if err := e.Parse(msg); err != nil {
			t.Error(err)
		}
	})
	assert.Zero(t, n)
}

func TestRawKeepsItsMemoInAReply(t *testing.T) {
	cases := []struct{ name, value string }{
		{"no memo", "K\x01"},
		{"its own entry", "]\x94(\x8c\x05hello\x94h\x03h\x02e"},
		{"a list that contains itself", "]\x94h\x02a"},
		{"a class read twice", "\x8c\x01m\x94\x8c\x01C\x94\x93\x94)\x81h\x04)\x81\x86\x94"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := parse(t, put(c.value))
			want, err := e.Args[0].Any()
			require.NoError(t, err)
			for _, d := range []pickle.Dialect{{Protocol: 4}, {Protocol: 5}, {Protocol: 2, NativeBytes: true}} {
				reply, err := e.Args[0].AppendTagged(nil, "#RETURN", d)
				require.NoError(t, err)
				var got any
				require.NoError(t, pickle.Unmarshal(reply, &got))
				tuple := got.(pickle.Tuple)
				assert.Equal(t, pickled(t, want), pickled(t, tuple[1]))
			}
		})
	}
}

func TestRawElementsStandAlone(t *testing.T) {
	doc := "\x80\x04]\x94(\x8c\x01m\x94\x8c\x01C\x94\x93\x94)\x81\x94}\x94\x8c\x01x\x94K\x01sb" +
		"h\x03)\x81\x94}\x94h\x06K\x02sbe."
	r, err := pickle.ParseRaw([]byte(doc))
	require.NoError(t, err)
	parts, err := r.Elements()
	require.NoError(t, err)
	require.Len(t, parts, 2)
	v, err := parts[1].Any()
	require.NoError(t, err)
	o := v.(*pickle.Object)
	assert.Equal(t, pickle.Global{Module: "m", Name: "C"}, o.Class)
	x, _ := o.State.(*pickle.Dict).Get("x")
	assert.Equal(t, int64(2), x)
}

func TestManyRawsShareOneReply(t *testing.T) {
	a := parse(t, put("]\x94h\x02a")).Args[0]
	b := parse(t, []byte("\x80\x02(U\x02idq\x00U\x03putq\x01]q\x02h\x02a\x85q\x03}q\x04tq\x05.")).Args[0]
	for _, proto := range []int{2, 3, 4, 5} {
		o := pickle.EncodeOptions{Protocol: proto}
		doc, err := o.Marshal(&pickle.List{Items: []any{a, b, a}})
		require.NoError(t, err)
		var got any
		require.NoError(t, pickle.Unmarshal(doc, &got))
		for _, it := range got.(*pickle.List).Items {
			l := it.(*pickle.List)
			require.Len(t, l.Items, 1)
			assert.Same(t, l, l.Items[0], "protocol %d", proto)
		}
	}
}

func TestRawIsRewrittenForOlderReaders(t *testing.T) {
	python2 := pickle.Dialect{Protocol: 2, NativeBytes: true}
	cases := []struct{ name, value, want string }{
		{"short text", "\x8c\x01a\x94", "X\x01\x00\x00\x00a"},
		{"bytes become str", "C\x01a\x94", "U\x01a"},
		{"a class of Python 3", "\x8c\x05queue\x94\x8c\x05Empty\x94\x93\x94)R\x94", "cQueue\nEmpty\n"},
		{"a set", "\x8f\x94(K\x01\x90", "c__builtin__\nset\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			reply, err := parse(t, put(c.value)).Args[0].AppendTagged(nil, "#RETURN", python2)
			require.NoError(t, err)
			assert.Contains(t, string(reply), c.want)
			assert.Equal(t, byte(2), reply[1])
		})
	}
}

func TestPython2BytesReachPython3AsBytes(t *testing.T) {
	msg := []byte("\x80\x02(U\x02idU\x03putU\x02\xff\xfe\x85}t.")
	reply, err := parse(t, msg).Args[0].AppendTagged(nil, "#RETURN", pickle.Dialect{Protocol: 4})
	require.NoError(t, err)
	var got any
	require.NoError(t, pickle.Unmarshal(reply, &got))
	assert.Equal(t, []byte("\xff\xfe"), got.(pickle.Tuple)[1])
}

func TestFramesAreLeftOut(t *testing.T) {
	inner := "]\x94(K\x01\x95\x0a\x00\x00\x00\x00\x00\x00\x00K\x02e\x85\x94}\x94t\x94."
	msg := []byte("\x80\x04\x95\x12\x00\x00\x00\x00\x00\x00\x00(\x8c\x02id\x94\x8c\x03put\x94" + inner)
	r := parse(t, msg).Args[0]
	reply, err := r.AppendTagged(nil, "#RETURN", pickle.Dialect{Protocol: 4})
	require.NoError(t, err)
	assert.NotContains(t, string(reply), "\x95")
	segs, err := r.TaggedBuffers("#RETURN", pickle.Dialect{Protocol: 4})
	require.NoError(t, err)
	var joined []byte
	for _, s := range segs {
		joined = append(joined, s...)
	}
	assert.Equal(t, reply, joined)
}

func FuzzEnvelope(f *testing.F) {
	f.Add(put("]\x94h\x02a"))
	f.Add(put("\x8c\x01m\x94\x8c\x01C\x94\x93\x94)\x81h\x04)\x81\x86\x94"))
	f.Add([]byte("\x80\x02(U\x02idq\x01U\x03putq\x02U\x05helloq\x03\x85q\x04}q\x05tq\x06."))
	f.Add([]byte("\x80\x04(\x8c\x02id\x94\x8c\x03get\x94)}\x94\x8c\x07timeout\x94K\x05st\x94."))
	f.Fuzz(func(t *testing.T, msg []byte) {
		var e pickle.Envelope
		if e.Parse(msg) != nil {
			return
		}
		for _, a := range e.Args {
			checkRaw(t, a)
		}
	})
}

func FuzzRaw(f *testing.F) {
	f.Add([]byte("\x80\x04]\x94(\x8c\x01m\x94\x8c\x01C\x94\x93\x94)\x81\x94h\x03)\x81\x94e."))
	f.Add([]byte("(lp0\ng0\na."))
	f.Add([]byte("\x80\x02]q\x00(h\x00K\x01X\x01\x00\x00\x00aq\x01h\x01e."))
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := pickle.ParseRaw(doc)
		if err != nil {
			return
		}
		checkRaw(t, r)
		if parts, err := r.Elements(); err == nil {
			for _, p := range parts[:min(len(parts), 8)] {
				checkRaw(t, p)
			}
		}
	})
}

// checkRaw asks that what can be decoded is the same value in every reply it can be put into.
func checkRaw(t *testing.T, r pickle.Raw) {
	t.Helper()
	want, err := r.Any()
	if err != nil {
		return
	}
	canon, err := pickle.Marshal(want)
	if err != nil {
		return
	}
	for _, d := range []pickle.Dialect{{Protocol: r.Protocol()}, {Protocol: 3}, {Protocol: 5}} {
		reply, err := r.AppendTagged(nil, "#RETURN", d)
		if err != nil {
			continue
		}
		var got pickle.Tuple
		var v any
		require.NoError(t, pickle.Unmarshal(reply, &v), "%q in %q", r.Bytes(), reply)
		got = v.(pickle.Tuple)
		again, err := pickle.Marshal(got[1])
		require.NoError(t, err)
		if len(again) != len(canon) {
			t.Fatalf("%q is %q, in a reply %q", r.Bytes(), canon, again)
		}
	}
}

// tupleOf is the pickle of a tuple whose one element is a tuple of n None.
func tupleOf(n int) []byte {
	return []byte("\x80\x04(" + strings.Repeat("N", n) + "t\x85.")
}

func TestARawIsDecodedWithItsOptions(t *testing.T) {
	doc := tupleOf(40)
	var kept pickle.Raw
	require.NoError(t, (&pickle.DecodeOptions{MaxItems: 20}).Unmarshal(doc, &kept))
	plain, err := pickle.ParseRaw(doc)
	require.NoError(t, err)
	given := plain.WithOptions(&pickle.DecodeOptions{MaxItems: 20})
	for name, r := range map[string]pickle.Raw{"kept": kept, "given": given} {
		t.Run(name, func(t *testing.T) {
			var limit *pickle.LimitError
			_, err := r.Any()
			require.ErrorAs(t, err, &limit)
			var v []any
			require.ErrorAs(t, r.Unmarshal(&v), &limit)
			parts, err := r.Elements()
			require.NoError(t, err, "nothing is decoded")
			_, err = parts[0].Any()
			require.ErrorAs(t, err, &limit, "a part has the options of the whole")
			_, err = r.Clone().Any()
			require.ErrorAs(t, err, &limit)
			_, err = r.WithOptions(nil).Any()
			require.NoError(t, err)
		})
	}
}

func TestARawThatIsRewrittenIsDecodedWithItsOptions(t *testing.T) {
	r, err := pickle.NewRaw(strings.Repeat("é", 40), &pickle.EncodeOptions{Protocol: 4})
	require.NoError(t, err)
	two := pickle.Dialect{Protocol: 2, NativeBytes: true}
	_, err = r.Rewritten(two)
	require.NoError(t, err)
	_, err = r.WithOptions(&pickle.DecodeOptions{MaxBytes: 20}).Rewritten(two)
	var limit *pickle.LimitError
	require.ErrorAs(t, err, &limit)
}

func TestTheArgumentsOfAnEnvelopeAreDecodedWithItsOptions(t *testing.T) {
	e := pickle.Envelope{Decode: &pickle.DecodeOptions{MaxItems: 20}}
	require.NoError(t, e.Parse(request("\x8c\x01f", "("+strings.Repeat("N", 40)+"t\x85")))
	_, err := e.Args[0].Any()
	var limit *pickle.LimitError
	require.ErrorAs(t, err, &limit)
}

func TestAnEnvelopeInAnUnusualShapeIsDecodedWithItsOptions(t *testing.T) {
	msg := request("\x8c\x01f", "]("+strings.Repeat("N", 40)+"e")
	e := pickle.Envelope{Decode: &pickle.DecodeOptions{MaxItems: 20}}
	var limit *pickle.LimitError
	require.ErrorAs(t, e.Parse(msg), &limit)
	e.Decode = &pickle.DecodeOptions{MaxItems: 100}
	require.NoError(t, e.Parse(msg))
	assert.Len(t, e.Args, 40)
}
func TestAnItemThatAGoClientPassesOnIsNotDecoded(t *testing.T) {
	const n = 1<<20 + 1 // values, more than a message may have that is decoded whole
	item := append([]byte("\x80\x04]\x94("), bytes.Repeat([]byte("K\x01"), n)...)
	item = append(item, "e."...)
	var r pickle.Raw
	require.NoError(t, pickle.Unmarshal(item, &r))
	for protocol := 4; protocol <= pickle.HighestProtocol; protocol++ {
		options := &pickle.EncodeOptions{Protocol: protocol}
		request, err := options.Marshal(pickle.Tuple{"ident", "put", pickle.Tuple{r}, pickle.NewDict()})
		require.NoError(t, err)
		var e pickle.Envelope
		require.NoError(t, e.Parse(request))
		require.Len(t, e.Args, 1)
		assert.True(t, bytes.Equal(item[2:], e.Args[0].Bytes()[2:]), "all behind PROTO is as it was")
	}
}
