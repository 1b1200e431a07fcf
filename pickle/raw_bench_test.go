package pickle_test

import (
	"testing"

	"mpbridge/pickle"
)

func benchParse(b *testing.B, msg []byte) {
	b.Helper()
	var e pickle.Envelope
	b.ReportAllocs()
	b.SetBytes(int64(len(msg)))
	for b.Loop() {
		if err := e.Parse(msg); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEnvelopeProtocol4(b *testing.B) { benchParse(b, put("\x8c\x05hello\x94")) }

func BenchmarkEnvelopeProtocol2(b *testing.B) {
	benchParse(b, []byte("\x80\x02(U\x02idq\x01U\x03putq\x02U\x05helloq\x03\x85q\x04}q\x05tq\x06."))
}

func BenchmarkEnvelopeOfAMegabyte(b *testing.B) {
	benchParse(b, put("B\x00\x00\x10\x00"+string(make([]byte, 1<<20))+"\x94"))
}

func BenchmarkReplyOfASmallValue(b *testing.B) {
	var e pickle.Envelope
	if err := e.Parse(put("]\x94(K\x01K\x02h\x02e")); err != nil {
		b.Fatal(err)
	}
	r := e.Args[0].Clone()
	buf := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = r.AppendTagged(buf[:0], "#RETURN", e.Dialect); err != nil {
			b.Fatal(err)
		}
	}
}
